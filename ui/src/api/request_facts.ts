import type { RequestSummary } from './types.ts';

/** What follows from a record's times and counts; null where the record can't tell. */

export function durationMs(request: RequestSummary): number {
  return (request.ended_at_us - request.started_at_us) / 1000;
}

export function ttftMs(request: RequestSummary): number | null {
  if (request.first_token_at_us === null) return null;
  return (request.first_token_at_us - request.started_at_us) / 1000;
}

/** Shorter streams arrive as one piece of the network, and tell nothing about the model. */
const kStreamMinS = 0.05;

/** Decoding speed: the tokens after the first one over the time after the first one. */
export function tokensPerSecond(request: RequestSummary): number | null {
  const tokens = request.tokens.output + request.tokens.reasoning;
  if (request.first_token_at_us === null || !request.stream || tokens < 2) return null;
  const seconds = (request.ended_at_us - request.first_token_at_us) / 1e6;
  return seconds >= kStreamMinS ? (tokens - 1) / seconds : null;
}

export type Outcome = 'ok' | 'error' | 'cancelled';

/** What nginx, and we after it, answer to a client that has gone. */
export const kClientGone = 499;

export function outcomeOf(request: RequestSummary): Outcome {
  if (request.client_disconnected || request.status === kClientGone) return 'cancelled';
  return request.status >= 400 || request.error ? 'error' : 'ok';
}

/** Tokens as providers count prompts and completions. */
export function inputTokens({ tokens }: RequestSummary): number {
  const { input, cached_input, cache_write = 0, cache_write_1h = 0, image = 0 } = tokens;
  return input + cached_input + cache_write + cache_write_1h + image;
}

export function outputTokens({ tokens }: RequestSummary): number {
  return tokens.output + tokens.reasoning + (tokens.audio ?? 0);
}

export function isCacheHit({ cache }: RequestSummary): boolean {
  return cache === 'exact' || cache === 'semantic';
}
