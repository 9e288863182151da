import { useGateway } from '../../api/gateway_queries.ts';
import type { GatewayProvider } from '../../api/gateway_types.ts';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Link } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';

const kColumns: Column<GatewayProvider>[] = [
  {
    id: 'name',
    header: 'Provider',
    width: 'minmax(150px, 1fr)',
    sort: (row) => row.name,
    cell: (row) => <b>{row.name}</b>,
  },
  { id: 'type', header: 'Type', width: '110px', sort: (row) => row.type, cell: (row) => row.type },
  {
    id: 'url',
    header: 'Address',
    width: 'minmax(180px, 2fr)',
    cell: (row) => (row.engine ? <span className="faint">an engine of this server</span> : row.base_url),
  },
  {
    id: 'health',
    header: 'Health check',
    width: 'minmax(140px, 0.8fr)',
    cell: (row) =>
      row.health_path === null ? (
        <span className="faint">not asked</span>
      ) : (
        <Badge tone={row.unwell ? 'bad' : 'good'} title={`GET ${row.health_path}`}>
          {row.unwell ? 'fails' : 'answers'}
        </Badge>
      ),
  },
  {
    id: 'keys',
    header: 'Keys',
    width: '64px',
    align: 'right',
    sort: (row) => row.keys,
    cell: (row) => row.keys,
  },
  {
    id: 'resting',
    header: 'Resting',
    width: '84px',
    align: 'right',
    sort: (row) => row.keys_resting,
    cell: (row) =>
      row.keys_resting > 0 ? (
        <Badge tone="warn" title="Keys that were refused or slowed down, left alone for now">
          {row.keys_resting}
        </Badge>
      ) : (
        <span className="faint">0</span>
      ),
  },
];

/** Who answers: type, address, health and how many keys are fit. */
export function ProvidersTab() {
  const { data, error, isPending, refetch } = useGateway();
  const [url, setUrl] = useUrlState();
  return (
    <Split>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading what="providers" />}
      {data?.providers.length === 0 && (
        <Empty title="There are no providers yet">
          <p>
            Add one under <code>providers</code> in the <Link href="/gateway/config">configuration</Link>.
          </p>
        </Empty>
      )}
      {data && data.providers.length > 0 && (
        <DataTable
          label="Providers"
          scroll
          rows={data.providers}
          columns={kColumns}
          rowId={(provider) => provider.name}
          sort={url.get('sort') ?? ''}
          onSort={(sort) => setUrl({ sort })}
        />
      )}
    </Split>
  );
}
