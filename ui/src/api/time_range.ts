import type { SearchPatch } from '../router/match.ts';

/** From when until when, as lists ask for it; kept in the URL. */
export interface TimeRange {
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

export const kAnyTime: TimeRange = { range: '', since_us: null, until_us: null };

export function rangeFromUrl(parameters: URLSearchParams): TimeRange {
  const range = parameters.get('range') ?? '';
  return {
    range: range in kRanges ? range : '',
    since_us: instant(parameters.get('since')),
    until_us: instant(parameters.get('until')),
  };
}

/** The URL's part of a change; times are written as ISO 8601 so that a person can read and edit them. */
export function rangeToUrl({ range, since_us: since, until_us: until }: Partial<TimeRange>): SearchPatch {
  const patch: SearchPatch = {};
  if (range !== undefined) patch.range = range;
  if (since !== undefined) patch.since = since === null ? null : new Date(since / 1000).toISOString();
  if (until !== undefined) patch.until = until === null ? null : new Date(until / 1000).toISOString();
  return patch;
}

/** Adds since_us and until_us where they bound anything. */
export function setRange(query: URLSearchParams, time: TimeRange, nowMs = Date.now()): void {
  const range = kRanges[time.range];
  const since = range ? (nowMs - range.seconds * 1000) * 1000 : time.since_us;
  if (since !== null) query.set('since_us', String(since));
  if (!range && time.until_us !== null) query.set('until_us', String(time.until_us));
}

function instant(text: string | null): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1000;
}
