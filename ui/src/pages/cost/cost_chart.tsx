import type { CostBucket } from '../../api/cost_types.ts';
import { TimeChart } from '../../charts/time_chart.tsx';
import { asText, formatCost } from '../../format/numbers.ts';
import { formatDayMinute, formatMinute } from '../../format/time.ts';
import type { CostStack } from './cost_stack.ts';

const kHeight = 260;

interface Props {
  stack: CostStack;
  bucket: CostBucket;
  by: string;
}

/** Buckets longer than an hour are those of the calendar in UTC, so they are named in UTC. */
const kUtcDay = (us: number) => new Date(us / 1000).toISOString().slice(0, 10);
const kUtcMonth = (us: number) => new Date(us / 1000).toISOString().slice(0, 7);

export function CostChart({ stack, bucket, by }: Props) {
  const formatTime = { hour: formatDayMinute, day: kUtcDay, month: kUtcMonth }[bucket];
  const formatAxis = bucket === 'hour' ? formatMinute : formatTime;
  return (
    <TimeChart
      title={`Cost by ${by.toLowerCase()}, each ${bucket}`}
      kind="bars"
      height={kHeight}
      times={stack.times}
      series={stack.series}
      format={(nanoUsd) => asText(formatCost(nanoUsd))}
      formatTick={(nanoUsd) => asText(formatCost(nanoUsd))}
      formatTime={formatTime}
      formatAxis={formatAxis}
      headline={asText(formatCost(stack.total.cost_nano_usd))}
    />
  );
}
