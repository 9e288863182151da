import type { AuditRecord, Group, Key, KeyStatus, KeyView, Limit, Use } from '../src/api/access_types.ts';
import type { BudgetUsage } from '../src/api/cost_types.ts';
import type { Answer, ApiMock } from './mock_answer.ts';

/** Keys, groups, budgets and the audit journal of the mock server: a company with three teams, changeable. */

const kDayUs = 86_400e6;
const kUsd = 1e9;

interface AccessWorld {
  keys: Key[];
  groups: Group[];
  audit: AuditRecord[];
}

export function createAccessMock(isEmpty: boolean): ApiMock {
  const world = isEmpty ? { keys: [], groups: [], audit: [] } : makeWorld(Date.now() * 1000);
  return (method, path, query, body) => answer(world, method, path, query, body as Partial<Key & Group>);
}

function use(part: Partial<Use>): Use {
  return { limits: [], budget: null, models: [], endpoints: [], ...part };
}

const perMinute = (kind: Limit['kind'], amount: number): Limit => ({ kind, amount, per_s: 60 });

function makeWorld(nowUs: number): AccessWorld {
  const group = (path: string, description: string, part: Partial<Use & Group> = {}): Group => ({
    path,
    description,
    ...use(part),
    source: 'database',
    created_at_us: nowUs - 40 * kDayUs,
    ...part,
  });
  const month = (usd: number) => ({ budget: { amount_nano_usd: usd * kUsd, per: 'month' as const } });
  let number = 0;
  const key = (name: string, path: string | null, part: Partial<Key> = {}): Key => ({
    id: `K${String(++number).padStart(2, '0')}mGx7Qw2Rt`,
    name,
    group: path,
    ...use(part),
    source: 'database',
    role: 'client',
    created_by: 'user:ada',
    created_at_us: nowUs - (30 - number) * kDayUs,
    expires_at_us: null,
    revoked_at_us: null,
    previous_until_us: null,
    ...part,
  });
  const world: AccessWorld = {
    groups: [
      group('acme', 'Everything of Acme', { source: 'config', ...month(2_000) }),
      group('acme/search', 'Search and its ranking', {
        ...month(600),
        limits: [
          perMinute('requests', 300),
          perMinute('tokens', 500_000),
          { kind: 'concurrent', amount: 50, per_s: 0 },
        ],
      }),
      group('acme/support', 'The support bot', {
        ...month(400),
        models: ['smollm2-135m-instruct', 'gpt-4o-*'],
      }),
      group('acme/support/night', 'Batch work at night', {
        budget: { amount_nano_usd: 5 * kUsd, per: 'day' },
      }),
      group('beta', 'Trials', { budget: { amount_nano_usd: 25 * kUsd, per: 'total' } }),
    ],
    keys: [
      key('search-api', 'acme/search', { limits: [perMinute('requests', 200)], ...month(400) }),
      key('search-reindex', 'acme/search', {
        limits: [perMinute('tokens', 200_000)],
        models: ['all-minilm-l6-v2'],
      }),
      key('support-bot', 'acme/support', { ...month(300), previous_until_us: nowUs + 0.6 * kDayUs }),
      key('support-summaries', 'acme/support/night', { endpoints: ['chat.completions'] }),
      key('trial-globex', 'beta', {
        budget: { amount_nano_usd: 10 * kUsd, per: 'total' },
        expires_at_us: nowUs + 12 * kDayUs,
      }),
      key('trial-initech', 'beta', { expires_at_us: nowUs - 2 * kDayUs }),
      key('ci', null, { limits: [perMinute('requests', 20)] }),
      key('old-laptop', null, { revoked_at_us: nowUs - 9 * kDayUs }),
      key('grafana', null, { id: 'config:grafana', source: 'config', role: 'viewer', created_at_us: 0 }),
    ],
    audit: [],
  };
  for (const { path, ...rest } of world.groups)
    record(world, 'groups.create', `group:${path}`, null, { path, ...rest });
  for (const one of world.keys.filter(({ source }) => source === 'database'))
    record(world, 'keys.create', `key:${one.id}`, null, one);
  const bot = world.keys[2] as Key;
  record(world, 'keys.update', `key:${bot.id}`, { ...bot, budget: null }, bot);
  record(world, 'keys.rotate', `key:${bot.id}`, { ...bot, previous_until_us: null }, bot);
  record(world, 'login.failed', 'user:grace', null, { email: 'grace@acme.example' });
  for (const [index, entry] of world.audit.entries()) {
    entry.at_us = nowUs - (index + 1) * 0.4 * kDayUs;
    entry.sequence = world.audit.length - index;
  }
  return world;
}

function record(
  world: AccessWorld,
  action: string,
  object: string,
  before: object | null,
  after: object | null,
): void {
  const sequence = world.audit.length + 1;
  const hash = (number: number) => number.toString(16).padStart(4, '0').repeat(16);
  world.audit.unshift({
    sequence,
    id: `01938b2a-7c00-7abc-8def-${String(sequence).padStart(12, '0')}`,
    at_us: Date.now() * 1000,
    actor: 'user:ada',
    actor_name: 'ada@acme.example',
    action,
    object,
    before: before as Record<string, unknown> | null,
    after: structuredClone(after) as Record<string, unknown> | null,
    request_id: `01938b2a-7c00-7abc-8def-${String(sequence + 500).padStart(12, '0')}`,
    previous: hash(sequence - 1),
    hash: hash(sequence),
  });
}

function statusOf(key: Key): KeyStatus {
  if (key.revoked_at_us !== null) return 'revoked';
  return key.expires_at_us !== null && key.expires_at_us < Date.now() * 1000 ? 'expired' : 'active';
}

const viewOf = (key: Key): KeyView => ({ status: statusOf(key), key });
const ok = (body: unknown, status = 200): Answer => ({ status, body });
const refuse = (status: number, code: string, message: string, field?: string): Answer => ({
  status,
  body: { error: { code, message, ...(field && { field }) } },
});

function answer(
  world: AccessWorld,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Partial<Key & Group>,
): Answer | null {
  const [, , , kind, ...rest] = path.split('/').map(decodeURIComponent);
  if (kind === 'keys') return keys(world, method, rest, body);
  if (kind === 'groups') return groups(world, method, rest.join('/'), body);
  if (path === '/api/v1/budgets') return ok({ budgets: budgetsOf(world) });
  if (path === '/api/v1/audit/verification')
    return ok({ sound: true, records: world.audit.length, head: world.audit[0]?.hash ?? '', findings: [] });
  if (path === '/api/v1/audit') return ok(auditPage(world, query));
  return null;
}

function keys(world: AccessWorld, method: string, [id, verb]: string[], body: Partial<Key>): Answer {
  if (id === undefined && method === 'GET') return ok({ keys: world.keys.map(viewOf), next_cursor: null });
  const refusal = checkKey(world, body, id);
  if (refusal) return refusal;
  if (id === undefined) {
    const key = {
      ...(world.keys[6] as Key),
      ...use({}),
      ...body,
      id: `Knew${world.keys.length}Gx7Qw2`,
      created_at_us: Date.now() * 1000,
    };
    world.keys.push(key);
    record(world, 'keys.create', `key:${key.id}`, null, key);
    return ok({ ...viewOf(key), secret: secretOf(key) }, 201);
  }
  const key = world.keys.find((one) => one.id === id);
  if (!key) return refuse(404, 'not_found', `no key has the id '${id}'`);
  if (method === 'GET') return ok(viewOf(key));
  const before = structuredClone(key);
  const nowUs = Date.now() * 1000;
  if (verb === 'revoke') key.revoked_at_us ??= nowUs;
  else if (verb === 'rotate')
    key.previous_until_us = nowUs + Number((body as { overlap_s?: number }).overlap_s ?? 0) * 1e6;
  else Object.assign(key, body);
  record(world, `keys.${verb ?? 'update'}`, `key:${id}`, before, key);
  return ok(verb === 'rotate' ? { ...viewOf(key), secret: secretOf(key) } : viewOf(key));
}

function checkKey(world: AccessWorld, body: Partial<Key> | null, id?: string): Answer | null {
  if (body?.name !== undefined && world.keys.some((key) => key.name === body.name && key.id !== id))
    return refuse(409, 'conflict', `a key is named '${body.name}' already`, 'name');
  if (body?.group && !world.groups.some((group) => group.path === body.group))
    return refuse(
      400,
      'invalid_argument',
      `no group is named '${body.group}'; make it first: penstock groups create ${body.group}`,
      'group',
    );
  return body?.name === '' ? refuse(400, 'invalid_argument', "'name' must be 1 to 128 bytes", 'name') : null;
}

const secretOf = (key: Key) =>
  `sk-ps-${key.id.slice(0, 12)}-kP3xYv8sLq0ZtB7nWc5RdJ2hMf9GaUe4ToXiV6yNpKsQ-5fH2kL`;

function groups(world: AccessWorld, method: string, path: string, body: Partial<Group>): Answer {
  if (path === '' && method === 'GET') return ok({ groups: world.groups, next_cursor: null });
  if (path === '') {
    const group = {
      ...use({}),
      description: '',
      ...body,
      source: 'database',
      created_at_us: Date.now() * 1000,
    } as Group;
    world.groups.push(group);
    record(world, 'groups.create', `group:${group.path}`, null, group);
    return ok(group, 201);
  }
  const group = world.groups.find((one) => one.path === path);
  if (!group) return refuse(404, 'not_found', `no group is named '${path}'`);
  if (method === 'GET') return ok(group);
  const before = structuredClone(group);
  if (method === 'PATCH') {
    Object.assign(group, body);
    record(world, 'groups.update', `group:${path}`, before, group);
    return ok(group);
  }
  const user = world.keys.find(
    (key) => key.revoked_at_us === null && `${key.group ?? ''}/`.startsWith(`${path}/`),
  );
  if (user) return refuse(409, 'conflict', `the group '${path}' is still used by the key '${user.name}'`);
  world.groups = world.groups.filter((one) => one !== group);
  record(world, 'groups.delete', `group:${path}`, before, null);
  return ok(undefined, 204);
}

function budgetsOf(world: AccessWorld): BudgetUsage[] {
  const holders = [
    ...world.groups.map((group) => ({ holder: `group:${group.path}`, budget: group.budget })),
    ...world.keys.map((key) => ({ holder: `key:${key.id}`, budget: key.budget })),
  ];
  const shares = [0.46, 0.31, 0.87, 0.62, 1, 0.44, 0.93, 0.58];
  return holders.flatMap(({ holder, budget }, index) => {
    if (!budget) return [];
    const spent = Math.floor(budget.amount_nano_usd * (shares[index % shares.length] ?? 0));
    const reserved = Math.floor(budget.amount_nano_usd * 0.02);
    const remaining = Math.max(0, budget.amount_nano_usd - spent - reserved);
    return [
      {
        holder,
        ...budget,
        spent_nano_usd: spent,
        reserved_nano_usd: Math.min(reserved, budget.amount_nano_usd - spent),
        leased_elsewhere_nano_usd: 0,
        remaining_nano_usd: remaining,
        period_starts_at_us: 0,
        period_ends_at_us: Date.UTC(2026, 11, 1) * 1000,
      },
    ];
  });
}

function auditPage(world: AccessWorld, query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 50);
  const action = query.get('action') ?? '';
  const found = world.audit.filter(
    (entry) =>
      (!query.get('actor') || entry.actor === query.get('actor')) &&
      (!query.get('object') || entry.object === query.get('object')) &&
      (!action || entry.action === action || (action.endsWith('.') && entry.action.startsWith(action))) &&
      entry.at_us >= Number(query.get('since_us') ?? 0) &&
      entry.at_us < Number(query.get('until_us') ?? Infinity),
  );
  const cursor = query.get('cursor');
  const from = cursor ? found.findIndex(({ id }) => id === cursor) + 1 : 0;
  const page = found.slice(from, from + limit);
  return { records: page, next_cursor: from + limit < found.length ? (page.at(-1)?.id ?? null) : null };
}
