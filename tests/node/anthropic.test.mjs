// Anthropic's TypeScript SDK against the server at PENSTOCK_DOORS_URL, before an upstream of its own protocol and
// before one of OpenAI's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';

const kAnswer = 'water falls through a gated narrow pipe today';
const kArguments = { city: 'Paris', unit: 'celsius' };
const messages = [{ role: 'user', content: 'Say a word about water.' }];
const tools = [{ name: 'get_weather', input_schema: { type: 'object' } }];
const client = new Anthropic({
  baseURL: process.env.PENSTOCK_DOORS_URL,
  apiKey: process.env.PENSTOCK_KEY,
  maxRetries: 0,
  timeout: 60_000,
});

for (const model of ['claude-x', 'gpt-x+strict']) {
  test(`${model}: a message is answered`, async () => {
    const answer = await client.messages.create({ model, max_tokens: 1000, messages });
    assert.equal(answer.content[0].text, kAnswer);
    assert.equal(answer.stop_reason, 'end_turn');
    assert.equal(answer.usage.output_tokens, 8);
    assert.match(answer._request_id, /^[0-9a-f-]{36}$/);
  });

  test(`${model}: the stream helper accumulates a message`, async () => {
    const stream = client.messages.stream({ model, max_tokens: 1000, messages });
    const words = [];
    stream.on('text', (text) => words.push(text));
    const final = await stream.finalMessage();
    assert.equal(words.join(''), kAnswer);
    assert.equal(final.usage.output_tokens, 8);
  });

  test(`${model}: the stream helper accumulates a tool's input from its fragments`, async () => {
    const stream = client.messages.stream({ model: `${model}+parallel`, max_tokens: 1000, messages, tools });
    const final = await stream.finalMessage();
    const calls = final.content.filter((block) => block.type === 'tool_use');
    assert.deepEqual(calls.map((call) => call.input), [kArguments, kArguments]);
    assert.equal(final.stop_reason, 'tool_use');
  });

  test(`${model}: a tool's result is taken`, async () => {
    const asked = { model: `${model}+tools`, max_tokens: 1000, tools };
    const first = await client.messages.create({ ...asked, messages });
    const call = first.content.find((block) => block.type === 'tool_use');
    const result = { type: 'tool_result', tool_use_id: call.id, content: '18 degrees' };
    const turns = [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }];
    const second = await client.messages.create({ ...asked, messages: turns });
    assert.equal(second.content.at(-1).text, kAnswer);
  });
}

test('tokens are counted', async () => {
  const counted = await client.messages.countTokens({ model: 'claude-x', messages });
  assert.ok(counted.input_tokens > 0);
});

const kClasses = [
  ['no-such-model', Anthropic.NotFoundError],
  ['claude-400', Anthropic.BadRequestError],
  ['fault-429', Anthropic.RateLimitError],
  ['claude-529', Anthropic.InternalServerError],
];
for (const [model, type] of kClasses) {
  test(`${model} raises ${type.name}`, async () => {
    await assert.rejects(client.messages.create({ model, max_tokens: 9, messages }), type);
  });
}

for (const model of ['claude-cut', 'fault-cut-3']) {
  test(`${model}: a stream that breaks raises instead of ending`, async () => {
    const stream = client.messages.stream({ model, max_tokens: 1000, messages });
    await assert.rejects(stream.finalMessage());
  });
}
