import { durationMs, inputTokens, outputTokens, tokensPerSecond, ttftMs } from '../../api/request_facts.ts';
import type { RequestSummary } from '../../api/types.ts';
import { Amount } from '../../components/amount.tsx';
import type { Column } from '../../components/data_table.tsx';
import { RequestStatus } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatCost, formatCount, formatDuration, formatRate, kNothing } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';

const kEndpoints: Record<string, string> = {
  'chat.completions': 'chat',
  completions: 'completion',
  embeddings: 'embedding',
  moderations: 'moderation',
};

const number = (read: (request: RequestSummary) => number) => (request: RequestSummary) => (
  <Amount of={formatCount(read(request))} />
);

export const kRequestColumns: Column<RequestSummary>[] = [
  {
    id: 'time',
    header: 'Time',
    width: '76px',
    sort: (request) => request.started_at_us,
    cell: (request) => (
      <Link
        href={`/requests/${request.id}${location.pathname.startsWith('/requests') ? location.search : ''}`}
        tabIndex={-1}
      >
        <Time us={request.started_at_us} />
      </Link>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    width: '96px',
    sort: (request) => request.status,
    cell: (request) => <RequestStatus request={request} />,
  },
  {
    id: 'model',
    header: 'Model',
    width: 'minmax(148px, 1.6fr)',
    sort: (request) => request.model,
    cell: (request) => <b>{request.model}</b>,
  },
  {
    id: 'kind',
    header: 'Kind',
    width: '84px',
    cell: (request) => <span className="soft">{kEndpoints[request.endpoint] ?? request.endpoint}</span>,
  },
  {
    id: 'ttft',
    header: 'First token',
    width: '84px',
    align: 'right',
    sort: ttftMs,
    cell: (request) => <Amount of={formatDuration(ttftMs(request))} />,
  },
  {
    id: 'duration',
    header: 'Duration',
    width: '84px',
    align: 'right',
    sort: durationMs,
    cell: (request) => <Amount of={formatDuration(durationMs(request))} />,
  },
  {
    id: 'input',
    header: 'Input',
    width: '72px',
    align: 'right',
    sort: inputTokens,
    cell: number(inputTokens),
  },
  {
    id: 'output',
    header: 'Output',
    width: '72px',
    align: 'right',
    sort: outputTokens,
    cell: number(outputTokens),
  },
  {
    id: 'speed',
    header: 'Speed',
    width: '92px',
    align: 'right',
    sort: tokensPerSecond,
    cell: (request) => {
      const speed = tokensPerSecond(request);
      return <Amount of={speed === null ? kNothing : formatRate(speed, 'tok/s')} />;
    },
  },
  {
    id: 'cost',
    header: 'Cost',
    width: '96px',
    align: 'right',
    sort: (request) => request.cost_nano_usd,
    cell: (request) => <Amount of={formatCost(request.cost_nano_usd)} />,
  },
  {
    id: 'key',
    header: 'Key',
    width: 'minmax(72px, 0.6fr)',
    sort: (request) => request.key ?? null,
    cell: (request) => <span className="soft">{request.key ?? '–'}</span>,
  },
  {
    id: 'feature',
    header: 'Feature',
    width: 'minmax(90px, 0.8fr)',
    sort: (request) => request.feature,
    cell: (request) => <span className="soft">{request.feature ?? '–'}</span>,
  },
  {
    id: 'user',
    header: 'User',
    width: 'minmax(72px, 0.6fr)',
    sort: (request) => request.user,
    cell: (request) => <span className="soft">{request.user ?? '–'}</span>,
  },
];

const kCompactIds = ['time', 'status', 'model', 'ttft', 'duration', 'output'];

/** What fits beside an open record, and on a narrow window. */
export const kCompactRequestColumns = kRequestColumns.filter(({ id }) => kCompactIds.includes(id));
