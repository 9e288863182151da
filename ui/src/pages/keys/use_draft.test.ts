import { describe, expect, test } from 'vitest';
import type { Use } from '../../api/access_types.ts';
import { ApiError } from '../../api/client.ts';
import { changesOf, draftOf, kEmptyUse, limitWords, parseAmount, useOf, windowOptions } from './use_draft.ts';

const kUse: Use = {
  limits: [
    { kind: 'tokens', amount: 500_000, per_s: 60 },
    { kind: 'concurrent', amount: 8, per_s: 0 },
  ],
  budget: { amount_nano_usd: 12_500_000_000, per: 'day' },
  models: ['gpt-*', 'small'],
  endpoints: [],
};

describe('what a key may use', () => {
  test('is the same after it was opened for editing and saved', () => {
    expect(useOf(draftOf(kUse))).toEqual(kUse);
    expect(useOf(kEmptyUse)).toEqual({ limits: [], budget: null, models: [], endpoints: [] });
  });

  test.each([
    ['60', 60],
    ['1,000', 1000],
    ['500k', 500_000],
    ['1.5M', 1_500_000],
    ['0', null],
    ['1.5', null],
    ['many', null],
    ['', null],
  ])('an amount of %j is %s', (text, amount) => expect(parseAmount(text)).toBe(amount));

  test('names the field of what is wrong as the server does', () => {
    const fieldOf = (change: object) => {
      try {
        useOf({ ...kEmptyUse, ...change });
      } catch (error) {
        return (error as ApiError).field;
      }
      return null;
    };
    expect(fieldOf({ limits: [{ kind: 'tokens', amount: 'x', per_s: 60 }] })).toBe('limits[0].amount');
    expect(fieldOf({ budgetUsd: 'ten' })).toBe('budget.amount_nano_usd');
    expect(fieldOf({ models: 'a, b\n\nc' })).toBeNull();
  });

  test('lists may be typed with commas or lines', () => {
    expect(useOf({ ...kEmptyUse, models: 'a, b\n\nc ' }).models).toEqual(['a', 'b', 'c']);
  });

  test('is said in words', () => {
    expect(limitWords({ kind: 'tokens', amount: 500_000, per_s: 60 })).toBe('500,000 tokens a minute');
    expect(limitWords({ kind: 'requests', amount: 5, per_s: 90 })).toBe('5 requests every 90 s');
    expect(limitWords({ kind: 'concurrent', amount: 8, per_s: 0 })).toBe('8 calls at once');
    expect(windowOptions(90).at(-1)).toEqual({ value: '90', label: 'every 90 s' });
    expect(windowOptions(60)).toHaveLength(4);
  });
});

test('only what was changed is sent', () => {
  expect(changesOf(kUse, { ...kUse, models: ['small'] })).toEqual({ models: ['small'] });
  expect(changesOf(kUse, { ...kUse })).toEqual({});
  expect(changesOf(kUse, { budget: null })).toEqual({ budget: null });
});
