import type { Stats } from '../../api/types.ts';
import { Amount } from '../../components/amount.tsx';
import {
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  type Quantity,
} from '../../format/numbers.ts';

interface Figure {
  name: string;
  value: Quantity;
  note: React.ReactNode;
  isBad?: boolean;
}

/** `isPriced`: whether any record has a cost at all; without prices a zero would be a lie. */
export function StatStrip({ stats, isPriced }: { stats: Stats; isPriced: boolean }) {
  const figures: Figure[] = [
    {
      name: 'Requests',
      value: formatRate(stats.requests_per_s, 'req/s'),
      note: <Amount of={{ ...formatCount(stats.requests), unit: 'in all' }} />,
    },
    {
      name: 'Time to first token',
      value: formatDuration(stats.ttft_ms.p50),
      note: (
        <>
          p50 · p95 <Amount of={formatDuration(stats.ttft_ms.p95)} />
        </>
      ),
    },
    {
      name: 'Latency',
      value: formatDuration(stats.latency_ms.p50),
      note: (
        <>
          p50 · p95 <Amount of={formatDuration(stats.latency_ms.p95)} />
        </>
      ),
    },
    {
      name: 'Tokens',
      value: formatRate(stats.tokens_per_s, 'tok/s'),
      note: 'output',
    },
    isPriced
      ? { name: 'Cost', value: formatCost(stats.cost_nano_usd), note: 'over the window' }
      : { name: 'Cost', value: { value: '—', unit: '' }, note: 'no prices configured' },
    {
      name: 'Errors',
      value: formatPercent(stats.errors, stats.requests),
      note: (
        <>
          <Amount of={{ ...formatCount(stats.errors), unit: stats.errors === 1 ? 'request' : 'requests' }} />
          {stats.cancelled > 0 && (
            <>
              {' · '}
              <Amount of={{ ...formatCount(stats.cancelled), unit: 'cancelled by clients' }} />
            </>
          )}
        </>
      ),
      isBad: stats.errors > 0,
    },
  ];
  return (
    <dl className="stats">
      {figures.map((figure) => (
        <div key={figure.name}>
          <dt>{figure.name}</dt>
          <dd className={figure.isBad ? 'stats-bad' : undefined}>
            <Amount of={figure.value} />
          </dd>
          <dd className="stats-note">{figure.note}</dd>
        </div>
      ))}
    </dl>
  );
}
