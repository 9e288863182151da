import { describe, expect, test } from 'vitest';
import { artifactKind, separated, splitOriented } from './artifact_kind.ts';
import { formatMetric } from './format_metric.ts';

describe('an artifact', () => {
  test.each([
    ['plots/roc.PNG', 'image'],
    ['data.csv', 'table'],
    ['model/MLmodel', 'text'],
    ['notes.md', 'text'],
    ['model.pkl', 'other'],
    ['.gitignore', 'other'],
  ])('%s is shown as %s', (path, kind) => expect(artifactKind(path)).toBe(kind));

  test('JSON is a table where it is one', () => {
    const text = '{"columns":["a","b"],"data":[[1,null],["x",{"k":2}]]}';
    expect(artifactKind('eval.json', text)).toBe('table');
    expect(splitOriented(text)).toEqual({
      columns: ['a', 'b'],
      rows: [
        ['1', ''],
        ['x', '{"k":2}'],
      ],
    });
    expect(artifactKind('eval.json', '{"columns":1}')).toBe('text');
    expect(splitOriented('[')).toBeNull();
  });

  test('separated text keeps what is quoted together', () => {
    expect(separated('a,b\r\n"x, ""y""","1\n2"\n,\n', ',')).toEqual({
      columns: ['a', 'b'],
      rows: [
        ['x, "y"', '1\n2'],
        ['', ''],
      ],
    });
    expect(separated('', ',')).toEqual({ columns: [], rows: [] });
  });
});

test.each([
  [0.123456789, '0.12346'],
  [0.00001, '1.00e-5'],
  [1234.5678, '1,234.6'],
  [3, '3'],
  [0, '0'],
  [NaN, 'NaN'],
  [Number.MAX_VALUE, '∞'],
  [-2.5e12, '-2.50e+12'],
])('the metric %d reads %s', (value, text) => expect(formatMetric(value)).toBe(text));
