import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { AuditPage, AuditVerdict } from './access_types.ts';
import { getJson } from './client.ts';
import { rangeFromUrl, setRange, type TimeRange } from './time_range.ts';

/** What the Audit page asks for; kept in the URL. */
export interface AuditFilters extends TimeRange {
  actor: string;
  action: string;
  object: string;
}

const kPageRows = 100;
const kTexts = ['actor', 'action', 'object'] as const;

export function auditFiltersFromUrl(parameters: URLSearchParams): AuditFilters {
  const text = (name: (typeof kTexts)[number]) => parameters.get(name) ?? '';
  return {
    actor: text('actor'),
    action: text('action'),
    object: text('object'),
    ...rangeFromUrl(parameters),
  };
}

export function useAuditPages(filters: AuditFilters) {
  return useInfiniteQuery({
    queryKey: ['audit', 'list', filters],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(kPageRows) });
      for (const name of kTexts) if (filters[name]) query.set(name, filters[name]);
      setRange(query, filters);
      if (pageParam) query.set('cursor', pageParam);
      return getJson<AuditPage>(`/api/v1/audit?${query}`, signal);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

/** Reads the whole chain, so it is asked once and then on demand. */
export function useAuditVerdict() {
  return useQuery({
    queryKey: ['audit', 'verdict'],
    queryFn: ({ signal }) => getJson<AuditVerdict>('/api/v1/audit/verification', signal),
    staleTime: Infinity,
  });
}
