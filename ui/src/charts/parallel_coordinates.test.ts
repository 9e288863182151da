import { describe, expect, test } from 'vitest';
import { scaleOf } from './parallel_coordinates.tsx';
import { ticksBetween } from './scale.ts';

describe('an axis of parallel coordinates', () => {
  test('goes by size where all values are numbers, texts of numbers too', () => {
    expect(scaleOf(['10', 20, null, 15], String)).toEqual({
      shares: [0, 1, null, 0.5],
      labels: [
        { share: 0, text: '10' },
        { share: 1, text: '20' },
      ],
    });
  });

  test('names categories once one value is no number', () => {
    expect(scaleOf(['sgd', 'adam', 'sgd'], String)).toEqual({
      shares: [1, 0, 1],
      labels: [
        { share: 0, text: 'adam' },
        { share: 1, text: 'sgd' },
      ],
    });
  });

  test('stands in the middle where all are the same, and nowhere for NaN', () => {
    expect(scaleOf([3, 3, NaN], String)).toEqual({
      shares: [0.5, 0.5, null],
      labels: [{ share: 0.5, text: '3' }],
    });
  });
});

test('ticks lie within their bounds', () => {
  expect(ticksBetween(0.13, 0.94, 4)).toEqual([0.2, 0.4, 0.6000000000000001, 0.8]);
  expect(ticksBetween(-5, 5, 2)).toEqual([-5, 0, 5]);
  expect(ticksBetween(7, 7, 4)).toEqual([7]);
});
