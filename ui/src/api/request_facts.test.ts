import { describe, expect, test } from 'vitest';
import {
  durationMs,
  inputTokens,
  outcomeOf,
  outputTokens,
  tokensPerSecond,
  ttftMs,
} from './request_facts.ts';
import type { RequestSummary } from './types.ts';

const kRequest = {
  started_at_us: 1_000_000,
  first_token_at_us: 1_100_000,
  ended_at_us: 2_100_000,
  status: 200,
  stream: true,
  error: null,
  client_disconnected: false,
  tokens: { input: 10, cached_input: 0, output: 41, reasoning: 0, source: 'provider' },
} as RequestSummary;

describe('what follows from a record', () => {
  test('speed counts the tokens after the first over the time after it', () => {
    expect(tokensPerSecond(kRequest)).toBe(40);
    expect(ttftMs(kRequest)).toBe(100);
    expect(durationMs(kRequest)).toBe(1100);
  });

  test('nothing is made up where the record cannot tell', () => {
    expect(tokensPerSecond({ ...kRequest, stream: false })).toBeNull();
    expect(tokensPerSecond({ ...kRequest, first_token_at_us: null })).toBeNull();
    expect(tokensPerSecond({ ...kRequest, ended_at_us: 1_100_000 })).toBeNull();
    expect(ttftMs({ ...kRequest, first_token_at_us: null })).toBeNull();
  });

  test('every kind of token is counted once', () => {
    const tokens = { ...kRequest.tokens, cached_input: 3, cache_write: 2, image: 5, reasoning: 7, audio: 1 };
    expect(inputTokens({ ...kRequest, tokens })).toBe(20);
    expect(outputTokens({ ...kRequest, tokens })).toBe(49);
  });

  test('a stream that broke after its 200 is an error, a client that left is not', () => {
    const error = { code: 'engine_died', message: '' };
    expect(outcomeOf({ ...kRequest, error })).toBe('error');
    expect(outcomeOf({ ...kRequest, client_disconnected: true })).toBe('cancelled');
    expect(outcomeOf({ ...kRequest, status: 499, error })).toBe('cancelled');
    expect(outcomeOf(kRequest)).toBe('ok');
  });
});
