import type { Whose } from '../../api/account_queries.ts';
import { useUsers } from '../../api/account_queries.ts';
import { useMay, useMe } from '../../api/me.ts';
import { Segmented } from '../../components/segmented.tsx';

/** One's own, or everybody's; shown to who manages users. */
export function WhoseFilter({ value, onChange }: { value: Whose; onChange: (whose: Whose) => void }) {
  if (!useMay()('manage_users')) return null;
  return (
    <Segmented
      label="Whose"
      value={value}
      options={[
        { value: 'me', label: 'Mine' },
        { value: 'all', label: 'Everybody’s' },
      ]}
      onChange={(chosen) => onChange(chosen === 'all' ? 'all' : 'me')}
    />
  );
}

/** The address of an account, where the reader may know it. */
export function Owner({ id }: { id: string }) {
  const me = useMe().data;
  if (me?.user?.id === id) return me.user.email;
  return <OtherOwner id={id} />;
}

function OtherOwner({ id }: { id: string }) {
  const user = useUsers().data?.items.find((one) => one.id === id);
  return user ? user.email : <span className="mono">{id}</span>;
}
