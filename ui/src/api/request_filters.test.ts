import { describe, expect, test } from 'vitest';
import { patchSearch } from '../router/match.ts';
import {
  filtersFromUrl,
  filtersToApi,
  filtersToUrl,
  isFiltered,
  kNoFilters,
  matchesFilters,
  type RequestFilters,
} from './request_filters.ts';
import type { RequestSummary } from './types.ts';

const kRequest = {
  model: 'smollm2',
  status: 200,
  error: null,
  feature: 'search',
  user: 'ada',
  ended_at_us: 1_000_000,
} as RequestSummary;

function filters(change: Partial<RequestFilters>): RequestFilters {
  return { ...kNoFilters, ...change };
}

describe('filters', () => {
  test('come back from the URL as they were put there', () => {
    const wanted = filters({
      model: 'a/b c',
      status: 'error',
      user: 'é&=',
      q: '#1 + 2',
      since_us: 1_700_000_000_000_000,
      until_us: 1_700_000_360_000_000,
    });
    const search = patchSearch('', filtersToUrl(wanted));
    expect(filtersFromUrl(new URLSearchParams(search))).toEqual(wanted);
  });

  test('that are not set leave the URL clean', () => {
    expect(patchSearch('?model=a&range=1h&since=2026-01-01', filtersToUrl(kNoFilters))).toBe('');
    expect(isFiltered(kNoFilters)).toBe(false);
  });

  test('in a broken URL are ignored', () => {
    expect(filtersFromUrl(new URLSearchParams('status=maybe&range=9y&since=yesterday'))).toEqual(kNoFilters);
  });

  test('become the API query, with a range counted back from now', () => {
    const query = filtersToApi(filters({ range: '1h', q: 'x y', until_us: 5 }), 50, 'c1', 7_200_000);
    expect(query).toBe('limit=50&q=x+y&since_us=3600000000&cursor=c1');
  });

  test('decide about live requests without the server, except for text', () => {
    expect(matchesFilters(kRequest, kNoFilters)).toBe(true);
    expect(matchesFilters(kRequest, filters({ model: 'other' }))).toBe(false);
    expect(matchesFilters(kRequest, filters({ status: 'error' }))).toBe(false);
    expect(matchesFilters({ ...kRequest, status: 429 }, filters({ status: 'error' }))).toBe(true);
    expect(matchesFilters(kRequest, filters({ user: 'ada', feature: 'search' }))).toBe(true);
    expect(matchesFilters(kRequest, filters({ until_us: 1_000_000 }))).toBe(false);
    expect(matchesFilters(kRequest, filters({ q: 'hello' }))).toBe('ask the server');
    expect(matchesFilters(kRequest, filters({ q: 'hello', user: 'grace' }))).toBe(false);
  });
});
