import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startHarness, type Harness } from './harness.ts';

/** Not a check but a look: writes every page in both themes and several widths to PENSTOCK_SCREENSHOTS. */

const kFolder = process.env.PENSTOCK_SCREENSHOTS ?? 'tests/screenshots';
let harness: Harness;

beforeAll(async () => {
  mkdirSync(kFolder, { recursive: true });
  harness = await startHarness();
});

afterAll(() => harness.close());

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.waitForTimeout(900);
}

async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await page.keyboard.press('Enter');
}

const kRunId = '0'.repeat(31) + '2';
const kSomeRuns = [1, 2, 3, 4, 6, 8].map((index) => '0'.repeat(31) + index).join(',');

const kShots: Record<string, { path: string; then?: (page: Page) => Promise<void> }> = {
  home: { path: '/' },
  playground: {
    path: '/playground',
    then: (page) => ask(page, 'Give me a Python function that reverses a list.'),
  },
  compare: {
    path: '/playground?model=smollm2-135m-instruct&model2=gpt-4o-mini',
    then: async (page) => {
      await ask(page, 'Which status code means too many requests?');
      await page.waitForTimeout(1500);
      await ask(page, 'fail');
    },
  },
  requests: { path: '/requests' },
  detail: {
    path: '/requests?status=ok&range=24h',
    then: async (page) => {
      await page.getByRole('row').filter({ hasText: 'smollm2' }).nth(2).click();
    },
  },
  palette: { path: '/', then: (page) => page.keyboard.press('Control+k') },
  health: { path: '/', then: (page) => page.getByRole('button', { name: /^Health/ }).click() },
  code: { path: '/playground', then: (page) => page.getByRole('button', { name: 'Show code' }).click() },
  help: { path: '/requests', then: (page) => page.keyboard.press('?') },
  gateway: { path: '/gateway' },
  route: { path: '/gateway/routes/gpt-4o-mini' },
  config: {
    path: '/gateway/config',
    then: async (page) => {
      const editor = page.getByLabel('penstock.yaml');
      await editor.fill((await editor.inputValue()).replace('weight: 90', 'weight: 80'));
      await editor.press('Control+Enter');
    },
  },
  versions: { path: '/gateway/versions/2' },
  experiments: { path: '/experiments' },
  runs: { path: '/experiments/2' },
  run: { path: `/experiments/2/${kRunId}` },
  curves: {
    path: `/experiments/2/${kRunId}`,
    then: (page) => page.getByRole('tab', { name: 'Charts' }).click(),
  },
  artifacts: {
    path: `/experiments/2/${kRunId}`,
    then: async (page) => {
      await page.getByRole('tab', { name: 'Artifacts' }).click();
      await page.getByRole('button', { name: /^eval.json/ }).click();
    },
  },
  sidebyside: { path: `/experiments/2/compare?runs=${kSomeRuns}` },
  models: { path: '/models' },
  model: { path: '/models/support/3' },
  prompt: {
    path: '/prompts/support-answer/2',
    then: (page) => page.getByRole('tab', { name: 'Changes' }).click(),
  },
  lineage: { path: '/lineage?node=version:model/support/3' },
  cost: { path: '/cost' },
  keys: { path: '/keys' },
  key: { path: '/keys/key/K03mGx7Qw2Rt' },
  newkey: { path: '/keys', then: (page) => page.keyboard.press('n') },
  people: { path: '/users/people/01938b2a-0000-7abc-8def-0000000000a2' },
  audit: { path: '/audit', then: (page) => page.getByText('keys.update').first().click() },
  me: { path: '/', then: (page) => page.getByRole('button', { name: /^Who am I/ }).click() },
};

/** Pages that change with the width of the window. */
const kManyWidths = [
  'home',
  'playground',
  'compare',
  'requests',
  'detail',
  'runs',
  'run',
  'sidebyside',
  'model',
  'lineage',
  'gateway',
  'config',
  'cost',
  'keys',
  'key',
  'people',
  'audit',
];

for (const theme of ['light', 'dark'] as const) {
  for (const [name, shot] of Object.entries(kShots)) {
    test(`${name} in ${theme}`, async () => {
      await harness.scenario('busy');
      const widths = kManyWidths.includes(name) ? [1440, 900, 420] : [1440];
      for (const width of widths) {
        const page = await harness.newPage({ colorScheme: theme, viewport: { width, height: 900 } });
        await page.goto(harness.url + shot.path);
        await settle(page);
        await shot.then?.(page);
        await settle(page);
        await page.screenshot({ path: `${kFolder}/${name}-${theme}-${width}.png` });
        await page.close();
      }
      expect(true).toBe(true);
    });
  }
  test(`empty states in ${theme}`, async () => {
    await harness.scenario('empty');
    for (const [name, path] of [
      ['home', '/'],
      ['playground', '/playground'],
      ['requests', '/requests'],
      ['keys', '/keys'],
      ['cost', '/cost'],
      ['audit', '/audit'],
      ['models', '/models'],
      ['prompts', '/prompts'],
      ['lineage', '/lineage'],
      ['lost', '/nowhere'],
    ]) {
      const page = await harness.newPage({ colorScheme: theme });
      await page.goto(harness.url + path);
      await settle(page);
      await page.screenshot({ path: `${kFolder}/empty-${name}-${theme}.png` });
      await page.close();
    }
  });
}
