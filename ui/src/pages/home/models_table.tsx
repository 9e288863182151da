import { useMemo } from 'react';
import type { Model, ModelUsage } from '../../api/types.ts';
import { Amount } from '../../components/amount.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { Command, Empty } from '../../components/notice.tsx';
import { Badge, type Tone } from '../../components/status.tsx';
import { formatBytes, formatCost, formatCount, kNothing, shortDigest } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';

type Row = Model & { usage: ModelUsage | undefined };

const kTones: Record<Model['status'], Tone> = {
  ready: 'good',
  starting: 'warn',
  failed: 'bad',
  remote: 'calm',
};

const kColumns: Column<Row>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(190px, 1.4fr)',
    sort: (row) => row.name,
    cell: (row) =>
      row.kind === 'chat' ? (
        <Link href={`/playground?model=${encodeURIComponent(row.name)}`} title="Open in the Playground">
          <b>{row.name}</b>
        </Link>
      ) : (
        <b>{row.name}</b>
      ),
  },
  { id: 'kind', header: 'Kind', width: '92px', sort: (row) => row.kind, cell: (row) => row.kind },
  {
    id: 'status',
    header: 'Status',
    width: '84px',
    sort: (row) => row.status,
    cell: (row) => <Badge tone={kTones[row.status]}>{row.status}</Badge>,
  },
  { id: 'version', header: 'Version', width: '64px', cell: (row) => row.version ?? '–' },
  {
    id: 'digest',
    header: 'Digest',
    width: '112px',
    cell: (row) =>
      row.digest ? (
        <span className="mono soft" title={row.digest}>
          {shortDigest(row.digest)}
        </span>
      ) : (
        '–'
      ),
  },
  { id: 'licence', header: 'Licence', width: '100px', cell: (row) => row.licence ?? '–' },
  {
    id: 'source',
    header: 'Source',
    width: 'minmax(150px, 1fr)',
    cell: (row) => <span title={row.source ?? row.upstream ?? ''}>{row.source ?? row.upstream ?? '–'}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    width: '84px',
    align: 'right',
    sort: (row) => row.size_bytes,
    cell: (row) => <Amount of={formatBytes(row.size_bytes)} />,
  },
  {
    id: 'requests',
    header: 'Requests',
    width: '84px',
    align: 'right',
    sort: (row) => row.usage?.requests ?? 0,
    cell: (row) => (
      <Link href={`/requests?model=${encodeURIComponent(row.name)}`} title="Its requests">
        {formatCount(row.usage?.requests ?? 0).value}
      </Link>
    ),
  },
  {
    id: 'tokens',
    header: 'Tokens',
    width: '92px',
    align: 'right',
    sort: (row) => tokensOf(row),
    cell: (row) => <Amount of={formatCount(tokensOf(row))} />,
  },
  {
    id: 'cost',
    header: 'Cost',
    width: '88px',
    align: 'right',
    sort: (row) => row.usage?.cost_nano_usd ?? 0,
    cell: (row) => <Amount of={row.usage ? formatCost(row.usage.cost_nano_usd) : kNothing} />,
  },
];

function tokensOf(row: Row): number {
  return (row.usage?.input_tokens ?? 0) + (row.usage?.output_tokens ?? 0);
}

/** The models that answer here, with what they did in the window. */
export function ModelsTable({ models, usage }: { models: Model[]; usage: ModelUsage[] }) {
  const [parameters, setParameters] = useUrlState();
  const rows = useMemo(
    () => models.map((model): Row => ({ ...model, usage: usage.find((one) => one.model === model.name) })),
    [models, usage],
  );
  if (models.length === 0) {
    return (
      <Empty title="No model is registered">
        <p>Import a GGUF file, or add an upstream to penstock.yaml and restart.</p>
        <Command>penstock models import ./model.gguf</Command>
      </Empty>
    );
  }
  return (
    <DataTable
      label="Models"
      rows={rows}
      columns={kColumns}
      rowId={(row) => row.name}
      sort={parameters.get('sort') ?? ''}
      onSort={(sort) => setParameters({ sort })}
    />
  );
}
