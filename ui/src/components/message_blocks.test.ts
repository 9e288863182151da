import { describe, expect, test } from 'vitest';
import { splitMessage, splitSpans } from './message_blocks.ts';

describe('a message', () => {
  test('is cut at its code fences', () => {
    expect(splitMessage('Look:\n\n```py\nx = 1\n\ny = 2\n```\n\nDone.')).toEqual([
      { kind: 'text', text: 'Look:', language: '' },
      { kind: 'code', text: 'x = 1\n\ny = 2', language: 'py' },
      { kind: 'text', text: 'Done.', language: '' },
    ]);
  });

  test('may end inside a fence while it streams', () => {
    expect(splitMessage('```\nhalf')).toEqual([{ kind: 'code', text: 'half', language: '' }]);
  });

  test('keeps a shorter fence inside a longer one', () => {
    expect(splitMessage('````\n```\n````')).toEqual([{ kind: 'code', text: '```', language: '' }]);
  });

  test('marks code and bold and leaves everything else alone', () => {
    expect(splitSpans('a `b` **c** 2 * 3 <i>')).toEqual([
      { kind: 'plain', text: 'a ' },
      { kind: 'code', text: 'b' },
      { kind: 'plain', text: ' ' },
      { kind: 'bold', text: 'c' },
      { kind: 'plain', text: ' 2 * 3 <i>' },
    ]);
  });
});
