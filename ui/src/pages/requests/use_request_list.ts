import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLiveRequests } from '../../api/live_requests.ts';
import { useRequestPages } from '../../api/queries.ts';
import { matchesFilters, type RequestFilters } from '../../api/request_filters.ts';
import type { RequestSummary } from '../../api/types.ts';

const kArrivedMax = 500;
const kAskServerEveryMs = 2_000;
const kShowEveryMs = 200;

/**
 * The filtered list: pages from the server below, live arrivals on top. While `hold` is set, arrivals wait and are
 * counted instead, so that nothing moves under the reader's eyes.
 */
export function useRequestList(filters: RequestFilters, hold: boolean) {
  const pages = useRequestPages(filters);
  const filtersKey = JSON.stringify(filters);
  const [arrived, setArrived] = useState<{ key: string; requests: RequestSummary[] }>({
    key: '',
    requests: [],
  });
  const [waiting, setWaiting] = useState(0);
  const queue = useRef<RequestSummary[]>([]);
  const askServer = useThrottledRefetch();

  const liveState = useLiveRequests((request) => {
    const verdict = matchesFilters(request, filters);
    if (verdict === 'ask the server' && !hold) askServer();
    if (verdict === true) queue.current = [request, ...queue.current].slice(0, kArrivedMax);
  });

  useEffect(() => {
    queue.current = [];
    setWaiting(0);
  }, [filtersKey]);

  useEffect(() => {
    const show = () => {
      const fresh = queue.current;
      if (hold) return setWaiting(fresh.length);
      setWaiting(0);
      if (fresh.length === 0) return;
      queue.current = [];
      setArrived((before) => {
        const earlier = before.key === filtersKey ? before.requests : [];
        return { key: filtersKey, requests: [...fresh, ...earlier].slice(0, kArrivedMax) };
      });
    };
    show();
    const timer = setInterval(show, kShowEveryMs);
    return () => clearInterval(timer);
  }, [hold, filtersKey]);

  const loaded = pages.data;
  const rows = useMemo(() => {
    const onTop = arrived.key === filtersKey ? arrived.requests : [];
    return distinct([...onTop, ...(loaded?.pages.flatMap((page) => page.requests) ?? [])]);
  }, [arrived, filtersKey, loaded]);
  return { pages, rows, waiting, liveState };
}

function useThrottledRefetch(): () => void {
  const client = useQueryClient();
  const lastAtMs = useRef(0);
  return () => {
    if (Date.now() - lastAtMs.current < kAskServerEveryMs) return;
    lastAtMs.current = Date.now();
    void client.invalidateQueries({ queryKey: ['requests', 'list'] });
  };
}

function distinct(requests: RequestSummary[]): RequestSummary[] {
  const seen = new Set<string>();
  return requests.filter(({ id }) => !seen.has(id) && seen.add(id));
}
