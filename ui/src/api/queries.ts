import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson } from './client.ts';
import type { RequestFilters } from './request_filters.ts';
import { filtersToApi } from './request_filters.ts';
import type { Health, Model, RequestPage, RequestRecord, Stats, Version } from './types.ts';

const kHealthEveryMs = 5_000;
const kStatsEveryMs = 5_000;
const kModelsEveryMs = 15_000;
export const kPageRows = 100;

export function useVersion() {
  return useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => getJson<Version>('/api/v1/version', signal),
    staleTime: 60_000,
  });
}

/** Polled without retries: a server that stopped must show within one period. */
export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => getJson<Health>('/api/v1/health', signal),
    refetchInterval: kHealthEveryMs,
    retry: false,
  });
}

export function useModels() {
  return useQuery({
    queryKey: ['models'],
    queryFn: async ({ signal }) => (await getJson<{ models: Model[] }>('/api/v1/models', signal)).models,
    refetchInterval: kModelsEveryMs,
  });
}

export function useStats(windowS: number) {
  return useQuery({
    queryKey: ['stats', windowS],
    queryFn: ({ signal }) => getJson<Stats>(`/api/v1/stats?window_s=${windowS}`, signal),
    refetchInterval: kStatsEveryMs,
    placeholderData: keepPreviousData,
  });
}

export function useLatestRequests(limit: number) {
  return useQuery({
    queryKey: ['requests', 'latest', limit],
    queryFn: ({ signal }) => getJson<RequestPage>(`/api/v1/requests?limit=${limit}`, signal),
    refetchInterval: kStatsEveryMs,
  });
}

export function useRequestPages(filters: RequestFilters) {
  return useInfiniteQuery({
    queryKey: ['requests', 'list', filters],
    queryFn: ({ signal, pageParam }) =>
      getJson<RequestPage>(`/api/v1/requests?${filtersToApi(filters, kPageRows, pageParam)}`, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

export function useRequestRecord(id: string) {
  return useQuery({
    queryKey: ['requests', 'one', id],
    queryFn: ({ signal }) => getJson<RequestRecord>(`/api/v1/requests/${encodeURIComponent(id)}`, signal),
    // A record never changes, but it may be asked for a moment before it is written.
    staleTime: Infinity,
    retry: 3,
    retryDelay: 300,
  });
}
