import type { CostWindow } from '../../api/cost_queries.ts';
import type { CostBucket, CostRow, CostSums } from '../../api/cost_types.ts';
import type { Series } from '../../charts/time_chart.tsx';

/** From points by bucket and value to stacked series and a table with the same order and colours. */

export interface StackRow extends CostSums {
  value: string;
  label: string;
  /** A token of style/tokens.css. */
  color: string;
}

export interface CostStack {
  times: number[];
  series: Series[];
  /** Dearest first. */
  rows: StackRow[];
  total: CostSums;
}

const kColors = [1, 2, 3, 4, 5, 6, 7].map((number) => `--series-${number}`);
const kOtherColor = '--series-other';
const kSums = [
  'requests',
  'errors',
  'unpriced',
  'input_tokens',
  'output_tokens',
  'cost_nano_usd',
  'saved_nano_usd',
] as const;

export function stackOf(points: CostRow[], times: number[]): CostStack {
  const rows = rowsOf(points);
  const index = new Map(times.map((time, at) => [time, at]));
  const valuesOf = (wanted: (value: string) => boolean) => {
    const values = times.map(() => 0);
    for (const point of points) {
      const at = index.get(point.t_us);
      if (at !== undefined && wanted(point.value)) values[at] = (values[at] ?? 0) + point.cost_nano_usd;
    }
    return values;
  };
  const shown = rows.slice(0, kColors.length);
  const series: Series[] = shown.map(({ value, label, color }) => ({
    name: label,
    color,
    values: valuesOf((one) => one === value),
  }));
  const others = new Set(rows.slice(kColors.length).map(({ value }) => value));
  if (others.size > 0) {
    series.push({
      name: `${others.size} others`,
      color: kOtherColor,
      values: valuesOf((one) => others.has(one)),
    });
  }
  return { times, series, rows, total: sumOf(points) };
}

function rowsOf(points: CostRow[]): StackRow[] {
  const byValue = new Map<string, CostRow[]>();
  for (const point of points) byValue.set(point.value, [...(byValue.get(point.value) ?? []), point]);
  const rows = [...byValue].map(([value, own]) => ({
    value,
    label: own.at(-1)?.label ?? value,
    ...sumOf(own),
  }));
  rows.sort((left, right) => right.cost_nano_usd - left.cost_nano_usd || right.requests - left.requests);
  return rows.map((row, at) => ({ ...row, color: kColors[at] ?? kOtherColor }));
}

export function sumOf(all: CostSums[]): CostSums {
  const total = Object.fromEntries(kSums.map((name) => [name, 0])) as Record<(typeof kSums)[number], number>;
  for (const sums of all) for (const name of kSums) total[name] += sums[name];
  return total;
}

const kHourUs = 3_600e6;
const kDayUs = 24 * kHourUs;

/** Where the bucket of a time begins, in UTC. */
export function bucketStart(us: number, bucket: CostBucket): number {
  if (bucket === 'month') {
    const date = new Date(us / 1000);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) * 1000;
  }
  const length = bucket === 'hour' ? kHourUs : kDayUs;
  return Math.floor(us / length) * length;
}

/** The start of every bucket that [from, to) touches. */
export function bucketsBetween(fromUs: number, toUs: number, bucket: CostBucket): number[] {
  const times: number[] = [];
  for (let at = bucketStart(fromUs, bucket); at < toUs; at = nextBucket(at, bucket)) times.push(at);
  return times;
}

function nextBucket(us: number, bucket: CostBucket): number {
  if (bucket === 'hour') return us + kHourUs;
  if (bucket === 'day') return us + kDayUs;
  const date = new Date(us / 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) * 1000;
}

export const kCostRanges: Record<string, { label: string; hours: number; bucket: CostBucket }> = {
  '24h': { label: '24 h', hours: 24, bucket: 'hour' },
  '7d': { label: '7 days', hours: 7 * 24, bucket: 'day' },
  '30d': { label: '30 days', hours: 30 * 24, bucket: 'day' },
  '90d': { label: '90 days', hours: 90 * 24, bucket: 'day' },
  '12m': { label: '12 months', hours: 365 * 24, bucket: 'month' },
};

/** Whole buckets: the last `range` and what has begun of the current one. */
export function windowOf(range: string, nowUs: number): CostWindow {
  const { hours, bucket } = kCostRanges[range] ?? { hours: 30 * 24, bucket: 'day' as const };
  return {
    fromUs: bucketStart(nowUs - hours * kHourUs, bucket),
    toUs: bucketStart(nowUs, 'hour') + kHourUs,
    bucket,
  };
}
