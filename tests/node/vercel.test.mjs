// The Vercel AI SDK against the server at PENSTOCK_DOORS_URL, by each of its providers, before upstreams of both
// protocols.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const kAnswer = 'water falls through a gated narrow pipe today';
const kPlace = { city: 'Paris', unit: 'celsius' };
const settings = { baseURL: `${process.env.PENSTOCK_DOORS_URL}/v1`, apiKey: process.env.PENSTOCK_KEY };
const openai = createOpenAI(settings);
const providers = {
  'openai chat': (model) => openai.chat(model),
  'openai responses': (model) => openai.responses(model),
  'openai-compatible': createOpenAICompatible({ name: 'penstock', includeUsage: true, ...settings }),
  anthropic: createAnthropic(settings),
};
const prompt = 'Say a word about water.';
const common = { prompt, maxRetries: 0 };

for (const [name, provider] of Object.entries(providers)) {
  for (const model of ['gpt-x+strict', 'claude-x']) {
    test(`${name}, ${model}: text is generated`, async () => {
      const answer = await generateText({ model: provider(model), ...common });
      assert.equal(answer.text, kAnswer);
      assert.equal(answer.finishReason, 'stop');
      assert.equal(answer.usage.outputTokens, 8);
    });

    test(`${name}, ${model}: text is streamed`, async () => {
      const answer = streamText({ model: provider(model), ...common });
      const words = [];
      for await (const word of answer.textStream) words.push(word);
      assert.equal(words.join(''), kAnswer);
      assert.equal((await answer.usage).outputTokens, 8);
    });

    test(`${name}, ${model}: a tool is called in a stream and its result taken`, async () => {
      const asked = [];
      const execute = async (input) => {
        asked.push(input);
        return '18 degrees';
      };
      const inputSchema = z.object({ city: z.string(), unit: z.string() });
      const answer = streamText({
        model: provider(`${model}+tools`),
        tools: { get_weather: tool({ description: 'The weather', inputSchema, execute }) },
        stopWhen: stepCountIs(3),
        ...common,
      });
      assert.equal(await answer.text, kAnswer);
      assert.deepEqual(asked, [kPlace]);
    });
  }
}

for (const model of ['gpt-x+strict', 'claude-x']) {
  test(`openai-compatible, ${model}: an object is generated`, async () => {
    const schema = z.object({ city: z.string(), unit: z.string() });
    const answer = await generateObject({ model: providers['openai-compatible'](`${model}+json`), schema, ...common });
    assert.deepEqual(answer.object, kPlace);
  });
}

for (const [name, model] of [['openai chat', 'fault-cut-3'], ['anthropic', 'claude-cut'], ['openai chat', 'claude-cut']]) {
  test(`${name}, ${model}: a stream that breaks is an error`, async () => {
    const errors = [];
    const answer = streamText({ model: providers[name](model), ...common, onError: ({ error }) => errors.push(error) });
    await answer.consumeStream({ onError: (error) => errors.push(error) });
    assert.ok(errors.length > 0);
  });
}
