import { describe, expect, test } from 'vitest';
import { inputMessages, outputMessages } from './messages.ts';

describe('recorded messages', () => {
  test('of every shape become role, text and structured parts', () => {
    const input = {
      messages: [
        { role: 'user', content: 'plain' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'u' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1' }] },
      ],
    };
    const messages = inputMessages({ input });
    expect(messages?.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'plain'],
      ['user', 'a'],
      ['assistant', ''],
    ]);
    expect(messages?.map(({ structured }) => structured.length)).toEqual([0, 1, 1]);
  });

  test('of a body that is not a chat are none', () => {
    expect(inputMessages({ input: 'cut {' })).toBeNull();
    expect(inputMessages({ input: null })).toBeNull();
    expect(inputMessages({ input: { input: ['embed me'] } })).toBeNull();
  });

  test('of an answer may be one message, several choices, a text or nothing', () => {
    expect(outputMessages({ output: null })).toEqual([]);
    expect(outputMessages({ output: 'text' })[0]?.text).toBe('text');
    expect(outputMessages({ output: { role: 'assistant', content: 'hi' } })[0]?.text).toBe('hi');
    const choices = [
      { message: { role: 'assistant', content: '1' } },
      { message: { role: 'assistant', content: '2' } },
    ];
    expect(outputMessages({ output: choices }).map(({ text }) => text)).toEqual(['1', '2']);
    expect(outputMessages({ output: { answer: 1 } })[0]?.structured).toHaveLength(1);
  });
});
