import type { ConfigVersion, Gateway, GatewayRoute, GatewayTarget } from '../src/api/gateway_types.ts';
import type { Answer, ApiMock } from './mock_answer.ts';

/** Routes with traffic and a configuration that can be checked, applied and undone, for the mock server. */

const kText = `providers:
  openai:
    type: openai
    keys: [{env: OPENAI_API_KEY}]
  azure:
    type: azure
    base_url: https://acme.openai.azure.com
    keys: [{env: AZURE_KEY}]
    health: {path: /health}

models:
  gpt-4o-mini:
    strategy: weighted
    targets:
      - {id: stable, provider: openai, model: gpt-4o-mini, weight: 90}
      - {id: canary, provider: azure, model: gpt-4o-mini-eu, weight: 10}
    retry: {attempts: 2}
    fallback: {default: [smollm2-135m-instruct]}
  chat-long:
    strategy: priority
    targets:
      - {provider: openai, model: gpt-4o}
      - {provider: azure, model: gpt-4o-eu}

prices:
  unknown_model: deny
  models:
    gpt-4o-mini: {input: 0.15, cached_input: 0.075, output: 0.6}
    gpt-4o: {input: 2.5, cached_input: 1.25, output: 10}
`;
const kFirstText = kText.replace('weight: 90', 'weight: 100').replace('weight: 10}', 'weight: 0}');
const kFile = '/etc/penstock/penstock.yaml';

type Version = ConfigVersion & { text: string };

export function createGatewayMock(): ApiMock {
  const startedAtUs = Date.now() * 1000 - 3 * 3_600e6;
  const versions: Version[] = [];
  const add = (
    text: string,
    source: Version['source'],
    comment: string,
    atUs = Date.now() * 1000,
  ): Version => {
    const version: Version = {
      number: versions.length + 1,
      running: true,
      previous: versions.length || null,
      server: `gw-1:${kFile}`,
      at_us: atUs,
      actor: source === 'start' ? '' : 'user:ada',
      source,
      comment,
      text,
    };
    for (const earlier of versions) earlier.running = false;
    versions.push(version);
    return version;
  };
  add(kFirstText, 'start', '', startedAtUs - 9 * 86_400e6);
  add(kText, 'api', 'a tenth of the calls to the EU region', startedAtUs);
  const running = () => versions.at(-1) as Version;
  return (method, path, query, body) => {
    if (path === '/api/v1/gateway') return ok(gatewayAt(startedAtUs));
    if (path === '/api/v1/config')
      return ok({
        version: running().number,
        file: kFile,
        text: running().text,
        since_us: running().at_us,
        problem: null,
        needs_restart: [],
        schema: {},
      });
    const { text = '', comment = '', base_version: base } = (body ?? {}) as Record<string, never>;
    if (path === '/api/v1/config/check') return ok(checkOf(running(), text));
    if (path === '/api/v1/config/apply') {
      if (base !== running().number)
        return refuse(409, 'version_conflict', `version ${running().number} came into effect meanwhile`);
      return ok(applied(add(text, 'api', comment)));
    }
    if (path === '/api/v1/config/undo') {
      const before = versions[versions.length - 2];
      return before
        ? ok(applied(add(before.text, 'undo', `undo of version ${running().number}`)))
        : refuse(409, 'conflict', 'there is no version before this one');
    }
    if (path === '/api/v1/config/reload' && method === 'POST')
      return ok({ version: running().number, changed: false, needs_restart: [] });
    if (path === '/api/v1/config/versions')
      return ok({ versions: versions.toReversed().map(({ text: _, ...row }) => row), next_before: null });
    if (path === '/api/v1/config/versions/diff') {
      const to = versions[Number(query.get('to')) - 1] ?? running();
      const from = versions[Number(query.get('from') ?? to.previous ?? 0) - 1];
      return ok({ from: from?.number ?? 0, to: to.number, diff: diffOf(from?.text ?? '', to.text) });
    }
    const one = /^\/api\/v1\/config\/versions\/(\d+)$/.exec(path);
    if (one) {
      const version = versions[Number(one[1]) - 1];
      return version ? ok(version) : refuse(404, 'not_found', `there is no version ${one[1]}`);
    }
    return null;
  };
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});
const applied = ({ number }: Version) => ({ version: number, changed: true, needs_restart: [] });

function checkOf(running: Version, text: string) {
  const wrong = text.split('\n').findIndex((line) => /^\s*strategey:/.test(line));
  const problems =
    wrong < 0
      ? []
      : [{ line: wrong + 1, column: 5, message: "unknown key 'strategey'; did you mean 'strategy'?" }];
  return {
    valid: problems.length === 0,
    base_version: running.number,
    problems,
    diff: problems.length > 0 ? '' : diffOf(running.text, text),
    needs_restart: [],
  };
}

/** One hunk from the first line that differs to the last, with three lines of context. */
function diffOf(before: string, after: string): string {
  if (before === after) return '';
  const [old, fresh] = [before, after].map((text) => text.replace(/\n$/, '').split('\n')) as [
    string[],
    string[],
  ];
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail))
    tail += 1;
  const from = Math.max(0, head - 3);
  const until = (lines: string[]) => Math.min(lines.length, lines.length - tail + 3);
  const hunk = [
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, until(old)).map((line) => ` ${line}`),
  ];
  const place = (lines: string[]) => `${from + 1},${until(lines) - from}`;
  return `--- before\n+++ after\n@@ -${place(old)} +${place(fresh)} @@\n${hunk.join('\n')}\n`;
}

function gatewayAt(startedAtUs: number): Gateway {
  const seconds = (Date.now() * 1000 - startedAtUs) / 1e6;
  const target = (id: string, part: Partial<GatewayTarget>, perS: number, failing = 0): GatewayTarget => ({
    id,
    provider: id.split('/')[0] ?? id,
    model: id.split('/')[1] ?? null,
    weight: 1,
    share: null,
    unwell: false,
    breaker: { state: 'closed', until_us: null },
    in_flight: Math.round(perS * 0.8),
    calls: Math.floor(seconds * perS),
    errors: Math.floor(seconds * perS * failing),
    ttft_ms: { mean: 180 + perS * 3, p95: 420 + perS * 9 },
    ...part,
  });
  const route = (
    name: string,
    strategy: GatewayRoute['strategy'],
    targets: GatewayTarget[],
  ): GatewayRoute => ({
    name,
    strategy,
    engine: false,
    targets,
    fallback: { default: [], context_window: [], content_policy: [] },
  });
  const engine = (name: string, perS: number): GatewayRoute => ({
    ...route(name, 'weighted', [target(`embedded/${name}`, { share: 1 }, perS)]),
    engine: true,
  });
  return {
    loaded_at_us: startedAtUs,
    routes: [
      {
        ...route('gpt-4o-mini', 'weighted', [
          target('stable', { provider: 'openai', model: 'gpt-4o-mini', weight: 90, share: 0.9 }, 6.2, 0.004),
          target('canary', { provider: 'azure', model: 'gpt-4o-mini-eu', weight: 10, share: 0.1 }, 0.7, 0.02),
        ]),
        fallback: { default: ['smollm2-135m-instruct'], context_window: ['chat-long'], content_policy: [] },
      },
      route('chat-long', 'priority', [
        target(
          'openai/gpt-4o',
          { breaker: { state: 'open', until_us: Date.now() * 1000 + 12e6 }, in_flight: 0 },
          0.4,
          0.31,
        ),
        target('azure/gpt-4o-eu', {}, 0.9, 0.001),
      ]),
      engine('smollm2-135m-instruct', 1.4),
      engine('all-minilm-l6-v2', 3.1),
    ],
    providers: [
      provider('openai', 'openai', 'https://api.openai.com/v1', { keys: 2, keys_resting: 1 }),
      provider('azure', 'azure', 'https://acme.openai.azure.com', { keys: 1, health_path: '/health' }),
      provider('engine:smollm2-135m-instruct', 'openai', 'unix:/run/penstock/smollm2.sock', { engine: true }),
      provider('engine:all-minilm-l6-v2', 'openai', 'unix:/run/penstock/minilm.sock', { engine: true }),
    ],
  };
}

function provider(name: string, type: string, baseUrl: string, part: object): Gateway['providers'][number] {
  return {
    name,
    type,
    base_url: baseUrl,
    engine: false,
    unwell: false,
    health_path: null,
    keys: 0,
    keys_resting: 0,
    ...part,
  };
}
