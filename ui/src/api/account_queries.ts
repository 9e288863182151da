import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  IssuedToken,
  LoginOptions,
  NewUser,
  Project,
  Role,
  Session,
  TokenPage,
  User,
  UserChange,
  UserPage,
} from './account_types.ts';
import { getJson, sendJson } from './client.ts';
import { setApiKey } from './credentials.ts';
import { readAll } from './pages_of.ts';

const userPath = (id: string) => `/api/v1/users/${encodeURIComponent(id)}`;
const projectPath = (name: string) => `/api/v1/projects/${encodeURIComponent(name)}`;
const memberPath = (project: string, user: string) =>
  `${projectPath(project)}/members/${encodeURIComponent(user)}`;

export function useUsers() {
  return useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => readAll((page: UserPage) => page.users, '/api/v1/users', signal),
  });
}

export function useProjects() {
  return useQuery({
    queryKey: ['projects'],
    queryFn: async ({ signal }) =>
      (await getJson<{ projects: Project[] }>('/api/v1/projects', signal)).projects,
  });
}

/** Whose tokens or sessions: one's own, or everybody's for who manages users. */
export type Whose = 'me' | 'all';

export function useTokens(of: Whose) {
  return useQuery({
    queryKey: ['tokens', of],
    queryFn: ({ signal }) => readAll((page: TokenPage) => page.tokens, `/api/v1/tokens?of=${of}`, signal),
  });
}

export function useSessions(of: Whose) {
  return useQuery({
    queryKey: ['sessions', of],
    queryFn: async ({ signal }) =>
      (await getJson<{ sessions: Session[] }>(`/api/v1/sessions?of=${of}`, signal)).sessions,
  });
}

/** A change of people; what shows them is read anew before it counts as done. */
function useAccountChange<Input, Output>(run: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () =>
      Promise.all(
        ['users', 'projects', 'tokens', 'sessions', 'me'].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
}

export function useCreateUser() {
  return useAccountChange((user: NewUser) => sendJson<User>('POST', '/api/v1/users', user));
}

export function useUpdateUser(id: string) {
  return useAccountChange((change: UserChange) => sendJson<User>('PATCH', userPath(id), change));
}

export function useDeleteUser(id: string) {
  return useAccountChange((_: void) => sendJson<void>('DELETE', userPath(id)));
}

/** Null takes the user out of the project. */
export function useSetRole(id: string) {
  return useAccountChange(({ project, role }: { project: string; role: Role | null }) =>
    role === null
      ? sendJson<User>('DELETE', memberPath(project, id))
      : sendJson<User>('PUT', memberPath(project, id), { role }),
  );
}

export function useCreateProject() {
  return useAccountChange((project: { name: string; description: string }) =>
    sendJson<Project>('POST', '/api/v1/projects', project),
  );
}

export function useDeleteProject(name: string) {
  return useAccountChange((_: void) => sendJson<void>('DELETE', projectPath(name)));
}

export function useCreateToken() {
  return useAccountChange((token: { name: string; expires_at_us: number | null }) =>
    sendJson<IssuedToken>('POST', '/api/v1/tokens', token),
  );
}

export function useDeleteToken(id: string) {
  return useAccountChange((_: void) => sendJson<void>('DELETE', `/api/v1/tokens/${encodeURIComponent(id)}`));
}

export function useEndSession(id: string) {
  return useAccountChange((_: void) =>
    sendJson<void>('DELETE', `/api/v1/sessions/${encodeURIComponent(id)}`),
  );
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (change: { old_password: string; password: string }) =>
      sendJson<void>('PUT', '/api/v1/me/password', change),
  });
}

export function useLoginOptions() {
  return useQuery({
    queryKey: ['login'],
    queryFn: ({ signal }) => getJson<LoginOptions>('/api/v1/login', signal),
  });
}

/** With address and password; everything shown is then asked anew as that person. */
export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (login: { email: string; password: string }) =>
      sendJson<void>('POST', '/api/v1/login', login),
    onSuccess: () => {
      setApiKey('');
      void client.resetQueries();
    },
  });
}

/** Ends the session, or forgets the key of this tab. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => sendJson<void>('POST', '/api/v1/logout'),
    onSuccess: () => {
      setApiKey('');
      void client.resetQueries();
    },
  });
}
