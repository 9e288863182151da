import { describe, expect, test } from 'vitest';
import { firstColumns, readColumns } from './saved_columns.ts';
import { orderOf } from './run_columns.tsx';

describe('the columns of a run table', () => {
  test('are what was chosen, and nothing that is none', () => {
    expect(readColumns('["metrics.loss","params.lr","evil",3]')).toEqual(['metrics.loss', 'params.lr']);
    expect(readColumns('{')).toBeNull();
    expect(readColumns(null)).toBeNull();
  });

  test('begin with a few metrics and params', () => {
    const available = [
      'metrics.a',
      'metrics.b',
      'metrics.c',
      'metrics.d',
      'metrics.e',
      'params.x',
      'tags.t',
    ] as const;
    expect(firstColumns([...available])).toEqual([
      'metrics.a',
      'metrics.b',
      'metrics.c',
      'metrics.d',
      'params.x',
    ]);
  });

  test('order in the words of the server', () => {
    expect(orderOf('-metrics.val loss')).toBe('metrics.`val loss` DESC');
    expect(orderOf('started')).toBe('attributes.start_time ASC');
    expect(orderOf('')).toBe('');
    expect(orderOf('duration')).toBe('');
  });
});
