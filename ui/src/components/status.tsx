import type { RequestSummary } from '../api/types.ts';
import { isCacheHit, outcomeOf } from '../api/request_facts.ts';
import './status.css';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

export function Dot({ tone }: { tone: Tone }) {
  return <span className={`dot dot-${tone}`} aria-hidden="true" />;
}

export function Badge({ tone, children, title }: { tone: Tone; children: React.ReactNode; title?: string }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}

/** A request's HTTP status with its outcome: colour is never the only sign. */
export function RequestStatus({ request }: { request: RequestSummary }) {
  const outcome = outcomeOf(request);
  if (outcome === 'cancelled') {
    return (
      <Badge tone="warn" title="The client went away before the end.">
        {request.status} cancelled
      </Badge>
    );
  }
  if (outcome === 'error') {
    const title = request.error ? `${request.error.code}: ${request.error.message}` : undefined;
    return (
      <Badge tone="bad" title={title}>
        {request.status} {request.status < 400 ? 'cut' : 'error'}
      </Badge>
    );
  }
  if (isCacheHit(request)) {
    return (
      <Badge tone="good" title={`Answered from the cache (${request.cache} match).`}>
        {request.status} cached
      </Badge>
    );
  }
  return <Badge tone="calm">{request.status}</Badge>;
}
