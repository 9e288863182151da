import { expect, test } from 'vitest';
import { spanOfLine } from './config_draft.ts';

test.each([
  [1, 'ab'],
  [2, ''],
  [3, 'c'],
  [0, 'ab'],
  [99, 'c'],
])('line %d of the text is %j', (line, expected) => {
  const text = 'ab\n\nc';
  const { start, end } = spanOfLine(text, line);
  expect(text.slice(start, end)).toBe(expected);
});
