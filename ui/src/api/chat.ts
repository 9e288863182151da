import { ApiError, errorFromBody } from './client.ts';
import { credentials, reportRefused } from './credentials.ts';
import { readSse } from './sse.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatParameters {
  temperature: number | null;
  top_p: number | null;
  max_tokens: number | null;
  seed: number | null;
  stop: string[];
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export type ChatEvent =
  | { type: 'open'; requestId: string | null }
  | { type: 'delta'; content: string; reasoning: string }
  | { type: 'finish'; reason: string }
  | { type: 'usage'; usage: Usage };

/** The body of POST /v1/chat/completions; a parameter that was left empty isn't sent, so the server's default holds. */
export function chatBody(model: string, messages: ChatMessage[], parameters: ChatParameters) {
  const { stop, ...numbers } = parameters;
  const set = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== null));
  return { model, messages, ...set, ...(stop.length > 0 ? { stop } : {}) };
}

interface Chunk {
  choices?: {
    delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null };
    finish_reason?: string | null;
  }[];
  usage?: Usage | null;
  error?: { message?: string; code?: string | null; type?: string };
}

/**
 * Streams one answer. Yields 'open' once the headers are there, then what the model says as it says it.
 * Throws ApiError when the server refuses, reports an error inside the stream, or ends it without "[DONE]";
 * aborting the signal rejects with the browser's AbortError and closes the connection, which stops the model.
 */
export async function* streamChat(
  body: ReturnType<typeof chatBody>,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const response = await postChat(body, signal);
  const requestId = response.headers.get('x-request-id');
  yield { type: 'open', requestId };
  if (response.status === 401) reportRefused();
  if (!response.ok) throw errorFromBody(response.status, await response.text());
  if (!response.body) throw new ApiError(response.status, 'no_body', 'The answer has no body.');
  for await (const { data } of readSse(response.body)) {
    if (data === '[DONE]') return;
    yield* eventsOf(parseChunk(data, response.status));
  }
  throw new ApiError(
    response.status,
    'stream_cut',
    'The stream ended before "[DONE]": the answer is incomplete.',
  );
}

async function postChat(body: object, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-penstock-feature': 'playground', ...credentials() },
      body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new ApiError(0, 'unreachable', 'The server does not answer. Is `penstock serve` running?');
  }
}

function parseChunk(data: string, status: number): Chunk {
  let chunk: Chunk;
  try {
    chunk = JSON.parse(data) as Chunk;
  } catch {
    throw new ApiError(status, 'not_json', `An event of the stream is not JSON: ${data.slice(0, 500)}`);
  }
  if (chunk.error) throw errorFromBody(status, data);
  return chunk;
}

function* eventsOf(chunk: Chunk): Generator<ChatEvent> {
  const choice = chunk.choices?.[0];
  const content = choice?.delta?.content ?? '';
  const reasoning = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning ?? '';
  if (content || reasoning) yield { type: 'delta', content, reasoning };
  if (choice?.finish_reason) yield { type: 'finish', reason: choice.finish_reason };
  if (chunk.usage) yield { type: 'usage', usage: chunk.usage };
}
