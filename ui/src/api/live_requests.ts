import { useEffect, useRef, useState } from 'react';
import type { RequestSummary } from './types.ts';

export type LiveState = 'connecting' | 'live' | 'lost';

/** Follows GET /api/v1/requests/live. The browser reconnects by itself; `onRequest` sees each record once per arrival. */
export function useLiveRequests(onRequest: (request: RequestSummary) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const latest = useRef(onRequest);
  useEffect(() => {
    latest.current = onRequest;
  });
  useEffect(() => {
    const source = new EventSource('/api/v1/requests/live');
    source.onopen = () => setState('live');
    source.onerror = () => setState('lost');
    source.addEventListener('request', (event: MessageEvent<string>) => {
      latest.current(JSON.parse(event.data) as RequestSummary);
    });
    return () => source.close();
  }, []);
  return state;
}
