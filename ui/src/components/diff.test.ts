import { describe, expect, test } from 'vitest';
import { diffFields, parseUnified } from './diff.ts';

describe('a unified diff', () => {
  const diff = `--- version 1
+++ version 2
@@ -1,3 +1,3 @@
 a
-b
+B
 c
@@ -9,2 +9,3 @@
 x

+-- y
\\ No newline at end of file
`;

  test('is read with the line numbers of both sides', () => {
    expect(parseUnified(diff).map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ['same', 'a', 1, 1],
      ['removed', 'b', 2, null],
      ['added', 'B', null, 2],
      ['same', 'c', 3, 3],
      ['gap', '@@ -9,2 +9,3 @@', null, null],
      ['same', 'x', 9, 9],
      ['same', '', 10, 10],
      ['added', '-- y', null, 11],
    ]);
  });

  test('of equal texts is empty, and a new text is all additions', () => {
    expect(parseUnified('')).toEqual([]);
    expect(parseUnified('--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n')).toEqual([
      { kind: 'added', text: 'x', before: null, after: 1 },
    ]);
  });
});

describe('the difference of two documents', () => {
  test('names each changed field by its path', () => {
    const before = { name: 'a', limits: [{ amount: 1 }], budget: null };
    const after = { name: 'a', limits: [{ amount: 2 }], budget: { amount: 5 } };
    expect(diffFields(before, after)).toEqual([
      { path: 'limits[0].amount', before: '1', after: '2' },
      { path: 'budget', before: 'null', after: null },
      { path: 'budget.amount', before: null, after: '5' },
    ]);
  });

  test('of one that is new is all of it, and of equal ones nothing', () => {
    expect(diffFields(null, { name: 'a', tags: [] })).toEqual([
      { path: 'name', before: null, after: '"a"' },
      { path: 'tags', before: null, after: '[]' },
    ]);
    expect(diffFields({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });
});
