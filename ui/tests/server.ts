import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A real `penstock serve` on a free port with its own data, and an upstream that answers every chat the same. */
export interface RealServer {
  url: string;
  /** Of the configuration file, as it stands now. */
  configPath: string;
  close(): Promise<void>;
}

/** Null: it has not been built. PENSTOCK_BINARY names another one. */
export const kBinary = binaryPath();

const kStartMaxMs = 60_000;
const kStopMaxMs = 10_000;
/** What the upstream says about every answer. */
export const kUsage = { prompt_tokens: 1_000, completion_tokens: 500, total_tokens: 1_500 };
/** That at the prices below: 1,000 tokens at $2 and 500 at $8 the million. */
export const kCallCostUsd = 0.006;

function binaryPath(): string | null {
  const path = resolve(import.meta.dirname, process.env.PENSTOCK_BINARY ?? '../../build/release/penstock');
  return existsSync(path) ? path : null;
}

const configText = (upstreamPort: number) => `version: 1
embedded: false
providers:
  mock: { type: openai, base_url: "http://127.0.0.1:${upstreamPort}/v1", keys: [{ env: MOCK_KEY }] }
models:
  fast:
    targets:
      - { id: stable, provider: mock, model: gpt-x, weight: 90 }
      - { id: canary, provider: mock, model: gpt-x, weight: 10 }
prices: { models: { gpt-x: { input_usd_per_mtok: 2, output_usd_per_mtok: 8 } } }
`;

export async function startServer(): Promise<RealServer> {
  if (kBinary === null) throw new Error('no penstock binary');
  const upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'penstock-ui-server-'));
  const configPath = join(folder, 'penstock.yaml');
  writeFileSync(configPath, configText((upstream.address() as AddressInfo).port));
  const program = spawn(
    kBinary,
    ['serve', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0', '--config', configPath],
    { env: { ...process.env, MOCK_KEY: 'upstream-key' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const url = await listeningUrl(program);
  return {
    url,
    configPath,
    async close() {
      await stop(program);
      upstream.closeAllConnections();
      upstream.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startUpstream(): Promise<Server> {
  const answer = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-x',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
    usage: kUsage,
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(answer);
    });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** From the line that the server prints when it is ready. */
function listeningUrl(program: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    const timer = setTimeout(() => fail(new Error(`the server did not start:\n${said}`)), kStartMaxMs);
    const read = (piece: Buffer) => {
      said += piece.toString();
      const url = /OpenAI API\s+(http:\/\/\S+)\/v1/.exec(said)?.[1];
      if (!url) return;
      clearTimeout(timer);
      done(url);
    };
    program.stdout?.on('data', read);
    program.stderr?.on('data', read);
    program.on('exit', (code) => fail(new Error(`the server exited with ${code}:\n${said}`)));
  });
}

function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => program.kill('SIGKILL'), kStopMaxMs);
    program.on('exit', () => {
      clearTimeout(timer);
      done();
    });
    program.kill('SIGTERM');
  });
}

/** A call as any client makes it; the answer's status and the record's id. */
export async function chat(url: string, secret: string, feature: string) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${secret}`,
      'x-penstock-feature': feature,
    },
    body: JSON.stringify({ model: 'fast', max_tokens: 600, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.text();
  return { status: response.status, id: response.headers.get('x-request-id') ?? '' };
}
