import { describe, expect, test } from 'vitest';
import { parseUsd, usdText } from './money.ts';

describe('an amount of money', () => {
  test.each([
    ['12.5', 12_500_000_000],
    ['$1,000', 1_000_000_000_000],
    ['0.000000001', 1],
    ['.5', 500_000_000],
    ['0', 0],
    ['5.', 5_000_000_000],
    ['', null],
    ['.', null],
    ['-1', null],
    ['1e3', null],
    ['0.0000000001', null],
    ['1000000001', null],
    ['12 USD', null],
  ])('%s is %s nano-USD', (text, nanoUsd) => expect(parseUsd(text)).toBe(nanoUsd));

  test('is written as short as it can be read back', () => {
    for (const nanoUsd of [0, 1, 12_500_000_000, 999_999_999, 1e18]) {
      expect(parseUsd(usdText(nanoUsd))).toBe(nanoUsd);
    }
    expect(usdText(12_500_000_000)).toBe('12.5');
  });
});
