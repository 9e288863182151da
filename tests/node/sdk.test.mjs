// The official Node SDK against the server at PENSTOCK_URL. Run by tests/test_openai_node.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const kAnswer = 'water falls through a gated narrow pipe today';
const messages = [{ role: 'user', content: 'Say a word about water.' }];
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];

const client = clientWith({});

function clientWith(options) {
  const baseURL = `${process.env.PENSTOCK_URL}/v1`;
  return new OpenAI({ baseURL, apiKey: process.env.PENSTOCK_KEY, maxRetries: 0, timeout: 60_000, ...options });
}

test('a chat completion is answered', async () => {
  const answer = await client.chat.completions.create({ model: 'fast', messages });
  assert.equal(answer.choices[0].message.content, kAnswer);
  assert.equal(answer.usage.completion_tokens, 8);
  assert.match(answer._request_id, /^[0-9a-f-]{36}$/);
});

test('a stream spells the same answer', async () => {
  const words = [];
  for await (const chunk of await client.chat.completions.create({ model: 'gpt-x', messages, stream: true })) {
    words.push(chunk.choices[0].delta.content ?? '');
  }
  assert.equal(words.join(''), kAnswer);
});

test('the stream helper, which is strict about chunks, accumulates a completion', async () => {
  const stream = client.chat.completions.stream({
    model: 'gpt-x',
    messages,
    stream_options: { include_usage: true },
  });
  assert.equal(await stream.finalContent(), kAnswer);
  assert.equal((await stream.totalUsage()).completion_tokens, 8);
});

test('the stream helper accumulates tool calls from their fragments', async () => {
  const stream = client.chat.completions.stream({ model: 'tools', messages, tools });
  const message = await stream.finalMessage();
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Paris', unit: 'celsius' });
});

test('embeddings arrive in the base64 that the SDK decodes without asking', async () => {
  const answer = await client.embeddings.create({ model: 'gpt-embed', input: ['one', 'two'] });
  const rounded = answer.data.map((item) => item.embedding.slice(0, 3).map((value) => Math.round(value * 10) / 10));
  assert.deepEqual(rounded, [
    [0.6, 0.8, 0],
    [0, 0.6, 0.8],
  ]);
});

test('models are listed', async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes('fast'));
});

const kClasses = [
  ['no-such-model', OpenAI.NotFoundError, 'model_not_found'],
  ['fault-400', OpenAI.BadRequestError, 'mock_400'],
  ['fault-429', OpenAI.RateLimitError, 'mock_429'],
  ['fault-500', OpenAI.InternalServerError, 'mock_500'],
];
for (const [model, type, code] of kClasses) {
  test(`${model} raises ${type.name}`, async () => {
    await assert.rejects(client.chat.completions.create({ model, messages }), (error) => {
      assert.ok(error instanceof type, String(error));
      assert.equal(error.code, code);
      return true;
    });
  });
}

test('a rate limit is retried', async () => {
  const patient = clientWith({ maxRetries: 2 });
  const answer = await patient.chat.completions.create({ model: 'fault-429-1', messages });
  assert.equal(answer.choices[0].message.content, kAnswer);
});

test('a time-out is raised as one', async () => {
  const hasty = clientWith({ timeout: 500 });
  const asked = hasty.chat.completions.create({ model: 'fault-silent', messages });
  await assert.rejects(asked, OpenAI.APIConnectionTimeoutError);
});

test('a stream that breaks raises instead of ending', async () => {
  const stream = await client.chat.completions.create({ model: 'fault-cut-3', messages, stream: true });
  let chunks = 0;
  await assert.rejects(async () => {
    for await (const chunk of stream) chunks += chunk.choices.length;
  }, OpenAI.APIError);
  assert.equal(chunks, 4);
});

// Before an upstream of Anthropic's protocol.
const doors = clientWith({ baseURL: `${process.env.PENSTOCK_DOORS_URL}/v1` });

test('a translated stream accumulates tool calls', async () => {
  const stream = doors.chat.completions.stream({ model: 'claude-x+parallel', messages, tools });
  const message = await stream.finalMessage();
  const calls = message.tool_calls.map((call) => JSON.parse(call.function.arguments));
  assert.deepEqual(calls, [
    { city: 'Paris', unit: 'celsius' },
    { city: 'Paris', unit: 'celsius' },
  ]);
});

for (const model of ['gpt-x+strict', 'claude-x']) {
  test(`${model}: a response is answered, whole and as a stream`, async () => {
    const input = 'Say a word about water.';
    assert.equal((await doors.responses.create({ model, input })).output_text, kAnswer);
    const stream = doors.responses.stream({ model, input });
    assert.equal((await stream.finalResponse()).output_text, kAnswer);
  });
}
