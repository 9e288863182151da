import { useQuery } from '@tanstack/react-query';
import type { Me } from './account_types.ts';
import { ApiError, getJson } from './client.ts';

/** What a role may do: the names of the server's own table (src/access/roles.cc). */
export type Capability =
  | 'call_models'
  | 'read_own_requests'
  | 'read_requests'
  | 'read_cost'
  | 'read_keys'
  | 'read_gateway'
  | 'read_runs'
  | 'annotate'
  | 'develop'
  | 'manage_tokens'
  | 'manage_keys'
  | 'manage_gateway'
  | 'manage_users'
  | 'read_audit'
  | 'manage_projects';

/** Who the server takes this browser for; null from a server that does not tell. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: async ({ signal }) => {
      try {
        return await getJson<Me>('/api/v1/me', signal);
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 501)) return null;
        throw error;
      }
    },
    staleTime: 30_000,
  });
}

/**
 * Whether the caller may do something, as far as is known: what a role may not do is not offered. The server decides
 * all the same, so what is not known yet is offered.
 */
export function useMay(): (capability: Capability) => boolean {
  const { data } = useMe();
  return (capability) => !data || data.capabilities.includes(capability);
}
