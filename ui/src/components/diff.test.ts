import { describe, expect, test } from 'vitest';
import { diffFields, diffLines, foldDiff, type DiffLine } from './diff.ts';

const kSigns = { same: ' ', added: '+', removed: '-' };
const unified = (lines: DiffLine[]) => lines.map((line) => kSigns[line.kind] + line.text);

describe('the difference of two texts', () => {
  test('is the shortest edit', () => {
    expect(unified(diffLines('a\nb\nc\nd\n', 'a\nc\nx\nd\n'))).toEqual([' a', '-b', ' c', '+x', ' d']);
  });

  test('numbers the lines of both sides', () => {
    const lines = diffLines('a\nb\nc\n', 'a\nx\ny\nc\n');
    expect(lines.map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, null],
      [null, 2],
      [null, 3],
      [3, 4],
    ]);
  });

  test.each([
    ['', ''],
    ['', 'a\n'],
    ['a\n', ''],
    ['a', 'a\n'],
  ])('bears the ends: %j to %j', (before, after) => {
    const lines = diffLines(before, after);
    const rebuilt = (skip: string) => lines.filter(({ kind }) => kind !== skip).map(({ text }) => text);
    expect(rebuilt('added').join('\n')).toBe(before.replace(/\n$/, ''));
    expect(rebuilt('removed').join('\n')).toBe(after.replace(/\n$/, ''));
  });

  test('rebuilds both texts, whatever they are', () => {
    let state = 7;
    const random = (below: number) => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) % below;
    for (let round = 0; round < 200; round += 1) {
      const text = () => Array.from({ length: random(30) }, () => 'abc'[random(3)]).join('\n');
      const [before, after] = [text(), text()];
      const lines = diffLines(before, after);
      const side = (skip: string) => lines.filter(({ kind }) => kind !== skip).map((line) => line.text);
      expect(side('added').join('\n')).toBe(before);
      expect(side('removed').join('\n')).toBe(after);
    }
  });

  test('folds what is far from a change', () => {
    const text = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const changed = text.with(20, 'other');
    const blocks = foldDiff(diffLines(text.join('\n'), changed.join('\n')));
    expect(blocks.map((block) => (block.kind === 'folded' ? block.count : block.lines.length))).toEqual([
      17, 8, 16,
    ]);
    expect(foldDiff([])).toEqual([]);
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
