import { describe, expect, test } from 'vitest';
import type { CostRow } from '../../api/cost_types.ts';
import { bucketsBetween, bucketStart, stackOf, windowOf } from './cost_stack.ts';

const point = (t_us: number, value: string, cost: number, requests = 1): CostRow => ({
  t_us,
  value,
  label: value || 'none',
  requests,
  errors: 0,
  unpriced: 0,
  input_tokens: 10,
  output_tokens: 5,
  cost_nano_usd: cost,
  saved_nano_usd: 1,
});
const at = (text: string) => Date.parse(text) * 1000;

describe('stacked cost', () => {
  test('orders by cost, and chart and table agree', () => {
    const stack = stackOf([point(1, 'a', 5), point(2, 'b', 9), point(2, 'a', 1)], [1, 2, 3]);
    expect(stack.rows.map(({ value, cost_nano_usd: cost }) => [value, cost])).toEqual([
      ['b', 9],
      ['a', 6],
    ]);
    expect(stack.series.map(({ values }) => values)).toEqual([
      [0, 9, 0],
      [5, 1, 0],
    ]);
    expect(stack.series.map(({ color }) => color)).toEqual(stack.rows.map(({ color }) => color));
    expect(stack.total).toMatchObject({ cost_nano_usd: 15, requests: 3, saved_nano_usd: 3 });
  });

  test('puts what has no colour of its own together, and loses nothing', () => {
    const points = Array.from({ length: 12 }, (_, index) => point(1, `v${index}`, 100 - index));
    const { series, rows } = stackOf(points, [1]);
    expect(series).toHaveLength(8);
    expect(series.at(-1)?.name).toBe('5 others');
    expect(rows).toHaveLength(12);
    const drawn = series.reduce((sum, one) => sum + (one.values[0] ?? 0), 0);
    expect(drawn).toBe(points.reduce((sum, one) => sum + one.cost_nano_usd, 0));
  });

  test('of nothing is nothing', () => {
    expect(stackOf([], [1, 2])).toMatchObject({ series: [], rows: [], total: { cost_nano_usd: 0 } });
  });
});

describe('buckets', () => {
  test('begin where the calendar says, in UTC', () => {
    expect(bucketStart(at('2026-11-24T22:10:00Z'), 'day')).toBe(at('2026-11-24T00:00:00Z'));
    expect(bucketStart(at('2026-11-24T22:10:00Z'), 'month')).toBe(at('2026-11-01T00:00:00Z'));
    expect(bucketsBetween(at('2026-11-15T00:00:00Z'), at('2027-01-02T00:00:00Z'), 'month')).toEqual(
      ['2026-11-01', '2026-12-01', '2027-01-01'].map((day) => at(`${day}T00:00:00Z`)),
    );
    expect(bucketsBetween(at('2026-11-24T10:30:00Z'), at('2026-11-24T12:00:00Z'), 'hour')).toHaveLength(2);
  });

  test('a window is whole buckets and holds now', () => {
    const now = at('2026-11-24T22:10:00Z');
    const { fromUs, toUs, bucket } = windowOf('7d', now);
    expect(bucket).toBe('day');
    expect(fromUs).toBe(at('2026-11-17T00:00:00Z'));
    expect(toUs).toBe(at('2026-11-24T23:00:00Z'));
    expect(windowOf('nonsense', now).bucket).toBe('day');
  });
});
