import { describe, expect, test } from 'vitest';
import type { Run } from './mlflow_types.ts';
import { curvesOf, differing, keysOf, metricNumber, metricOf, runDurationMs, valueOf } from './run_facts.ts';

const run = (id: string, params: Record<string, string>, info: Partial<Run['info']> = {}): Run => ({
  info: { run_id: id, experiment_id: '1', status: 'FINISHED', lifecycle_stage: 'active', ...info },
  data: {
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    metrics: [{ key: 'loss', value: 'NaN', timestamp: 5 }],
  },
});

describe('facts of runs', () => {
  test('numbers that JSON lacks come as text', () => {
    expect(metricNumber('Infinity')).toBe(Infinity);
    expect(metricNumber(0.5)).toBe(0.5);
    expect(metricOf(run('a', {}), 'loss')).toBeNaN();
    expect(metricOf(run('a', {}), 'accuracy')).toBeNull();
  });

  test('a running run has lasted until now, a killed one without an end has no duration', () => {
    expect(runDurationMs(run('a', {}, { status: 'RUNNING', start_time: 1_000 }), 3_500)).toBe(2_500);
    expect(runDurationMs(run('a', {}, { start_time: 1_000, end_time: 1_200 }), 9_000)).toBe(200);
    expect(runDurationMs(run('a', {}, { status: 'KILLED', start_time: 1_000 }), 9_000)).toBeNull();
  });

  test('keys are those of any run, numbers in their order', () => {
    const runs = [run('a', { layer_10: 'x', lr: '1' }), run('b', { layer_2: 'y' })];
    expect(keysOf(runs, 'params')).toEqual(['layer_2', 'layer_10', 'lr']);
  });

  test('what differs between runs is what one has otherwise or lacks', () => {
    const runs = [run('a', { lr: '1', seed: '7' }), run('b', { lr: '2', seed: '7', extra: 'z' })];
    const read = (one: Run, key: string) => valueOf(one.data.params, key);
    expect(differing(runs, keysOf(runs, 'params'), read)).toEqual(['extra', 'lr']);
  });

  test('curves are told apart by run and go by step', () => {
    const curves = curvesOf(
      [
        { key: 'loss', value: 2, step: 1, timestamp: 20, run_id: 'b' },
        { key: 'loss', value: 'NaN', step: 2, timestamp: 30, run_id: 'a' },
        { key: 'loss', value: 1, timestamp: 10, run_id: 'a' },
      ],
      ['a', 'b'],
    );
    expect(curves.map(({ runId, points }) => [runId, points.map(({ step }) => step)])).toEqual([
      ['a', [0, 2]],
      ['b', [1]],
    ]);
  });
});
