import { describe, expect, test } from 'vitest';
import type { ModelVersion } from './mlflow_types.ts';
import { filled, templateOf, variablesOf } from './prompt_template.ts';

const version = (text: string, type: string): ModelVersion => ({
  name: 'p',
  version: '1',
  tags: [
    { key: 'mlflow.prompt.text', value: text },
    { key: '_mlflow_prompt_type', value: type },
  ],
});

describe('a prompt template', () => {
  test('of text names its variables once, in their order', () => {
    const template = templateOf(version('{{ b }} {{a.x}} {{b}} {{ 1 }} { c }', 'text'));
    expect(variablesOf(template)).toEqual(['b', 'a.x']);
  });

  test('of a chat is a list of messages; one that is none stays text', () => {
    const text = '[{"role":"system","content":"Be {{ tone }}."},{"role":"user","content":"{{q}}"}]';
    expect(filled(templateOf(version(text, 'chat')), { tone: 'brief' })).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '{{q}}' },
    ]);
    expect(templateOf(version('[', 'chat'))).toEqual({ type: 'text', text: '[' });
  });

  test('puts values in as they are, once', () => {
    expect(filled(templateOf(version('{{a}}', 'text')), { a: '$& {{a}}' })).toEqual([
      { role: 'user', content: '$& {{a}}' },
    ]);
  });
});
