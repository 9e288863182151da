import type { AuditRecord } from '../../api/access_types.ts';
import type { Column } from '../../components/data_table.tsx';
import { diffFields } from '../../components/diff.ts';
import { Time } from '../../components/time.tsx';
import { formatCount } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';

export const kAuditColumns: Column<AuditRecord>[] = [
  {
    id: 'sequence',
    header: 'No.',
    width: '64px',
    align: 'right',
    cell: (record) => formatCount(record.sequence).value,
  },
  {
    id: 'time',
    header: 'Time',
    width: '160px',
    cell: (record) => (
      <Link href={`/audit/${record.id}${location.search}`} tabIndex={-1} className="num">
        <Time us={record.at_us} as="minute" />
      </Link>
    ),
  },
  {
    id: 'actor',
    header: 'Actor',
    width: 'minmax(130px, 1fr)',
    cell: (record) => <span title={record.actor}>{actorName(record)}</span>,
  },
  {
    id: 'action',
    header: 'Action',
    width: 'minmax(120px, 0.8fr)',
    cell: (record) => <b>{record.action}</b>,
  },
  {
    id: 'object',
    header: 'Object',
    width: 'minmax(140px, 1fr)',
    cell: (record) => <span title={record.object}>{nameOf(record) ?? record.object}</span>,
  },
  {
    id: 'changed',
    header: 'What changed',
    width: 'minmax(160px, 1.6fr)',
    cell: (record) => <span className="soft">{changeWords(record)}</span>,
  },
];

const kCompactIds = ['time', 'action', 'object'];

export const kCompactAuditColumns = kAuditColumns.filter(({ id }) => kCompactIds.includes(id));

/** Nobody had to log in: whoever reached the server. */
export function actorName({ actor, actor_name: name }: AuditRecord): string {
  return name || actor || 'anybody';
}

/** The name of the object, where its document tells one: an id alone says little. */
export function nameOf({ object, before, after }: AuditRecord): string | null {
  const document = after ?? before ?? {};
  for (const field of ['name', 'email', 'path']) {
    const value = document[field];
    if (typeof value === 'string' && value) return `${object.split(':')[0]} ${value}`;
  }
  return null;
}

/** "made", "deleted", or the fields that differ. */
export function changeWords({ before, after }: AuditRecord): string {
  if (!before && !after) return '';
  if (!before) return 'made';
  if (!after) return 'deleted';
  const fields = diffFields(before, after).map(({ path }) => path.replace(/[.[].*$/, ''));
  return [...new Set(fields)].join(', ') || 'nothing';
}
