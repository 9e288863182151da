import type { SearchPatch } from '../router/match.ts';
import type { RequestSummary } from './types.ts';

/** What the Requests page asks for; kept in the URL, so that a filtered list can be sent to a colleague. */
export interface RequestFilters {
  model: string;
  status: '' | 'ok' | 'error';
  feature: string;
  user: string;
  q: string;
  /** '15m', '1h', '24h', '7d' counts back from now; '' together with since/until is a fixed range. */
  range: string;
  since_us: number | null;
  until_us: number | null;
}

export const kRanges: Record<string, { label: string; seconds: number }> = {
  '15m': { label: 'Last 15 minutes', seconds: 900 },
  '1h': { label: 'Last hour', seconds: 3600 },
  '24h': { label: 'Last 24 hours', seconds: 86_400 },
  '7d': { label: 'Last 7 days', seconds: 604_800 },
};

export const kNoFilters: RequestFilters = {
  model: '',
  status: '',
  feature: '',
  user: '',
  q: '',
  range: '',
  since_us: null,
  until_us: null,
};

export function filtersFromUrl(parameters: URLSearchParams): RequestFilters {
  const status = parameters.get('status') ?? '';
  const range = parameters.get('range') ?? '';
  return {
    model: parameters.get('model') ?? '',
    status: status === 'ok' || status === 'error' ? status : '',
    feature: parameters.get('feature') ?? '',
    user: parameters.get('user') ?? '',
    q: parameters.get('q') ?? '',
    range: range in kRanges ? range : '',
    since_us: instant(parameters.get('since')),
    until_us: instant(parameters.get('until')),
  };
}

/** The URL's part of a change; times are written as ISO 8601 so that a person can read and edit them. */
export function filtersToUrl(change: Partial<RequestFilters>): SearchPatch {
  const { since_us: since, until_us: until, ...rest } = change;
  const patch: SearchPatch = { ...rest };
  if (since !== undefined) patch.since = since === null ? null : new Date(since / 1000).toISOString();
  if (until !== undefined) patch.until = until === null ? null : new Date(until / 1000).toISOString();
  return patch;
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
  const range = kRanges[filters.range];
  const since = range ? (nowMs - range.seconds * 1000) * 1000 : filters.since_us;
  if (since !== null) query.set('since_us', String(since));
  if (!range && filters.until_us !== null) query.set('until_us', String(filters.until_us));
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

function instant(text: string | null): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1000;
}
