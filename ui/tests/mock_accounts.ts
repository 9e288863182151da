import type { Me, Project, Role, Session, Token, User } from '../src/api/account_types.ts';
import type { Answer, ApiMock } from './mock_answer.ts';

/** People, projects, tokens and sessions of the mock server; whoever calls is Ada, an owner. */

const kDayUs = 86_400e6;
const kAda = '01938b2a-0000-7abc-8def-0000000000a1';

export const kCapabilities = [
  'open',
  'identity',
  'call_models',
  'read_own_requests',
  'read_requests',
  'read_cost',
  'read_keys',
  'read_gateway',
  'read_runs',
  'annotate',
  'develop',
  'manage_tokens',
  'manage_keys',
  'manage_gateway',
  'manage_users',
  'read_audit',
  'manage_projects',
];

interface AccountWorld {
  users: User[];
  projects: Project[];
  tokens: Token[];
  sessions: Session[];
}

export function createAccountMock(): ApiMock {
  const world = makeWorld(Date.now() * 1000);
  return (method, path, _query, body) => {
    const [, , , kind, id, part, member] = path.split('/').map(decodeURIComponent);
    const fields = (body ?? {}) as Record<string, never>;
    if (path === '/api/v1/me') return ok(me(world));
    if (path === '/api/v1/login' && method === 'GET')
      return ok({ required: true, password: true, single_sign_on: 'Keycloak' });
    if (path === '/api/v1/logout') return ok(undefined, 204);
    if (kind === 'users') return users(world, method, id, fields);
    if (kind === 'projects' && part === 'members')
      return setMember(world, id ?? '', member ?? '', method === 'PUT' ? (fields.role ?? null) : null);
    if (kind === 'projects') return projects(world, method, id, fields);
    if (kind === 'tokens') return tokens(world, method, id, fields);
    if (kind === 'sessions' && method === 'DELETE') {
      world.sessions = world.sessions.filter((session) => session.id !== id);
      return ok(undefined, 204);
    }
    if (kind === 'sessions') return ok({ sessions: world.sessions });
    return null;
  };
}

function makeWorld(nowUs: number): AccountWorld {
  let number = 0;
  const user = (email: string, name: string, role: Role, part: Partial<User> = {}): User => ({
    id: `01938b2a-0000-7abc-8def-0000000000a${++number}`,
    email,
    name,
    disabled: false,
    has_password: true,
    single_sign_on: false,
    created_at_us: nowUs - (60 - number * 7) * kDayUs,
    memberships: [{ project: 'default', role }],
    ...part,
  });
  return {
    users: [
      user('ada@acme.example', 'Ada Lovelace', 'owner'),
      user('grace@acme.example', 'Grace Hopper', 'admin', {
        single_sign_on: true,
        memberships: [
          { project: 'default', role: 'admin' },
          { project: 'search', role: 'owner' },
        ],
      }),
      user('linus@acme.example', 'Linus Pauling', 'developer', { has_password: false, single_sign_on: true }),
      user('barbara@acme.example', 'Barbara Liskov', 'annotator'),
      user('edsger@acme.example', 'Edsger Dijkstra', 'viewer', { disabled: true }),
    ],
    projects: [
      { name: 'default', description: 'What is not in another project', created_at_us: nowUs - 60 * kDayUs },
      { name: 'search', description: 'Search and its ranking', created_at_us: nowUs - 30 * kDayUs },
    ],
    tokens: [
      {
        id: 'Tq8Wm2Rx5Lp1',
        user: kAda,
        name: 'deploy script',
        created_at_us: nowUs - 12 * kDayUs,
        expires_at_us: nowUs + 78 * kDayUs,
      },
    ],
    sessions: [
      {
        id: 'Sx4Vn7Kd0Hb3',
        user: kAda,
        created_at_us: nowUs - 0.1 * kDayUs,
        expires_at_us: nowUs + 0.4 * kDayUs,
      },
    ],
  };
}

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const refuse = (status: number, code: string, message: string, field?: string): Answer => ({
  status,
  body: { error: { code, message, ...(field && { field }) } },
});

function me(world: AccountWorld): Me {
  const ada = world.users.find(({ id }) => id === kAda) ?? null;
  return {
    id: `user:${kAda}`,
    name: ada?.email ?? '',
    role: 'owner',
    capabilities: kCapabilities,
    login_required: true,
    user: ada,
  };
}

function users(
  world: AccountWorld,
  method: string,
  id: string | undefined,
  fields: Record<string, never>,
): Answer {
  if (id === undefined && method === 'GET') return ok({ users: world.users, next_cursor: null });
  if (id === undefined) {
    const { email = '', name = '', role, password = '' } = fields as Record<string, string>;
    if (world.users.some((one) => one.email === email))
      return refuse(409, 'conflict', `an account has the address '${email}' already`, 'email');
    if (password && password.length < 12)
      return refuse(400, 'invalid_argument', "'password' must be at least 12 characters", 'password');
    const user: User = {
      id: `01938b2a-0000-7abc-8def-0000000000b${world.users.length}`,
      email,
      name,
      disabled: false,
      has_password: password !== '',
      single_sign_on: false,
      created_at_us: Date.now() * 1000,
      memberships: [{ project: 'default', role: role as Role }],
    };
    world.users.push(user);
    return ok(user, 201);
  }
  const user = world.users.find((one) => one.id === id);
  if (!user) return refuse(404, 'not_found', `no user has the id '${id}'`);
  if (method === 'DELETE') {
    world.users = world.users.filter((one) => one !== user);
    return ok(undefined, 204);
  }
  if (method === 'PATCH') Object.assign(user, fields);
  return ok(user);
}

function setMember(world: AccountWorld, project: string, id: string, role: Role | null): Answer {
  const user = world.users.find((one) => one.id === id);
  if (!user) return refuse(404, 'not_found', `no user has the id '${id}'`);
  if (id === kAda && project === 'default' && role !== 'owner')
    return refuse(409, 'conflict', 'this is the last owner; make another one first');
  user.memberships = user.memberships.filter((membership) => membership.project !== project);
  if (role) user.memberships.push({ project, role });
  return ok(user);
}

function projects(
  world: AccountWorld,
  method: string,
  name: string | undefined,
  fields: Record<string, never>,
): Answer {
  if (method === 'GET') return ok({ projects: world.projects });
  if (method === 'DELETE') {
    world.projects = world.projects.filter((project) => project.name !== name);
    return ok(undefined, 204);
  }
  const project = { description: '', ...fields, created_at_us: Date.now() * 1000 } as unknown as Project;
  world.projects.push(project);
  return ok(project, 201);
}

function tokens(
  world: AccountWorld,
  method: string,
  id: string | undefined,
  fields: Record<string, never>,
): Answer {
  if (method === 'GET') return ok({ tokens: world.tokens, next_cursor: null });
  if (method === 'DELETE') {
    world.tokens = world.tokens.filter((token) => token.id !== id);
    return ok(undefined, 204);
  }
  const token = {
    expires_at_us: null,
    ...fields,
    id: `T${world.tokens.length}b6Yc9Zf2Js`,
    user: kAda,
    created_at_us: Date.now() * 1000,
  } as unknown as Token;
  world.tokens.push(token);
  return ok({ token, secret: `pt-ps-${token.id}-kP3xYv8sLq0ZtB7nWc5RdJ2hMf9GaUe4ToXiV6yNpKs-5fH2kL` }, 201);
}
