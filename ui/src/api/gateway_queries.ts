import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getJson, sendJson } from './client.ts';
import type {
  Config,
  ConfigApplied,
  ConfigCheck,
  ConfigDiff,
  ConfigVersion,
  ConfigVersionPage,
  Gateway,
} from './gateway_types.ts';

const kGatewayEveryMs = 3_000;
const kConfigEveryMs = 10_000;
const kVersionsPath = '/api/v1/config/versions';

export function useGateway() {
  return useQuery({
    queryKey: ['gateway'],
    queryFn: ({ signal }) => getJson<Gateway>('/api/v1/gateway', signal),
    refetchInterval: kGatewayEveryMs,
  });
}

/** Asked again now and then: the file may be changed by hand, or by somebody else. */
export function useConfig() {
  return useQuery({
    queryKey: ['config', 'running'],
    queryFn: ({ signal }) => getJson<Config>('/api/v1/config', signal),
    refetchInterval: kConfigEveryMs,
  });
}

export function useConfigVersions() {
  return useInfiniteQuery({
    queryKey: ['config', 'versions'],
    queryFn: ({ signal, pageParam }) =>
      getJson<ConfigVersionPage>(
        `${kVersionsPath}?limit=100${pageParam ? `&before=${pageParam}` : ''}`,
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next_before,
  });
}

/** A version and its text, which never change. */
export function useConfigVersion(number: number) {
  return useQuery({
    queryKey: ['config-version', number],
    queryFn: ({ signal }) => getJson<ConfigVersion & { text: string }>(`${kVersionsPath}/${number}`, signal),
    staleTime: Infinity,
  });
}

/** What a version changed: against the one that it came after. */
export function useConfigDiff(to: number, from?: number) {
  return useQuery({
    queryKey: ['config-diff', from, to],
    queryFn: ({ signal }) =>
      getJson<ConfigDiff>(
        `${kVersionsPath}/diff?to=${to}${from === undefined ? '' : `&from=${from}`}`,
        signal,
      ),
    staleTime: Infinity,
  });
}

export function useCheckConfig() {
  return useMutation({
    mutationFn: (text: string) => sendJson<ConfigCheck>('POST', '/api/v1/config/check', { text }),
  });
}

function useConfigAction<Input>(run: (input: Input) => Promise<ConfigApplied>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () =>
      Promise.all(
        ['config', 'gateway', 'models'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  });
}

export function useApplyConfig() {
  return useConfigAction((change: { text: string; comment: string; base_version: number }) =>
    sendJson('POST', '/api/v1/config/apply', change),
  );
}

export function useUndoConfig() {
  return useConfigAction((baseVersion: number) =>
    sendJson('POST', `/api/v1/config/undo?base_version=${baseVersion}`),
  );
}

export function useReloadConfig() {
  return useConfigAction(() => sendJson('POST', '/api/v1/config/reload'));
}
