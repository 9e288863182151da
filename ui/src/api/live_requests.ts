import { useEffect, useRef, useState } from 'react';
import { credentials } from './credentials.ts';
import { readSse } from './sse.ts';
import type { RequestSummary } from './types.ts';

export type LiveState = 'connecting' | 'live' | 'lost';

const kRetryFirstMs = 500;
const kRetryMaxMs = 15_000;

/**
 * Follows GET /api/v1/requests/live and calls `onRequest` with each record. Reconnects by itself, waiting longer
 * after each failure. (EventSource would do, but cannot send a key.)
 */
export function useLiveRequests(onRequest: (request: RequestSummary) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const latest = useRef(onRequest);
  useEffect(() => {
    latest.current = onRequest;
  });
  useEffect(() => {
    const abort = new AbortController();
    void followForever(
      abort.signal,
      (request) => latest.current(request),
      (next) => !abort.signal.aborted && setState(next),
    );
    return () => abort.abort();
  }, []);
  return state;
}

async function followForever(
  signal: AbortSignal,
  onRequest: (request: RequestSummary) => void,
  onState: (state: LiveState) => void,
): Promise<void> {
  let waitMs = kRetryFirstMs;
  while (!signal.aborted) {
    try {
      const response = await fetch('/api/v1/requests/live', {
        headers: { accept: 'text/event-stream', ...credentials() },
        signal,
      });
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
      onState('live');
      waitMs = kRetryFirstMs;
      for await (const { event, data } of readSse(response.body)) {
        if (event === 'request') onRequest(JSON.parse(data) as RequestSummary);
      }
    } catch {
      // Whatever it was, the sign says so and the next try may do better.
    }
    onState('lost');
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, kRetryMaxMs);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
  });
}
