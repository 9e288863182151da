import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { Model } from '../src/api/types.ts';
import { accessibilityFindings } from './axe.ts';
import { kMockKey } from './mock_server.ts';
import { startHarness, watchPage, type Harness } from './harness.ts';

/**
 * The built UI in a real Chromium. Without PENSTOCK_URL it runs over the mock; with it, over that server, and the
 * tests that need a prepared world are left out.
 */
const kShortAnswers = JSON.stringify({ max_tokens: 24 });
const kOnRealServer = process.env.PENSTOCK_URL !== undefined;

let harness: Harness;
let page: Page;
let problems: string[];

beforeAll(async () => {
  harness = await startHarness();
});

afterAll(() => harness?.close());

beforeEach(async () => {
  if (harness.isMock) await harness.scenario('busy');
  page = await harness.newPage();
  problems = watchPage(page, harness.url);
  // A real model on a busy machine may take long over a long answer.
  await page.addInitScript((value) => localStorage.setItem('penstock.playground', value), kShortAnswers);
});

afterEach(async () => {
  await page.context().close();
  expect(problems).toEqual([]);
});

async function open(path: string): Promise<void> {
  await page.goto(harness.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

async function ask(question: string): Promise<void> {
  await page.getByLabel('Message').fill(question);
  await page.keyboard.press('Enter');
}

/** Resolves once the newest answer in the pane ended. */
async function answered(pane = page.locator('.pane').first()): Promise<string> {
  await pane.locator('.answer[aria-busy="false"]').last().waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  return pane.locator('.answer').last().innerText();
}

const kRunId = '0'.repeat(31) + '2';
const kOtherRunId = '0'.repeat(31) + '3';

async function openArtifact(name: string): Promise<void> {
  await page.getByRole('tab', { name: 'Artifacts' }).click();
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await page.getByRole('region', { name: `Table ${name}` }).waitFor();
}

/** Pages whose world is prepared by the mock; tests/server.test.ts works them over a real server. */
const kAdministration: [string, string, (() => Promise<void>)?][] = [
  ['keys', '/keys'],
  ['a key', '/keys/key/K03mGx7Qw2Rt'],
  ['a group', '/keys/group/acme%2Fsearch'],
  ['a new key', '/keys', () => page.keyboard.press('n')],
  ['routes', '/gateway/routes/gpt-4o-mini'],
  ['providers', '/gateway/providers'],
  ['configuration', '/gateway/config', () => page.getByRole('button', { name: 'Check' }).click()],
  ['versions', '/gateway/versions/2'],
  ['cost', '/cost?by=key'],
  ['experiments', '/experiments'],
  ['runs', '/experiments/2'],
  ['a run', `/experiments/2/${kRunId}`],
  ['charts of a run', `/experiments/2/${kRunId}`, () => page.getByRole('tab', { name: 'Charts' }).click()],
  ['artifacts of a run', `/experiments/2/${kRunId}`, () => openArtifact('eval.json')],
  ['columns of runs', '/experiments/2', () => page.getByRole('button', { name: 'Columns' }).click()],
  ['runs compared', `/experiments/2/compare?runs=${kRunId},${kOtherRunId}`],
  ['models', '/models'],
  ['a model version', '/models/support/3'],
  ['an alias to move', '/models/support', () => page.getByRole('button', { name: 'Move an alias' }).click()],
  ['moves of aliases', '/models/support', () => page.getByRole('button', { name: 'History' }).click()],
  ['prompts', '/prompts'],
  ['a prompt', '/prompts/support-answer/2'],
  [
    'changes of a prompt',
    '/prompts/support-answer/2',
    () => page.getByRole('tab', { name: 'Changes' }).click(),
  ],
  ['a prompt to try', '/prompts/support-answer/2', () => page.getByRole('tab', { name: 'Try' }).click()],
  ['lineage', '/lineage'],
  ['a lineage graph', '/lineage?node=version:model/support/3'],
  ['people', '/users/people/01938b2a-0000-7abc-8def-0000000000a2'],
  ['projects', '/users/projects'],
  ['tokens', '/users/tokens'],
  ['sessions', '/users/sessions'],
  ['password', '/users/password'],
  ['audit', '/audit', () => page.getByRole('button', { name: /^Chain/ }).click()],
  ['who am I', '/', () => page.getByRole('button', { name: /^Who am I/ }).click()],
];

describe('every page', () => {
  const states: [string, string, (() => Promise<void>)?][] = [
    ['home', '/'],
    ['playground', '/playground'],
    ['requests', '/requests'],
    ['not found', '/nowhere'],
    ['palette', '/', () => page.keyboard.press('Control+k')],
    ['help', '/requests', () => page.keyboard.press('?')],
    ['health', '/', () => page.getByRole('button', { name: /^Health/ }).click()],
    ['code', '/playground', () => page.getByRole('button', { name: 'Show code' }).click()],
    ...(kOnRealServer ? [] : kAdministration),
  ];
  for (const scheme of ['light', 'dark'] as const) {
    test.each(states)(`is accessible in ${scheme}: %s`, async (_name, path, then) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await open(path);
      await expect.poll(() => page.locator('.loading').count()).toBe(0);
      await then?.();
      await page.waitForTimeout(200);
      expect(await accessibilityFindings(page)).toEqual([]);
    });

    test(`is accessible in ${scheme}: a chat and its record`, async () => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await open('/playground');
      await ask('Say hello.');
      await answered();
      expect(await accessibilityFindings(page)).toEqual([]);
      await page.getByRole('link', { name: 'Record' }).last().click();
      await page.getByRole('region', { name: 'Record' }).getByText('Say hello.').waitFor();
      expect(await accessibilityFindings(page)).toEqual([]);
      await page.getByRole('tab', { name: 'JSON' }).click();
      expect(await accessibilityFindings(page)).toEqual([]);
    });
  }

  test('fits a phone: nothing makes the page wider than the window', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const administration = kOnRealServer ? [] : kAdministration.map(([, path]) => path);
    for (const path of ['/', '/playground', '/requests', ...administration]) {
      await open(path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
});

describe('the keyboard', () => {
  test('reaches every page, the palette, help and the theme', async () => {
    await open('/');
    for (const [keys, path] of [
      ['gp', '/playground'],
      ['gr', '/requests'],
      ['gh', '/'],
    ] as const) {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForURL(harness.url + path);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or jump' }).waitFor();
    await page.keyboard.type('theme dark');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('walks from the first Tab to the page without a trap, always showing where it is', async () => {
    await open('/');
    const seen: string[] = [];
    for (let step = 0; step < 14; step += 1) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        return {
          name: element.getAttribute('aria-label') ?? element.innerText,
          outline: getComputedStyle(element).outlineStyle,
        };
      });
      expect(outline, name).not.toBe('none');
      seen.push(name);
    }
    expect(seen[0]).toBe('Skip to the page');
    expect(new Set(seen).size).toBeGreaterThan(10);
  });

  test('moves through the list, opens a record, closes it', async () => {
    await open('/requests');
    const rows = page.getByRole('row').filter({ has: page.getByRole('gridcell') });
    await rows.first().waitFor();
    await rows.first().focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/requests\/[0-9a-f-]{36}/);
    await page.getByRole('region', { name: 'Record' }).getByText('Endpoint').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/requests$/);
  });
});

describe.skipIf(kOnRealServer)('experiments', () => {
  test('runs are picked, compared, and a picture of all of them leads back to one', async () => {
    await open('/experiments/2');
    await page.getByLabel('Compare brave-lynx-56').check();
    await page.getByLabel('Compare kind-otter-55').check();
    await page.getByRole('button', { name: 'Compare 2' }).click();
    await page.getByRole('img', { name: 'Params and metrics: 2 runs' }).waitFor();
    const table = page.getByRole('region', { name: 'Values of the runs' });
    await table.getByText('base_model').waitFor();
    expect(await table.getByText('seed').count()).toBe(0);
    await table.getByLabel('Only what differs').uncheck();
    await table.getByText('seed').waitFor();
    await page.getByRole('img', { name: /^loss: 2 curves, 400 points/ }).waitFor();
    await table.getByRole('link', { name: 'kind-otter-55' }).click();
    await page.getByRole('heading', { name: 'kind-otter-55' }).waitFor();
  });

  test('what the server says about a filter is shown, and columns stay as chosen', async () => {
    await open('/experiments/2');
    await page.getByLabel('Filter', { exact: true }).fill('bad');
    await page.getByText("Invalid clause(s) in filter string: 'bad'").waitFor();
    await page.getByLabel('Filter', { exact: true }).fill('');
    await page.getByRole('columnheader', { name: 'learning_rate' }).waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('learning_rate').uncheck();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.reload();
    await page.getByRole('columnheader', { name: 'lora_rank' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'learning_rate' }).count()).toBe(0);
  });
});

describe.skipIf(kOnRealServer)('models and prompts', () => {
  test('an alias moves, and its past says so', async () => {
    await open('/models/support');
    await page.getByRole('button', { name: 'Move an alias' }).click();
    await page.getByRole('button', { name: 'Move from v2 to v3' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('@champion v3').first().waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('row').filter({ hasText: 'v2' }).filter({ hasText: 'v3' }).waitFor();
  });

  test('a prompt is filled in and answered', async () => {
    await open('/prompts/support-answer/2');
    await page.getByRole('tab', { name: 'Try' }).click();
    await page.getByLabel('tone').fill('kindly');
    await page.getByLabel('question').fill('Where is my parcel?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByLabel('Answer', { exact: true }).and(page.locator('[aria-busy="false"]')).waitFor();
  });
});

describe.skipIf(kOnRealServer)('the tree of keys', () => {
  test('is walked, folded and unfolded by keyboard', async () => {
    await open('/keys');
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('search-api').waitFor();
    await row('acme').first().focus();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() =>
        row('search')
          .first()
          .evaluate((one) => one === document.activeElement),
      )
      .toBe(true);
    await page.keyboard.press('ArrowLeft');
    await row('search-api').waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowRight');
    await row('search-api').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/keys\/group\/acme%2Fsearch/);
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/keys$/);
  });

  test('finds by text what is folded, and shows the bars in words', async () => {
    await open('/keys');
    await page.keyboard.press('/');
    await page.keyboard.type('support-bot');
    await page.waitForURL(/q=support-bot/);
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'ci' }).count()).toBe(0);
    await page.getByRole('img', { name: /of \$400.00 spent this month, .* remaining$/ }).waitFor();
  });

  test('refuses at the field and deletes nothing that is used', async () => {
    await open('/keys/group/acme%2Fsupport');
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete acme/support?' });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('alert').getByText('is still used by the key', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });
});

describe('the playground', () => {
  test('streams an answer, measures it, and links its record', async () => {
    await open('/playground');
    await ask('Say hello.');
    const text = await answered();
    expect(text.length).toBeGreaterThan(0);
    const foot = page.locator('.answer-foot').last();
    await expect.poll(() => foot.innerText()).toMatch(/TTFT[\s\S]*\d[\s\S]*tokens/);
    await foot.getByRole('link', { name: 'Record' }).click();
    const record = page.getByRole('region', { name: 'Record' });
    await record.getByText('Say hello.').waitFor();
    await record.getByText('chat.completions, streamed').waitFor();
    await record.getByRole('link', { name: 'playground' }).waitFor();
  });

  test('stops an answer on Escape and keeps what was said', async () => {
    await open('/playground');
    await page.getByLabel('Max tokens').fill('512');
    await ask('Write a long story about a river, a dam and a turbine.');
    await page.locator('.message-text').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('stopped').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.getByLabel('Max tokens').fill('8');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await answered();
    expect(await page.locator('.question').count()).toBe(1);
  });

  test('asks two models at once', async () => {
    await open('/playground');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.waitForURL(/model2=/);
    await ask('Say hello.');
    await answered(page.locator('.pane').first());
    await answered(page.locator('.pane').last());
    expect(await page.locator('.answer').count()).toBe(2);
  });

  test('keeps the conversation while another page is shown', async () => {
    await open('/playground');
    await ask('Say hello.');
    await answered();
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.goBack();
    await page.locator('.question').getByText('Say hello.').waitFor();
  });

  test('shows the same request as code', async () => {
    await open('/playground');
    await page.getByLabel('System prompt').fill('Be brief.');
    await page.getByLabel('Temperature').fill('0.2');
    await page.getByRole('button', { name: 'Show code' }).click();
    await page.getByRole('tab', { name: 'curl' }).click();
    const code = await page.getByLabel('curl code', { exact: true }).innerText();
    expect(code).toContain(`${harness.url}/v1/chat/completions`);
    expect(code).toContain('"temperature": 0.2');
    expect(code).toContain('Be brief.');
  });

  test.skipIf(kOnRealServer)('shows a refusal in full', async () => {
    await open('/playground');
    await ask('fail');
    const alert = page.getByRole('alert');
    await alert.getByText('context_length_exceeded').waitFor();
    await alert.getByText('The prompt has 9,214 tokens; this model takes 2,048.').waitFor();
    await alert.getByText('HTTP 400').waitFor();
  });

  test.skipIf(kOnRealServer)('never shows a broken stream as a finished answer', async () => {
    await open('/playground');
    await ask('cut');
    await page.getByRole('alert').getByText('The engine exited while it was answering.').waitFor();
    expect(await page.locator('.message-text').count()).toBe(1);
  });

  test.skipIf(kOnRealServer)('opens a recorded chat', async () => {
    await open('/requests?model=gpt-4o-mini&status=ok');
    await page.getByRole('row').filter({ hasText: 'gpt-4o-mini' }).nth(3).click();
    await page.getByRole('button', { name: 'Open in Playground' }).click();
    await page.waitForURL(/\/playground\?model=gpt-4o-mini$/);
    await page.locator('.question').first().waitFor();
    expect(await page.getByLabel('System prompt').inputValue()).toContain('helpful assistant');
  });
});

describe('the list of requests', () => {
  async function sendOne(): Promise<string> {
    const answer = await fetch(`${harness.url}/api/v1/models`);
    const { models } = (await answer.json()) as { models: Model[] };
    const model = process.env.PENSTOCK_MODEL ?? models.find(({ kind }) => kind === 'chat')?.name;
    const response = await fetch(`${harness.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-penstock-feature': 'browser-test' },
      body: JSON.stringify({
        model,
        max_tokens: 4,
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    await response.text();
    return response.headers.get('x-request-id') ?? '';
  }

  test('shows a request the moment it was answered', async () => {
    await open('/requests');
    await page.getByText('Live', { exact: true }).waitFor();
    const id = await sendOne();
    await page.locator(`a[href^="/requests/${id}"]`).waitFor();
  });

  test('holds still while paused and counts what waits', async () => {
    await open('/requests');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.keyboard.press('p');
    await page.getByText('Paused').waitFor();
    const id = await sendOne();
    await page.getByText(/\d+ new/).waitFor();
    expect(await page.locator(`a[href^="/requests/${id}"]`).count()).toBe(0);
    await page.keyboard.press('p');
    await page.locator(`a[href^="/requests/${id}"]`).waitFor();
  });

  test('takes its filters from the URL and puts them there', async () => {
    await sendOne();
    await open('/requests?feature=browser-test&status=ok');
    await page.getByRole('gridcell', { name: 'browser-test' }).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no such words anywhere 4711');
    await page.waitForURL(/q=no\+such\+words/);
    await page.getByRole('heading', { name: 'No request matches these filters' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await page.waitForURL(/\/requests$/);
    await page.getByRole('radio', { name: 'Errors' }).click();
    await page.waitForURL(/status=error/);
  });

  test.skipIf(kOnRealServer)('loads older pages while scrolling and draws only what is seen', async () => {
    await open('/requests');
    const grid = page.getByRole('grid', { name: 'Requests' });
    await grid.waitFor();
    for (let round = 0; round < 4; round += 1) {
      await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForTimeout(400);
    }
    const loaded = Number((await grid.getAttribute('aria-rowcount')) ?? 0);
    expect(loaded).toBeGreaterThan(350);
    expect(await page.getByRole('row').count()).toBeLessThan(80);
  });

  test.skipIf(kOnRealServer)('sorts what is loaded', async () => {
    await open('/requests');
    await page.getByRole('button', { name: 'Duration' }).click();
    await page.waitForURL(/sort=-duration/);
    await page.getByText('sorted among the loaded rows').waitFor();
  });

  test('takes a time range, by keyboard', async () => {
    await open('/requests');
    await page.getByRole('combobox', { name: 'Time range' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'Last hour' }).waitFor();
    await page.keyboard.press('End');
    await page.locator('[role="option"][data-highlighted]', { hasText: 'From' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/since=.*until=/);
    await page.getByLabel('From').fill('2001-01-01T00:00:00');
    await page.getByLabel('Until').fill('2001-01-02T00:00:00');
    await page.getByRole('heading', { name: 'No request matches these filters' }).waitFor();
  });

  test('says so when a record does not exist', async () => {
    await open('/requests/01234567-0000-7000-8000-000000000000');
    await page.getByRole('heading', { name: 'No record has this id' }).waitFor();
  });
});

describe.skipIf(kOnRealServer)('an empty server', () => {
  test('says the next step on every page', async () => {
    await harness.scenario('empty');
    await open('/');
    await page.getByText('penstock models import').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await open('/playground');
    await page.getByRole('heading', { name: 'No chat model is registered' }).waitFor();
    await open('/requests');
    await page.getByRole('heading', { name: 'No request has been answered yet' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
  });
});

describe.skipIf(kOnRealServer)('a server in trouble', () => {
  test('shows which part is down', async () => {
    await harness.scenario('degraded');
    await open('/');
    await page.getByRole('alert').getByText('engine:smollm2-135m-instruct').waitFor();
    await page.getByRole('button', { name: 'Health: 1 of 5 degraded' }).click();
    await page.getByRole('dialog').getByText('Exited with signal 9').waitFor();
  });

  test('that does not answer is said to be unreachable, and comes back by itself', async () => {
    await open('/');
    await page.getByText('All parts ok').waitFor();
    await page.route('**/api/v1/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Health: Unreachable' }).waitFor();
    await page.unroute('**/api/v1/**');
    await page.getByRole('button', { name: 'Health: All parts ok' }).waitFor();
  });
});

describe.skipIf(kOnRealServer)('a server that asks for a key', () => {
  test('gets it at the door, on every call and on the live list', async () => {
    await harness.scenario('locked');
    await page.goto(`${harness.url}/requests`);
    await page.getByRole('heading', { name: 'Log in to Penstock' }).waitFor();
    await page.getByRole('link', { name: 'Log in with Keycloak' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use a key instead' }).click();
    await page.getByLabel('API key').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The key was not accepted.').waitFor();
    await page.getByLabel('API key').fill(kMockKey);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('gridcell').first().waitFor();
    await page.getByRole('link', { name: 'Playground' }).click();
    await ask('Say hello.');
    await answered();
    await page.getByRole('button', { name: 'Show code' }).click();
    expect(await page.getByLabel('Python code', { exact: true }).innerText()).toContain('PENSTOCK_KEY');
  });
});

test.skipIf(kOnRealServer)('the home page links its window and reads charts at the crosshair', async () => {
  await open('/?window=1h');
  await page.getByRole('radio', { name: '1h', checked: true }).waitFor();
  const chart = page.getByRole('img', { name: /^Requests:/ });
  await chart.hover();
  await expect.poll(() => page.locator('.chart-time').count()).toBe(4);
  await page.getByRole('radio', { name: '24h' }).click();
  await page.waitForURL(/window=24h/);
});
