import { useState } from 'react';
import { useDeleteGroup } from '../../api/access_queries.ts';
import type { Group, KeyView } from '../../api/access_types.ts';
import { useMay } from '../../api/me.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { Fact, FactList, Section } from '../../components/facts.tsx';
import { Detail } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { Link } from '../../router/router.tsx';
import { EditGroupDialog } from './group_dialog.tsx';
import type { Usage } from './key_columns.tsx';
import { hrefOfGroup, hrefOfKey, lineOf } from './key_tree.ts';
import { BudgetFacts, UseFacts } from './use_facts.tsx';

interface Props {
  path: string;
  /** Null: it has no row of its own, only groups below. */
  group: Group | null;
  keys: KeyView[];
  usage: Usage;
  onClose: () => void;
}

const kKeysShownMax = 50;

export function GroupDetail({ path, group, keys, usage, onClose }: Props) {
  const may = useMay();
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const canChange = may('manage_keys') && group?.source === 'database';
  const own = keys.filter(({ key, status }) => key.group === path && status === 'active');
  const above = lineOf(path).slice(0, -1);
  return (
    <Detail
      label="Group"
      bodyLabel="Details of the group"
      onClose={onClose}
      title={<span className="clip">Group</span>}
      actions={
        canChange && (
          <>
            <Button look="ghost" onClick={() => setDialog('edit')}>
              Edit
            </Button>
            <Button look="danger" onClick={() => setDialog('delete')}>
              Delete
            </Button>
          </>
        )
      }
    >
      <div className="detail-title">
        <h2 className="clip">{path}</h2>
        {group?.source === 'config' && <Badge tone="calm">penstock.yaml</Badge>}
        {group && group.created_at_us > 0 && (
          <span className="soft">
            made <Time us={group.created_at_us} as="ago" />
          </span>
        )}
      </div>
      {group?.description && <p>{group.description}</p>}
      {group ? (
        <>
          <BudgetFacts use={group} usage={usage.get(`group:${path}`)} />
          <FactList>
            {above.length > 0 && (
              <Fact name="Below">
                {above.map((parent) => (
                  <Link key={parent} href={hrefOfGroup(parent)}>
                    {parent}
                  </Link>
                ))}
              </Fact>
            )}
            <UseFacts use={group} />
          </FactList>
        </>
      ) : (
        <p className="soft">Only groups below it exist; it limits nothing itself.</p>
      )}
      <Section title={`Active keys in this group: ${own.length}`}>
        <p className="key-links">
          {own.slice(0, kKeysShownMax).map(({ key }) => (
            <Link key={key.id} href={hrefOfKey(key.id)}>
              {key.name}
            </Link>
          ))}
          {own.length > kKeysShownMax && <span className="faint">and more in the list</span>}
        </p>
      </Section>
      <Section title="What it did">
        <p className="key-links">
          <Link href={`/cost?by=key&group=${encodeURIComponent(path)}`}>Its cost</Link>
          {may('read_audit') && (
            <Link href={`/audit?object=group:${encodeURIComponent(path)}`}>Its changes</Link>
          )}
        </p>
      </Section>
      {dialog === 'edit' && group && <EditGroupDialog value={group} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <DeleteDialog path={path} onDeleted={onClose} onClose={() => setDialog(null)} />
      )}
    </Detail>
  );
}

function DeleteDialog({
  path,
  onDeleted,
  onClose,
}: {
  path: string;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const remove = useDeleteGroup(path);
  return (
    <ConfirmDialog
      title={`Delete ${path}?`}
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(() => undefined, { onSuccess: onDeleted })}
      onClose={onClose}
    >
      <p>
        Its limits and its budget end. Only a group that no key and no group below it uses can be deleted.
      </p>
    </ConfirmDialog>
  );
}
