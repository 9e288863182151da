import { afterEach, describe, expect, test, vi } from 'vitest';
import { chatBody, streamChat, type ChatEvent } from './chat.ts';
import { ApiError } from './client.ts';

const kBody = chatBody('m', [{ role: 'user', content: 'hi' }], {
  temperature: 0,
  top_p: null,
  max_tokens: 5,
  seed: null,
  stop: [],
});

function answer(body: string, init: ResponseInit = {}): void {
  vi.stubGlobal('fetch', async () => new Response(body, init));
}

async function collect(): Promise<{ events: ChatEvent[]; error: unknown }> {
  const events: ChatEvent[] = [];
  try {
    for await (const event of streamChat(kBody, new AbortController().signal)) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events, error: null };
}

const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

afterEach(() => vi.unstubAllGlobals());

describe('a streamed chat', () => {
  test('leaves out the parameters that were not set', () => {
    expect(kBody).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 0,
      max_tokens: 5,
    });
  });

  test('yields the request id, the pieces, the reason and the usage', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    answer(
      delta('Hel') +
        delta('lo') +
        'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n' +
        `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`,
      { headers: { 'x-request-id': 'r1' } },
    );
    const { events, error } = await collect();
    expect(error).toBeNull();
    expect(events).toEqual([
      { type: 'open', requestId: 'r1' },
      { type: 'delta', content: 'Hel', reasoning: '' },
      { type: 'delta', content: 'lo', reasoning: '' },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage },
    ]);
  });

  test('throws what the server said when it refuses', async () => {
    answer(
      '{"error":{"message":"No such model.","type":"invalid_request_error","code":"model_not_found","param":"model"}}',
      {
        status: 404,
      },
    );
    const { error } = await collect();
    expect(error).toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: 'No such model.',
      field: 'model',
    });
  });

  test('throws an error that arrives inside the stream', async () => {
    answer(delta('a') + 'data: {"error":{"message":"The engine exited.","code":"engine_died"}}\n\n');
    const { events, error } = await collect();
    expect(events).toHaveLength(2);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'engine_died' });
  });

  test('never takes a stream without [DONE] for a whole answer', async () => {
    answer(delta('a'));
    expect((await collect()).error).toMatchObject({ code: 'stream_cut' });
  });

  test('shows an error page that is not JSON as it is', async () => {
    answer('upstream connect error', { status: 502 });
    expect((await collect()).error).toMatchObject({ code: 'http_502', message: 'upstream connect error' });
  });
});
