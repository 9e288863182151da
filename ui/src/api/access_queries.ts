import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  Group,
  GroupChange,
  GroupPage,
  IssuedKey,
  KeyChange,
  KeyPage,
  KeyView,
  NewGroup,
  NewKey,
} from './access_types.ts';
import { sendJson } from './client.ts';
import { readAll } from './pages_of.ts';

export function useKeys() {
  return useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => readAll((page: KeyPage) => page.keys, '/api/v1/keys', signal),
  });
}

export function useGroups() {
  return useQuery({
    queryKey: ['groups'],
    queryFn: ({ signal }) => readAll((page: GroupPage) => page.groups, '/api/v1/groups', signal),
  });
}

const kKeysPath = '/api/v1/keys';
const keyPath = (id: string) => `${kKeysPath}/${encodeURIComponent(id)}`;
/** Groups stand in paths as they are: "acme/search". */
const groupPath = (path: string) => `/api/v1/groups/${path.split('/').map(encodeURIComponent).join('/')}`;

/**
 * A change of keys or groups; the lists are read anew before it counts as done. What is sent is made by a function,
 * so that what is wrong with it arrives as the mutation's error, like the server's refusal.
 */
function useAccessChange<Body, Output>(run: (body: Body) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: () => Body) => run(body()),
    onSuccess: () =>
      Promise.all(['keys', 'groups', 'budgets'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export function useCreateKey() {
  return useAccessChange((key: NewKey) => sendJson<IssuedKey>('POST', kKeysPath, key));
}

export function useUpdateKey(id: string) {
  return useAccessChange((change: KeyChange) => sendJson<KeyView>('PATCH', keyPath(id), change));
}

export function useRotateKey(id: string) {
  return useAccessChange((overlapS: number) =>
    sendJson<IssuedKey>('POST', `${keyPath(id)}/rotate`, { overlap_s: overlapS }),
  );
}

export function useRevokeKey(id: string) {
  return useAccessChange(() => sendJson<KeyView>('POST', `${keyPath(id)}/revoke`));
}

export function useCreateGroup() {
  return useAccessChange((group: NewGroup) => sendJson<Group>('POST', '/api/v1/groups', group));
}

export function useUpdateGroup(path: string) {
  return useAccessChange((change: GroupChange) => sendJson<Group>('PATCH', groupPath(path), change));
}

export function useDeleteGroup(path: string) {
  return useAccessChange(() => sendJson<void>('DELETE', groupPath(path)));
}
