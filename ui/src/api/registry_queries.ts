import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getJson, sendJson } from './client.ts';
import type { ModelVersion, RegisteredModel } from './mlflow_types.ts';
import { readAll } from './pages_of.ts';

const kBase = '/ajax-api/2.0/mlflow';
const kEveryMs = 15_000;
const kModelsMax = 1_000;
const kVersionsMax = 2_000;

/** What has versions and aliases here. MLflow keeps prompts among the models and tells them by a tag. */
export type EntryKind = 'model' | 'prompt';

const kIsPrompt = "tags.`mlflow.prompt.is_prompt` = 'true'";

export function useEntries(kind: EntryKind) {
  return useQuery({
    queryKey: ['registry', kind],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({
        max_results: String(kModelsMax),
        ...(kind === 'prompt' && { filter: kIsPrompt }),
      });
      const path = `${kBase}/registered-models/search?${query}`;
      return (await getJson<{ registered_models?: RegisteredModel[] }>(path, signal)).registered_models ?? [];
    },
    refetchInterval: kEveryMs,
  });
}

export function useEntry(name: string) {
  return useQuery({
    queryKey: ['registry', 'entry', name],
    queryFn: async ({ signal }) => {
      const path = `${kBase}/registered-models/get?${new URLSearchParams({ name })}`;
      return (await getJson<{ registered_model: RegisteredModel }>(path, signal)).registered_model;
    },
    refetchInterval: kEveryMs,
  });
}

/** Newest first. */
export function useEntryVersions(kind: EntryKind, name: string) {
  return useQuery({
    queryKey: ['registry', 'versions', kind, name],
    queryFn: async ({ signal }) => {
      const filter = `name = '${name.replaceAll("'", "''")}'${kind === 'prompt' ? ` AND ${kIsPrompt}` : ''}`;
      const query = new URLSearchParams({ filter, max_results: String(kVersionsMax) });
      const path = `${kBase}/model-versions/search?${query}`;
      const { model_versions: versions = [] } = await getJson<{ model_versions?: ModelVersion[] }>(
        path,
        signal,
      );
      return versions.sort((a, b) => Number(b.version) - Number(a.version));
    },
    refetchInterval: kEveryMs,
  });
}

/** One change of an alias; null: it did not exist before, or was taken away. */
export interface AliasMove {
  id: string;
  alias: string;
  from: number | null;
  to: number | null;
  at_us: number;
  actor: string;
  reason: string;
}

const entryPath = (kind: EntryKind, name: string) => `/api/v1/registry/${kind}/${encodeURIComponent(name)}`;

export function useAliasMoves(kind: EntryKind, name: string) {
  return useQuery({
    queryKey: ['registry', 'moves', kind, name],
    queryFn: ({ signal }) =>
      readAll<{ moves: AliasMove[]; next_cursor: string | null }, AliasMove>(
        ({ moves }) => moves,
        `${entryPath(kind, name)}/moves`,
        signal,
      ),
  });
}

/** Points an alias at a version, or takes it away (null), or takes a move back. */
export function useAliasActions(kind: EntryKind, name: string) {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ['registry'] });
  return {
    set: useMutation({
      mutationFn: ({ alias, version }: { alias: string; version: string | null }) =>
        sendJson<unknown>(version === null ? 'DELETE' : 'POST', `${kBase}/registered-models/alias`, {
          name,
          alias,
          ...(version !== null && { version }),
        }),
      onSuccess,
    }),
    undo: useMutation({
      mutationFn: (id: string) =>
        sendJson<unknown>('POST', `${entryPath(kind, name)}/moves/${encodeURIComponent(id)}/undo`, {}),
      onSuccess,
    }),
  };
}

export function usePromptDiff(name: string, from: string, to: string) {
  return useQuery({
    queryKey: ['registry', 'diff', name, from, to],
    queryFn: async ({ signal }) => {
      const path = `${entryPath('prompt', name)}/diff?${new URLSearchParams({ from, to })}`;
      return (await getJson<{ diff: string }>(path, signal)).diff;
    },
    enabled: from !== '' && to !== '' && from !== to,
  });
}

export interface LineageNode {
  id: string;
  type: string;
  name: string;
  detail?: string;
}

export interface LineageEdge {
  from: string;
  to: string;
  role: string;
  at_us: number;
}

export interface Lineage {
  nodes: LineageNode[];
  edges: LineageEdge[];
  truncated: boolean;
}

export type Direction = 'up' | 'down' | 'both';

export function useLineage(node: string, direction: Direction, depth: number) {
  return useQuery({
    queryKey: ['lineage', node, direction, depth],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ node, direction, depth: String(depth) });
      return getJson<Lineage>(`/api/v1/lineage?${query}`, signal);
    },
    enabled: node !== '',
    retry: false,
  });
}

export function useLineageNodes(text: string) {
  return useQuery({
    queryKey: ['lineage', 'nodes', text],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ limit: '50', ...(text && { query: text }) });
      return (await getJson<{ nodes: LineageNode[] }>(`/api/v1/lineage/nodes?${query}`, signal)).nodes;
    },
  });
}
