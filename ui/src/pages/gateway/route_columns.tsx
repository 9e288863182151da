import type { GatewayRoute, GatewayTarget } from '../../api/gateway_types.ts';
import { Amount } from '../../components/amount.tsx';
import type { Column } from '../../components/data_table.tsx';
import { Icon } from '../../components/icon.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount, formatDuration, formatPercent, formatRate, kNothing } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { healthOf, routeHealth, trafficOf, type RouteRow } from './route_rows.ts';

export const kStrategies: Record<GatewayRoute['strategy'], string> = {
  weighted: 'by weight',
  priority: 'by priority',
  least_busy: 'least busy',
  ewma_latency: 'quickest',
  cheapest: 'cheapest',
  hedge: 'hedged',
};

export const kRouteColumns: Column<RouteRow>[] = [
  { id: 'name', header: 'Route or target', width: 'minmax(200px, 2fr)', cell: (row) => <Name row={row} /> },
  {
    id: 'to',
    header: 'Provider and model',
    width: 'minmax(130px, 1.3fr)',
    cell: (row) =>
      row.kind === 'route' ? (
        <span className="soft">{kStrategies[row.route.strategy]}</span>
      ) : (
        <span title={whereOf(row.target)}>{whereOf(row.target)}</span>
      ),
  },
  {
    id: 'weight',
    header: 'Weight',
    width: '60px',
    align: 'right',
    cell: (row) => (row.kind === 'target' ? formatCount(row.target.weight).value : ''),
  },
  {
    id: 'share',
    header: 'Share',
    width: '128px',
    cell: (row) => row.kind === 'target' && <Share {...row} />,
  },
  { id: 'health', header: 'Health', width: '138px', cell: (row) => <Health row={row} /> },
  {
    id: 'rate',
    header: 'Calls now',
    width: '80px',
    align: 'right',
    cell: ({ rate }) => <Amount of={rate === null ? kNothing : formatRate(rate, '/s')} />,
  },
  {
    id: 'in_flight',
    header: 'In flight',
    width: '66px',
    align: 'right',
    cell: (row) => formatCount(trafficOf(row).in_flight).value,
  },
  {
    id: 'calls',
    header: 'Calls',
    width: '74px',
    align: 'right',
    cell: (row) => <Amount of={formatCount(trafficOf(row).calls)} />,
  },
  {
    id: 'errors',
    header: 'Errors',
    width: '62px',
    align: 'right',
    cell: (row) => {
      const { errors } = trafficOf(row);
      return <span className={errors > 0 ? 'route-errors' : 'faint'}>{formatCount(errors).value}</span>;
    },
  },
  {
    id: 'error_rate',
    header: 'Error rate',
    width: '76px',
    align: 'right',
    cell: (row) => {
      const { calls, errors } = trafficOf(row);
      return <Amount of={formatPercent(errors, calls)} />;
    },
  },
  {
    id: 'ttft',
    header: 'First token',
    width: '80px',
    align: 'right',
    cell: (row) => row.kind === 'target' && <Amount of={formatDuration(row.target.ttft_ms.mean)} />,
  },
  {
    id: 'p95',
    header: 'p95',
    width: '68px',
    align: 'right',
    cell: (row) => row.kind === 'target' && <Amount of={formatDuration(row.target.ttft_ms.p95)} />,
  },
];

const kCompactIds = ['name', 'health', 'calls', 'errors'];

/** What fits beside an open route, and on a narrow window. */
export const kCompactRouteColumns = kRouteColumns
  .filter(({ id }) => kCompactIds.includes(id))
  .map((column) => (column.id === 'name' ? { ...column, width: 'minmax(130px, 2fr)' } : column));

export function whereOf({ provider, model }: GatewayTarget): string {
  return model ? `${provider} · ${model}` : `${provider} · as asked`;
}

function Name({ row }: { row: RouteRow }) {
  if (row.kind === 'target')
    return (
      <span className="clip" title={row.target.id}>
        {row.target.id}
      </span>
    );
  return (
    <span className="route-name">
      <Icon name="gateway" size={14} />
      <Link href={`/gateway/routes/${encodeURIComponent(row.route.name)}`} tabIndex={-1} className="clip">
        <b>{row.route.name}</b>
      </Link>
      {row.route.engine && <Badge tone="calm">engine</Badge>}
    </span>
  );
}

function Share({ target }: { target: GatewayTarget }) {
  if (target.share === null) return <span className="faint">–</span>;
  return (
    <span className="route-share">
      <i aria-hidden="true">
        <i style={{ width: `${target.share * 100}%` }} />
      </i>
      <span className="num">
        <Amount of={formatPercent(target.share, 1)} />
      </span>
    </span>
  );
}

function Health({ row }: { row: RouteRow }) {
  if (row.kind === 'route') {
    const { tone, word } = routeHealth(row.route);
    return <Badge tone={tone}>{word}</Badge>;
  }
  const { tone, word, detail } = healthOf(row.target);
  const until = row.target.breaker.until_us;
  return (
    <Badge tone={tone} title={detail}>
      {word}
      {until !== null && (
        <>
          {' '}
          until <Time us={until} />
        </>
      )}
    </Badge>
  );
}
