import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview } from 'vite';
import type { Scenario } from './mock_server.ts';

/** The built UI in a real Chromium, over the mock API, or over a running server named by PENSTOCK_URL. */
export interface Harness {
  url: string;
  isMock: boolean;
  /** In a context of its own: nothing stored by one test is seen by the next. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  scenario(name: Scenario): Promise<void>;
  close(): Promise<void>;
}

/** A shared machine may stall a browser for half a minute. */
const kActionMaxMs = 60_000;

// Without the background switches Chromium looks up its maker's hosts at every start, which closed networks refuse.
const kChromiumSwitches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Over the server at `behind`, with the files that were built just now; else over PENSTOCK_URL, else over the mock. */
export async function startHarness(behind?: string): Promise<Harness> {
  const given = behind ? undefined : process.env.PENSTOCK_URL;
  const route = { target: behind ?? '', changeOrigin: true, headers: { origin: behind ?? '' } };
  const server = given
    ? null
    : await preview({
        mode: behind ? 'production' : 'mock',
        logLevel: 'error',
        preview: {
          port: 0,
          open: false,
          ...(behind && {
            proxy: { '/api': route, '/ajax-api': route, '/get-artifact': route, '/v1': route },
          }),
        },
      });
  const url = (given ?? server?.resolvedUrls?.local[0] ?? '').replace(/\/$/, '');
  const profile = mkdtempSync(join(tmpdir(), 'penstock-ui-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: kChromiumSwitches,
    env: { ...process.env, HOME: profile } as Record<string, string>,
  });
  return {
    url,
    isMock: server !== null && behind === undefined,
    async newPage(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      context.setDefaultTimeout(kActionMaxMs);
      return context.newPage();
    },
    async scenario(name) {
      await fetch(`${url}/__mock/scenario?name=${name}`, { method: 'POST' });
    },
    async close() {
      await browser.close();
      await server?.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Collects what must not happen on any page: errors, and anything fetched from elsewhere. */
export function watchPage(page: Page, url: string): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) {
      problems.push(`fetched from elsewhere: ${request.url()}`);
    }
  });
  return problems;
}
