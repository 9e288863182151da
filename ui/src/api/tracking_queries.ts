import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { getJson, getText, sendJson } from './client.ts';
import type { ArtifactList, Experiment, Metric, Run, RunPage } from './mlflow_types.ts';

const kBase = '/ajax-api/2.0/mlflow';
const kRunsEveryMs = 10_000;
const kHistoryEveryMs = 10_000;
export const kRunPageRows = 200;
const kExperimentsMax = 5_000;
/** Points of one curve: more than a chart has pixels for a line. */
const kHistoryPoints = 1_000;

export function useExperiments() {
  return useQuery({
    queryKey: ['tracking', 'experiments'],
    queryFn: async () => {
      const body = { max_results: kExperimentsMax, order_by: ['last_update_time DESC'] };
      const page = await sendJson<{ experiments?: Experiment[] }>(
        'POST',
        `${kBase}/experiments/search`,
        body,
      );
      return page.experiments ?? [];
    },
    refetchInterval: kRunsEveryMs,
  });
}

export interface RunQuery {
  experimentId: string;
  /** In MLflow's grammar: `metrics.loss < 0.5 AND params.lr = '0.01'`. */
  filter: string;
  /** "metrics.loss ASC"; empty: newest first. */
  order: string;
  view: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
}

export function useRunPages({ experimentId, filter, order, view }: RunQuery) {
  return useInfiniteQuery({
    queryKey: ['tracking', 'runs', experimentId, filter, order, view],
    queryFn: ({ pageParam }) =>
      sendJson<RunPage>('POST', `${kBase}/runs/search`, {
        experiment_ids: [experimentId],
        filter,
        run_view_type: view,
        max_results: kRunPageRows,
        ...(order && { order_by: [order] }),
        ...(pageParam && { page_token: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token || null,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : kRunsEveryMs),
    retry: false,
  });
}

const runQuery = (id: string) => ({
  queryKey: ['tracking', 'run', id],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await getJson<{ run: Run }>(`${kBase}/runs/get?run_id=${encodeURIComponent(id)}`, signal)).run,
  refetchInterval: kRunsEveryMs,
});

export function useRun(id: string) {
  return useQuery(runQuery(id));
}

export function useRuns(ids: string[]) {
  return useQueries({ queries: ids.map(runQuery) });
}

/** One metric of several runs, thinned by the server to what a chart can show. */
export function useHistories(runIds: string[], key: string) {
  return useQuery({
    queryKey: ['tracking', 'history', runIds, key],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams([
        ...runIds.map((id) => ['run_ids', id]),
        ['metric_key', key],
        ['max_results', String(kHistoryPoints)],
      ]);
      const path = `${kBase}/metrics/get-history-bulk-interval?${query}`;
      return (await getJson<{ metrics?: Metric[] }>(path, signal)).metrics ?? [];
    },
    refetchInterval: kHistoryEveryMs,
    placeholderData: keepPreviousData,
  });
}

export function useArtifacts(runId: string, path: string) {
  return useQuery({
    queryKey: ['tracking', 'artifacts', runId, path],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ run_id: runId, ...(path && { path }) });
      return getJson<ArtifactList>(`${kBase}/artifacts/list?${query}`, signal);
    },
  });
}

/** Where an artifact's bytes are. */
export function artifactUrl(runId: string, path: string): string {
  return `/get-artifact?${new URLSearchParams({ run_id: runId, path })}`;
}

export function useArtifactText(runId: string, path: string, enabled: boolean) {
  return useQuery({
    queryKey: ['tracking', 'artifact', runId, path],
    queryFn: () => getText(artifactUrl(runId, path), '*/*'),
    enabled,
    staleTime: 60_000,
  });
}
