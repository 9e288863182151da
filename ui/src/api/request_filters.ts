import type { SearchPatch } from '../router/match.ts';
import { kAnyTime, rangeFromUrl, rangeToUrl, setRange, type TimeRange } from './time_range.ts';
import type { RequestSummary } from './types.ts';

/** What the Requests page asks for; kept in the URL, so that a filtered list can be sent to a colleague. */
export interface RequestFilters extends TimeRange {
  model: string;
  status: '' | 'ok' | 'error';
  feature: string;
  user: string;
  q: string;
}

export const kNoFilters: RequestFilters = {
  model: '',
  status: '',
  feature: '',
  user: '',
  q: '',
  ...kAnyTime,
};

export function filtersFromUrl(parameters: URLSearchParams): RequestFilters {
  const status = parameters.get('status') ?? '';
  return {
    model: parameters.get('model') ?? '',
    status: status === 'ok' || status === 'error' ? status : '',
    feature: parameters.get('feature') ?? '',
    user: parameters.get('user') ?? '',
    q: parameters.get('q') ?? '',
    ...rangeFromUrl(parameters),
  };
}

export function filtersToUrl(change: Partial<RequestFilters>): SearchPatch {
  const { range, since_us, until_us, ...rest } = change;
  return { ...rest, ...rangeToUrl({ range, since_us, until_us }) };
}

export function isFiltered(filters: RequestFilters): boolean {
  return JSON.stringify(filters) !== JSON.stringify(kNoFilters);
}

export function filtersToApi(
  filters: RequestFilters,
  limit: number,
  cursor: string,
  nowMs = Date.now(),
): string {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const name of ['model', 'status', 'feature', 'user', 'q'] as const) {
    if (filters[name]) query.set(name, filters[name]);
  }
  setRange(query, filters, nowMs);
  if (cursor) query.set('cursor', cursor);
  return query.toString();
}

/** Whether a live record belongs in the list. A text search reads bodies, which only the server has: undecided. */
export function matchesFilters(request: RequestSummary, filters: RequestFilters): boolean | 'ask the server' {
  const isError = request.status >= 400 || request.error !== null;
  if (filters.model && request.model !== filters.model && request.route !== filters.model) return false;
  if (filters.status && (filters.status === 'error') !== isError) return false;
  if (filters.feature && request.feature !== filters.feature) return false;
  if (filters.user && request.user !== filters.user) return false;
  if (!filters.range && filters.since_us !== null && request.ended_at_us < filters.since_us) return false;
  if (!filters.range && filters.until_us !== null && request.ended_at_us >= filters.until_us) return false;
  return filters.q ? 'ask the server' : true;
}
