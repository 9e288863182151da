import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health, RequestRecord, RequestSummary } from '../src/api/types.ts';
import { createAccessMock } from './mock_access.ts';
import { createAccountMock } from './mock_accounts.ts';
import type { ApiMock } from './mock_answer.ts';
import { createCostMock } from './mock_cost.ts';
import { createGatewayMock } from './mock_gateway.ts';
import { createTrackingMock } from './mock_tracking.ts';
import {
  kAnswers,
  kModels,
  kParts,
  makeHistory,
  makeRecord,
  recordId,
  seededRandom,
  statsOf,
} from './mock_data.ts';

/**
 * The server's contract in memory, for developing the UI and for its browser tests; never part of a build.
 * POST /__mock/scenario?name=busy|empty|degraded|locked picks the world; the prompt "fail" or "cut" makes a chat fail.
 */

export type Scenario = 'busy' | 'empty' | 'degraded' | 'locked';

/** What the locked server wants. */
export const kMockKey = 'correct-horse';

const kLiveEveryMs = 1_500;
const kTokenEveryMs = 25;
const kFirstTokenMs = 120;
const kTooLong = {
  code: 'context_length_exceeded',
  message: 'The prompt has 9,214 tokens; this model takes 2,048.',
};
const kEngineDied = { code: 'engine_died', message: 'The engine exited while it was answering.' };
const kBodyBytesMax = 1 << 20;

interface World {
  scenario: Scenario;
  records: RequestRecord[];
  followers: Set<ServerResponse>;
  sequence: number;
  random: () => number;
  parts: ApiMock[];
}

type Next = () => void;

const createParts = (isEmpty: boolean): ApiMock[] => [
  createAccessMock(isEmpty),
  createAccountMock(),
  createCostMock(isEmpty),
  createGatewayMock(),
  createTrackingMock(isEmpty),
];

export function createMockServer() {
  const world: World = {
    scenario: 'busy',
    records: makeHistory(1_500, Date.now() * 1000),
    followers: new Set(),
    sequence: 10_000,
    random: seededRandom(7),
    parts: createParts(false),
  };
  const timer = setInterval(() => {
    if (world.scenario === 'empty') return;
    const startedAtUs = Date.now() * 1000 - 2_500_000;
    addRecord(world, makeRecord({ random: world.random, sequence: ++world.sequence, startedAtUs }));
  }, kLiveEveryMs);
  timer.unref();
  const handle = (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    route(world, request, response, next).catch((cause: unknown) => {
      if (!response.headersSent) sendError(response, 500, 'internal', String(cause));
    });
  };
  return { handle };
}

function addRecord(world: World, record: RequestRecord): void {
  world.records.unshift(record);
  const frame = `event: request\ndata: ${JSON.stringify(summaryOf(record))}\n\n`;
  for (const follower of world.followers) follower.write(frame);
}

async function route(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  const path = url.pathname;
  const nowUs = Date.now() * 1000;
  if (path === '/__mock/scenario') return setScenario(world, url, response);
  const isApi = /^\/(api|ajax-api|v1|get-artifact)(\/|$)/.test(path);
  const isOpen = path === '/api/v1/login';
  if (
    isApi &&
    !isOpen &&
    world.scenario === 'locked' &&
    request.headers.authorization !== `Bearer ${kMockKey}`
  ) {
    return sendError(response, 401, 'invalid_api_key', 'the API key is not valid');
  }
  if (path === '/api/v1/version') {
    return send(response, {
      version: '0.1.0',
      commit: '3f9c2ab',
      compiler: 'clang 19.1.7',
      started_at_us: nowUs - 11_520e6,
    });
  }
  if (path === '/api/v1/health') return send(response, healthOf(world.scenario));
  if (path === '/api/v1/models') return send(response, { models: world.scenario === 'empty' ? [] : kModels });
  if (path === '/api/v1/stats') {
    return send(response, statsOf(world.records, Number(url.searchParams.get('window_s') ?? 900), nowUs));
  }
  if (path === '/api/v1/requests/live') return follow(world, request, response);
  if (path === '/api/v1/requests') return send(response, listRequests(world.records, url.searchParams));
  if (path.startsWith('/api/v1/requests/')) {
    const record = world.records.find(({ id }) => id === path.slice('/api/v1/requests/'.length));
    if (record) return send(response, record);
    return sendError(response, 404, 'not_found', 'No request has this id.');
  }
  if (path === '/v1/chat/completions') return chat(world, request, response);
  if (isApi) {
    const text = await readBody(request);
    const body: unknown = text === '' ? null : JSON.parse(text);
    for (const part of world.parts) {
      const answer = part(request.method ?? 'GET', path, url.searchParams, body);
      if (answer) return sendJson(response, answer.status, answer.body);
    }
  }
  if (isApi) return sendError(response, 404, 'not_found', `Nothing is at ${path}.`);
  next();
}

function setScenario(world: World, url: URL, response: ServerResponse): void {
  world.scenario = (url.searchParams.get('name') ?? 'busy') as Scenario;
  world.parts = createParts(world.scenario === 'empty');
  world.records = world.scenario === 'empty' ? [] : makeHistory(1_500, Date.now() * 1000);
  send(response, { scenario: world.scenario });
}

function healthOf(scenario: Scenario): Health {
  const parts = kParts.map((part) => ({ ...part }));
  if (scenario === 'empty') parts.splice(3);
  if (scenario === 'degraded' && parts[3]) {
    parts[3].status = 'down';
    parts[3].detail = 'Exited with signal 9; next start in 4 s (try 3)';
  }
  return { status: scenario === 'degraded' ? 'degraded' : 'ok', uptime_s: 11_520, parts };
}

function summaryOf(record: RequestRecord): RequestSummary {
  const { input: _i, output: _o, input_truncated: _it, output_truncated: _ot, ...summary } = record;
  return summary;
}

function listRequests(records: RequestRecord[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 50);
  const cursor = query.get('cursor');
  const text = (query.get('q') ?? '').toLowerCase();
  const equal = (name: 'model' | 'upstream' | 'feature' | 'user', record: RequestRecord) =>
    !query.get(name) || record[name] === query.get(name);
  const matching = records.filter((record) => {
    const isError = record.status >= 400;
    return (
      equal('model', record) &&
      equal('upstream', record) &&
      equal('feature', record) &&
      equal('user', record) &&
      (!query.get('status') || (query.get('status') === 'error') === isError) &&
      record.started_at_us >= Number(query.get('since_us') ?? 0) &&
      record.started_at_us <= Number(query.get('until_us') ?? Infinity) &&
      (!text || JSON.stringify(record).toLowerCase().includes(text))
    );
  });
  const from = cursor ? matching.findIndex((record) => record.id === cursor) + 1 : 0;
  const page = matching.slice(from, from + limit);
  const more = from + limit < matching.length;
  return { requests: page.map(summaryOf), next_cursor: more ? (page.at(-1)?.id ?? null) : null };
}

function follow(world: World, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': connected\n\n');
  world.followers.add(response);
  request.on('close', () => world.followers.delete(response));
}

interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  max_tokens?: number;
}

async function chat(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse(await readBody(request)) as ChatRequest;
  const startedAtUs = Date.now() * 1000;
  const id = recordId(startedAtUs, ++world.sequence);
  response.setHeader('x-request-id', id);
  const template: RequestRecord = {
    ...makeRecord({ random: seededRandom(1), sequence: world.sequence, startedAtUs }),
    id,
    model: body.model,
    input: body,
    output: null,
    stream: true,
    feature: String(request.headers['x-penstock-feature'] ?? '') || null,
    user: null,
    client_disconnected: false,
  };
  const prompt = body.messages.at(-1)?.content ?? '';
  if (prompt === 'fail') {
    addRecord(world, { ...template, status: 400, error: kTooLong, ended_at_us: Date.now() * 1000 });
    const error = { ...kTooLong, type: 'invalid_request_error', param: 'messages' };
    return sendJson(response, 400, { error });
  }
  const answer = kAnswers[prompt.length % kAnswers.length] as string;
  const words = (answer.match(/\s*\S+/g) ?? []).slice(0, body.max_tokens ?? 1000);
  const end = await streamWords(response, id, words, prompt === 'cut');
  addRecord(world, {
    ...template,
    ...end,
    status: 200,
    ended_at_us: Date.now() * 1000,
    tokens: { input: 24, cached_input: 0, output: words.length, reasoning: 0, source: 'provider' },
    output: { role: 'assistant', content: words.join('') },
  });
  // As in the product: the record is there before the last byte of the answer.
  response.end(end.error ? `data: ${JSON.stringify({ error: end.error })}\n\n` : 'data: [DONE]\n\n');
}

async function streamWords(response: ServerResponse, id: string, words: string[], isCut: boolean) {
  const send = (more: object) =>
    response.write(`data: ${JSON.stringify({ id, object: 'chat.completion.chunk', ...more })}\n\n`);
  const piece = (delta: object, reason: string | null = null) =>
    send({ choices: [{ index: 0, delta, finish_reason: reason }] });
  await pause(kFirstTokenMs);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const firstTokenAtUs = Date.now() * 1000;
  piece({ role: 'assistant', content: '' });
  for (const word of isCut ? words.slice(0, 4) : words) {
    if (response.destroyed) break;
    piece({ content: word });
    await pause(kTokenEveryMs);
  }
  const isWhole = !isCut && !response.destroyed;
  if (isWhole) {
    piece({}, 'stop');
    const count = words.length;
    send({ choices: [], usage: { prompt_tokens: 24, completion_tokens: count, total_tokens: 24 + count } });
  }
  return {
    first_token_at_us: firstTokenAtUs,
    finish_reason: isWhole ? 'stop' : null,
    error: isCut ? kEngineDied : null,
    client_disconnected: response.destroyed,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request) {
    body += String(piece);
    if (body.length > kBodyBytesMax) throw new Error('body too large');
  }
  return body;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

function send(response: ServerResponse, body: object): void {
  sendJson(response, 200, body);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { code, message } });
}
