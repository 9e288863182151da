import { describe, expect, test } from 'vitest';
import { labelIndexes, linePath, loneValues, niceTicks } from './scale.ts';

describe('chart geometry', () => {
  test.each([
    [0, [0]],
    [NaN, [0]],
    [1, [0, 0.5, 1]],
    [27, [0, 10, 20, 30]],
    [300, [0, 100, 200, 300]],
    [7400, [0, 5000, 10_000]],
  ])('ticks up to %d are round: %j', (max, ticks) => expect(niceTicks(max, 3)).toEqual(ticks));

  test('ticks always reach the highest value', () => {
    for (let max = 0.0007; max < 1e9; max *= 1.37) {
      const ticks = niceTicks(max, 3);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * 0.999999);
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });

  test('a gap in the values is a gap in the line, and a lone value is seen', () => {
    const path = linePath(
      [1, 2, null, 4],
      (index) => index * 10,
      (value) => value,
    );
    expect(path).toBe('M0 1L10 2M30 4h0.01');
  });

  test('values without neighbours are known, to be drawn as dots', () => {
    expect(loneValues([1, null, 2, 3, null, 4])).toEqual([1, null, null, null, null, 4]);
  });

  test('labels keep off the ends', () => {
    expect(labelIndexes(60, 3)).toEqual([10, 30, 50]);
    expect(labelIndexes(1, 3)).toEqual([]);
  });
});
