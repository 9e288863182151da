import { useCallback, useState } from 'react';
import type { Run } from '../../api/mlflow_types.ts';
import { isOwnTag, keysOf } from '../../api/run_facts.ts';

/** Which params, metrics and tags a run table shows: a person's taste, kept in the browser for each experiment. */

export type RunColumnId = `${'params' | 'metrics' | 'tags'}.${string}`;

/** What is shown until somebody chooses. */
const kFirstMetrics = 4;
const kFirstParams = 4;

export function availableColumns(runs: Run[]): RunColumnId[] {
  return [
    ...keysOf(runs, 'metrics').map((key) => `metrics.${key}` as const),
    ...keysOf(runs, 'params').map((key) => `params.${key}` as const),
    ...keysOf(runs, 'tags')
      .filter(isOwnTag)
      .map((key) => `tags.${key}` as const),
  ];
}

export function firstColumns(available: RunColumnId[]): RunColumnId[] {
  const of = (list: string) => available.filter((column) => column.startsWith(list));
  return [...of('metrics.').slice(0, kFirstMetrics), ...of('params.').slice(0, kFirstParams)];
}

const storageKey = (experimentId: string) => `penstock.columns.${experimentId}`;

/** Null: nobody has chosen yet. */
export function readColumns(stored: string | null): RunColumnId[] | null {
  if (stored === null) return null;
  try {
    const list: unknown = JSON.parse(stored);
    const isColumn = (name: unknown): name is RunColumnId =>
      typeof name === 'string' && /^(params|metrics|tags)\../.test(name);
    return Array.isArray(list) ? list.filter(isColumn) : null;
  } catch {
    return null;
  }
}

export function useSavedColumns(
  experimentId: string,
): [RunColumnId[] | null, (columns: RunColumnId[] | null) => void] {
  const [columns, setColumns] = useState(() => readColumns(localStorage.getItem(storageKey(experimentId))));
  const save = useCallback(
    (chosen: RunColumnId[] | null) => {
      if (chosen === null) localStorage.removeItem(storageKey(experimentId));
      else localStorage.setItem(storageKey(experimentId), JSON.stringify(chosen));
      setColumns(chosen);
    },
    [experimentId],
  );
  return [columns, save];
}
