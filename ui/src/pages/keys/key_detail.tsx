import { useState } from 'react';
import { useRevokeKey } from '../../api/access_queries.ts';
import type { IssuedKey, Key, KeyView } from '../../api/access_types.ts';
import { useMay } from '../../api/me.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { Fact, FactList, Section } from '../../components/facts.tsx';
import { Detail } from '../../components/split.tsx';
import { Time } from '../../components/time.tsx';
import { Link } from '../../router/router.tsx';
import { KeyStatusBadge, type Usage } from './key_columns.tsx';
import { EditKeyDialog } from './key_dialog.tsx';
import { hrefOfGroup, lineOf } from './key_tree.ts';
import { RotateDialog } from './rotate_dialog.tsx';
import { BudgetFacts, UseFacts } from './use_facts.tsx';

interface Props {
  view: KeyView;
  usage: Usage;
  onClose: () => void;
  onRotated: (issued: IssuedKey) => void;
}

export function KeyDetail({ view, usage, onClose, onRotated }: Props) {
  const { key, status } = view;
  const may = useMay();
  const [dialog, setDialog] = useState<'edit' | 'rotate' | 'revoke' | null>(null);
  const canChange = may('manage_keys') && key.source === 'database' && status !== 'revoked';
  const done = () => setDialog(null);
  return (
    <Detail
      label="Key"
      bodyLabel="Details of the key"
      onClose={onClose}
      title={<span className="clip">Key</span>}
      actions={
        canChange && (
          <>
            <Button look="ghost" onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button look="ghost" icon="redo" onClick={() => setDialog('rotate')}>
              Rotate
            </Button>
            <Button look="danger" onClick={() => setDialog('revoke')}>
              Revoke
            </Button>
          </>
        )
      }
    >
      <div className="detail-title">
        <h2 className="clip">{key.name}</h2>
        <KeyStatusBadge view={view} />
        <span className="soft">
          made <Time us={key.created_at_us} as="ago" />
        </span>
      </div>
      <BudgetFacts use={key} usage={usage.get(`key:${key.id}`)} />
      <FactList>
        <Fact name="Id">
          <span className="mono">{key.id}</span>
          <CopyButton text={key.id} label="Copy the id" />
        </Fact>
        <Fact name="Group">
          <GroupLine path={key.group} />
        </Fact>
        <UseFacts use={key} />
        <KeyTimes value={key} />
        {key.created_by && <Fact name="Made by">{key.created_by}</Fact>}
        {key.role !== 'client' && <Fact name="Role">{key.role}</Fact>}
        {key.source === 'config' && (
          <Fact name="Source">penstock.yaml; it is changed there or on the Gateway page</Fact>
        )}
      </FactList>
      <Section title="What it did">
        <p className="key-links">
          <Link href={`/cost?by=model&key=${encodeURIComponent(key.id)}`}>Its cost</Link>
          {may('read_audit') && (
            <Link href={`/audit?object=key:${encodeURIComponent(key.id)}`}>Its changes</Link>
          )}
        </p>
      </Section>
      {dialog === 'edit' && <EditKeyDialog value={key} onClose={done} />}
      {dialog === 'rotate' && (
        <RotateDialog
          value={key}
          onClose={done}
          onRotated={(issued) => {
            done();
            onRotated(issued);
          }}
        />
      )}
      {dialog === 'revoke' && <RevokeDialog value={key} onClose={done} />}
    </Detail>
  );
}

function RevokeDialog({ value, onClose }: { value: Key; onClose: () => void }) {
  const revoke = useRevokeKey(value.id);
  return (
    <ConfirmDialog
      title={`Revoke ${value.name}?`}
      action="Revoke"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(() => undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>
        Whatever uses this key is refused from now on. That is for good; to give clients time, rotate it with
        an overlap instead. Its records and its spending stay.
      </p>
    </ConfirmDialog>
  );
}

function GroupLine({ path }: { path: string | null }) {
  if (!path) return <span className="faint">none</span>;
  return lineOf(path).map((group, index) => (
    <span key={group}>
      {index > 0 && <span className="faint">/ </span>}
      <Link href={hrefOfGroup(group)}>{group.split('/').at(-1)}</Link>
    </span>
  ));
}

function KeyTimes({ value }: { value: Key }) {
  return (
    <>
      <Fact name="Expires">
        {value.expires_at_us === null ? (
          <span className="faint">never</span>
        ) : (
          <Time us={value.expires_at_us} as="minute" />
        )}
      </Fact>
      {value.previous_until_us !== null && (
        <Fact name="Secret before">
          works until <Time us={value.previous_until_us} as="minute" />
        </Fact>
      )}
      {value.revoked_at_us !== null && (
        <Fact name="Revoked">
          <Time us={value.revoked_at_us} as="minute" />
        </Fact>
      )}
    </>
  );
}
