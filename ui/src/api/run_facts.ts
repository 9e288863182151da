import type { KeyValue, Metric, Run } from './mlflow_types.ts';

/** What is read from runs, apart from how it is shown. */

/** JSON has no NaN or infinities: the server writes them as text. */
export function metricNumber(value: number | string): number {
  return typeof value === 'number' ? value : Number(value);
}

export function metricOf(run: Run, key: string): number | null {
  const metric = run.data.metrics?.find((one) => one.key === key);
  return metric ? metricNumber(metric.value) : null;
}

export function valueOf(list: KeyValue[] | undefined, key: string): string | null {
  return list?.find((one) => one.key === key)?.value ?? null;
}

/** Running ones have lasted until now. */
export function runDurationMs(run: Run, nowMs: number): number | null {
  const { start_time: start, end_time: end, status } = run.info;
  if (start === undefined) return null;
  if (end !== undefined && end > 0) return end - start;
  return status === 'RUNNING' ? Math.max(0, nowMs - start) : null;
}

export function runName(run: Run): string {
  return run.info.run_name || run.info.run_id.slice(0, 12);
}

/** Tags that MLflow's clients write about themselves. */
export function isOwnTag(key: string): boolean {
  return !key.startsWith('mlflow.');
}

/** Every key that one of the runs has, in alphabetical order. */
export function keysOf(runs: Run[], list: 'metrics' | 'params' | 'tags'): string[] {
  const keys = new Set(runs.flatMap((run) => run.data[list]?.map(({ key }) => key) ?? []));
  return [...keys].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export interface Curve {
  runId: string;
  points: { step: number; ms: number; value: number }[];
}

/** One curve a run, in the order of `runIds`, its points by step, then time. */
export function curvesOf(metrics: Metric[], runIds: string[]): Curve[] {
  const curves = new Map<string, Curve>(runIds.map((runId) => [runId, { runId, points: [] }]));
  for (const { run_id: runId = runIds[0] ?? '', step = 0, timestamp, value } of metrics) {
    curves.get(runId)?.points.push({ step, ms: timestamp, value: metricNumber(value) });
  }
  for (const { points } of curves.values()) points.sort((a, b) => a.step - b.step || a.ms - b.ms);
  return [...curves.values()];
}

/** Only the keys whose values are not the same in all of the runs. */
export function differing(
  runs: Run[],
  keys: string[],
  read: (run: Run, key: string) => string | null,
): string[] {
  return keys.filter((key) => new Set(runs.map((run) => read(run, key))).size > 1);
}
