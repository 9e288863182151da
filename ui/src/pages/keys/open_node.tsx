import type { Group, IssuedKey, KeyView } from '../../api/access_types.ts';
import { Command, Empty } from '../../components/notice.tsx';
import { Detail } from '../../components/split.tsx';
import { GroupDetail } from './group_detail.tsx';
import type { Usage } from './key_columns.tsx';
import { KeyDetail } from './key_detail.tsx';

interface Props {
  /** "key:<id>" or "group:<path>" */
  id: string;
  keys: KeyView[];
  groups: Group[];
  usage: Usage;
  onClose: () => void;
  onRotated: (issued: IssuedKey) => void;
}

/** What the URL names, also where a filter or a folded group hides it in the tree. */
export function OpenNode({ id, keys, groups, usage, onClose, onRotated }: Props) {
  const [kind, name] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
  if (kind === 'key') {
    const view = keys.find(({ key }) => key.id === name);
    if (view) return <KeyDetail key={id} view={view} usage={usage} onClose={onClose} onRotated={onRotated} />;
  } else if (groups.some(({ path }) => path === name || path.startsWith(`${name}/`))) {
    const group = groups.find(({ path }) => path === name) ?? null;
    return <GroupDetail key={id} path={name} group={group} keys={keys} usage={usage} onClose={onClose} />;
  }
  return (
    <Detail
      label={name}
      bodyLabel="Details"
      title={<span className="mono clip">{name}</span>}
      onClose={onClose}
    >
      <Empty title={`There is no ${kind} of this name`}>
        <p>It may have been deleted, or the link is from another server.</p>
        <Command>{kind === 'key' ? 'penstock keys list' : 'penstock groups list'}</Command>
      </Empty>
    </Detail>
  );
}
