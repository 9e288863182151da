import type { Run } from '../../api/mlflow_types.ts';
import { metricNumber, metricOf, runDurationMs, runName, valueOf } from '../../api/run_facts.ts';
import { Amount } from '../../components/amount.tsx';
import type { Column } from '../../components/data_table.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration } from '../../format/numbers.ts';
import { formatMetric } from './format_metric.ts';
import { RunStatus } from './run_status.tsx';
import type { RunColumnId } from './saved_columns.ts';

/** Columns that the server orders by, in its own words. */
const kOrders: Record<string, string> = {
  name: 'attributes.run_name',
  started: 'attributes.start_time',
  status: 'attributes.status',
  user: 'attributes.user_id',
};

/** A sort of the table ("-metrics.loss") as the server's order_by; empty where only what is loaded is sorted. */
export function orderOf(sort: string): string {
  const column = sort.replace(/^-/, '');
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
  const [, list, key] = /^(metrics|params|tags)\.(.+)$/.exec(column) ?? [];
  const attribute = list && key ? `${list}.\`${key}\`` : kOrders[column];
  return attribute ? `${attribute} ${direction}` : '';
}

interface Options {
  picked: Set<string>;
  onPick: (run: Run) => void;
  columns: RunColumnId[];
  isCompact: boolean;
}

export function runColumns({ picked, onPick, columns, isCompact }: Options): Column<Run>[] {
  const fixed: Column<Run>[] = [
    {
      id: 'pick',
      header: 'Pick',
      width: '48px',
      cell: (run) => (
        <label className="run-pick">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Compare ${runName(run)}`}
            checked={picked.has(run.info.run_id)}
            onChange={() => onPick(run)}
          />
        </label>
      ),
    },
    {
      id: 'name',
      header: 'Run',
      width: 'minmax(160px, 1.4fr)',
      sort: (run) => runName(run).toLowerCase(),
      cell: (run) => <b>{runName(run)}</b>,
    },
    {
      id: 'status',
      header: 'Status',
      width: '96px',
      sort: (run) => run.info.status,
      cell: (run) => <RunStatus status={run.info.status} />,
    },
    {
      id: 'started',
      header: 'Started',
      width: '108px',
      sort: (run) => run.info.start_time ?? null,
      cell: (run) => (run.info.start_time ? <Time us={run.info.start_time * 1000} as="ago" /> : '–'),
    },
  ];
  const more: Column<Run>[] = [
    {
      id: 'duration',
      header: 'Duration',
      width: '88px',
      align: 'right',
      sort: (run) => runDurationMs(run, Date.now()),
      cell: (run) => <Amount of={formatDuration(runDurationMs(run, Date.now()))} />,
    },
    {
      id: 'user',
      header: 'User',
      width: '90px',
      sort: (run) => run.info.user_id ?? null,
      cell: (run) => <span className="soft">{run.info.user_id || '–'}</span>,
    },
  ];
  const shown = isCompact ? columns.slice(0, 2) : columns;
  return [...fixed, ...(isCompact ? [] : more), ...shown.map(valueColumn)];
}

function valueColumn(id: RunColumnId): Column<Run> {
  const dot = id.indexOf('.');
  const key = id.slice(dot + 1);
  if (id.startsWith('metrics.')) {
    return {
      id,
      header: key,
      width: 'minmax(96px, 0.8fr)',
      align: 'right',
      sort: (run) => finiteOrNull(metricOf(run, key)),
      cell: (run) => {
        const metric = run.data.metrics?.find((one) => one.key === key);
        return metric ? formatMetric(metricNumber(metric.value)) : '–';
      },
    };
  }
  const list = id.startsWith('params.') ? 'params' : 'tags';
  return {
    id,
    header: key,
    width: 'minmax(96px, 0.8fr)',
    sort: (run) => valueOf(run.data[list], key),
    cell: (run) => (
      <span title={valueOf(run.data[list], key) ?? undefined}>{valueOf(run.data[list], key) ?? '–'}</span>
    ),
  };
}

function finiteOrNull(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : value;
}
