import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startHarness, watchPage, type Harness } from './harness.ts';
import { chat, kBinary, kCallCostUsd, startServer, type RealServer } from './server.ts';

/** The UI over a real `penstock serve`: what people administer there, from the first click to its effect. */

let server: RealServer;
let harness: Harness;
let page: Page;
let problems: string[];

function useServer(): void {
  beforeAll(async () => {
    server = await startServer();
    harness = await startHarness(server.url);
  });

  afterAll(async () => {
    await harness?.close();
    await server?.close();
  });

  beforeEach(async () => {
    page = await harness.newPage();
    problems = watchPage(page, harness.url);
  });

  afterEach(async () => {
    await page.context().close();
    expect(problems).toEqual([]);
  });
}

async function open(path: string): Promise<void> {
  await page.goto(harness.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });

/** Makes a key in the UI and returns its secret. */
async function createKey(name: string, group = ''): Promise<string> {
  await open('/keys');
  await button('New key').click();
  const form = page.getByRole('form', { name: 'New key' });
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Group').fill(group);
  await button('Create key').click();
  const secret = await dialog(`Secret of ${name}`).getByRole('textbox', { name: 'Secret' }).inputValue();
  await button('I have stored it').click();
  return secret;
}

describe.skipIf(kBinary === null)('keys, cost, gateway and audit', () => {
  useServer();

  test('a key is made in a group, called with, and its cost is seen', async () => {
    await open('/keys');
    await page.getByRole('heading', { name: 'There are no keys yet' }).waitFor();
    await button('New group').click();
    const group = page.getByRole('form', { name: 'New group' });
    await group.getByLabel('Path').fill('acme/search');
    await group.getByLabel('Budget in US dollars').fill('5');
    await button('Create group').click();
    await page.getByRole('heading', { name: 'acme/search' }).waitFor();

    const secret = await createKey('search-bot', 'acme/search');
    expect(secret).toMatch(/^sk-ps-/);
    await page.getByRole('heading', { name: 'search-bot' }).waitFor();
    expect(await page.getByText(secret).count()).toBe(0);

    const { status, id } = await chat(server.url, secret, 'ui-test');
    expect(status).toBe(200);
    await open(`/requests/${id}`);
    const record = page.getByRole('region', { name: 'Record' });
    await record.getByRole('link', { name: 'search-bot' }).waitFor();
    await record.getByRole('link', { name: 'acme/search' }).waitFor();

    await expect
      .poll(
        async () => {
          await open('/cost?by=key');
          const grid = page.getByRole('grid', { name: 'Cost by key' });
          if ((await grid.count()) === 0) return '';
          return grid.getByRole('row').filter({ hasText: 'search-bot' }).innerText();
        },
        { timeout: 30_000, interval: 1_000 },
      )
      .toContain(`$${kCallCostUsd}`);
    await open('/keys/group/acme%2Fsearch');
    await expect
      .poll(() => page.getByRole('region', { name: 'Details of the group' }).innerText(), { timeout: 30_000 })
      .toContain(`$${kCallCostUsd}`);
  });

  test('what the server refuses stands at its field', async () => {
    await createKey('twice');
    await button('New key').click();
    const form = page.getByRole('form', { name: 'New key' });
    await form.getByLabel('Name').fill('other');
    await form.getByLabel('Group').fill('no/such');
    await button('Create key').click();
    await form.getByText("no group is named 'no/such'", { exact: false }).waitFor();
    expect(await form.getByLabel('Group').getAttribute('aria-invalid')).toBe('true');
    await form.getByLabel('Group').fill('');
    await button('Add a limit').click();
    await form.getByLabel('Amount').fill('many');
    await button('Create key').click();
    await form.getByText('A limit is a whole number from 1', { exact: false }).waitFor();
    await button('Remove limit 1').click();
    await form.getByLabel('Name').fill('twice');
    await button('Create key').click();
    await form.getByRole('alert').filter({ hasText: 'twice' }).waitFor();
  });

  test('a key is limited, rotated and revoked, and each counts at once', async () => {
    const first = await createKey('short-lived');
    await button('Edit').click();
    await button('Add a limit').click();
    await page.getByRole('form', { name: 'Edit key' }).getByLabel('Amount').fill('1k');
    await button('Save').click();
    await page.getByText('1,000 requests a minute').first().waitFor();

    await button('Rotate').click();
    const rotation = page.getByRole('form', { name: 'Rotate key' });
    await rotation.getByRole('combobox').click();
    await page.getByRole('option', { name: 'not at all' }).click();
    await rotation.getByRole('button', { name: 'Rotate' }).click();
    const second = await dialog('New secret of short-lived')
      .getByRole('textbox', { name: 'Secret' })
      .inputValue();
    await button('I have stored it').click();
    expect((await chat(server.url, second, 'ui-test')).status).toBe(200);
    expect(first).not.toBe(second);

    await button('Revoke').click();
    await dialog('Revoke short-lived?').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked', { exact: true }).waitFor();
    // Without accounts and configured keys nobody is refused; a revoked key of ours is all the same.
    expect((await chat(server.url, second, 'ui-test')).status).toBe(401);
  });

  test('a configuration is checked, compared, applied and undone', async () => {
    const text = readFileSync(server.configPath, 'utf8');
    await open('/gateway/config');
    const editor = page.getByLabel('penstock.yaml');
    await editor.waitFor();
    expect(await editor.inputValue()).toBe(text);

    await editor.fill(text.replace('targets:', 'targetz:'));
    await page.keyboard.press('Control+Enter');
    await page
      .getByRole('alert')
      .getByRole('button', { name: /^line 7/ })
      .first()
      .click();

    const changed = text.replace('weight: 90', 'weight: 60').replace('weight: 10', 'weight: 40');
    await editor.fill(changed);
    await button('Check').click();
    await page.getByRole('region', { name: 'What would change' }).getByText('weight: 60').waitFor();
    expect(readFileSync(server.configPath, 'utf8')).toBe(text);
    await page.getByLabel('Why, for the list of versions').fill('more for the canary');
    await button('Apply').click();
    await page.getByText(/Version \d+ is in effect\./).waitFor();
    expect(readFileSync(server.configPath, 'utf8')).toBe(changed);

    await page.getByRole('link', { name: 'Routes' }).click();
    await page.getByRole('row').filter({ hasText: 'canary' }).getByText('40.0').waitFor();

    await page.getByRole('navigation', { name: 'Gateway' }).getByRole('link', { name: 'Versions' }).click();
    await page.getByRole('row').filter({ hasText: 'more for the canary' }).click();
    await page
      .getByRole('region', { name: /^What version/ })
      .getByText('weight: 40')
      .waitFor();
    await button('Undo').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(readFileSync(server.configPath, 'utf8')).toBe(text);
  });

  test('a change that came between is explained, not overwritten', async () => {
    await open('/gateway/config');
    const editor = page.getByLabel('penstock.yaml');
    const text = await editor.inputValue();
    await editor.fill(text.replace('weight: 90', 'weight: 70'));
    const running = (await (await fetch(`${server.url}/api/v1/config`)).json()) as { version: number };
    const other = await fetch(`${server.url}/api/v1/config/apply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text: `${text}# by somebody else\n`,
        comment: 'theirs',
        base_version: running.version,
      }),
    });
    expect(other.status).toBe(200);
    await button('Check').click();
    await button('Apply').click();
    const alert = page.getByRole('alert').filter({ hasText: 'came into effect while you were editing' });
    await alert.getByText('# by somebody else').waitFor();
    await button('I have seen it; keep my text').click();
    await button('Check').click();
    await page.getByRole('region', { name: 'What would change' }).getByText('# by somebody else').waitFor();
    await button('Discard my changes').click();
  });

  test('every change is in the audit journal, whose chain holds', async () => {
    await createKey('audited');
    await open('/audit');
    await button(/^Chain verified: \d+ records/).waitFor();
    await page.getByRole('row').filter({ hasText: 'key audited' }).click();
    const record = page.getByRole('region', { name: 'Record', exact: true });
    await record.getByRole('row').filter({ hasText: 'name' }).getByText('"audited"').waitFor();
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'About groups' }).click();
    await page.waitForURL(/action=groups\./);
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'keys.create' }).count()).toBe(0);
  });

  test('the cost is exported as CSV', async () => {
    await open('/cost?by=feature');
    const download = page.waitForEvent('download');
    await button('Export CSV').click();
    const text = readFileSync((await (await download).path()) ?? '', 'utf8');
    expect(text.split('\n')[0]).toContain('cost');
  });
});

describe.skipIf(kBinary === null)('accounts', () => {
  useServer();
  const kPassword = 'correct horse battery';

  async function logIn(email: string, password: string): Promise<void> {
    const form = page.getByRole('form', { name: 'Log in' });
    await form.getByLabel('Address').fill(email);
    await form.getByLabel('Password').fill(password);
    await form.getByRole('button', { name: 'Log in' }).click();
  }

  async function createAccount(email: string, role?: string): Promise<void> {
    await page.getByRole('button', { name: 'New account' }).click();
    const form = page.getByRole('form', { name: 'New account' });
    await form.getByLabel('Address').fill(email);
    await form.getByLabel('Password').fill(kPassword);
    if (role) {
      await form.getByRole('combobox').click();
      await page.getByRole('option', { name: role }).click();
    }
    await button('Create account').click();
  }

  test('the first account ends the open door: log in, see who one is, log out', async () => {
    await open('/users');
    await page.getByRole('heading', { name: 'There are no accounts yet' }).waitFor();
    await createAccount('ada@acme.example');
    await page.getByRole('heading', { name: 'Log in to Penstock' }).waitFor();
    await logIn('ada@acme.example', 'not this one');
    await page.getByText('the address or the password is wrong').waitFor();
    await logIn('ada@acme.example', kPassword);
    await button('Who am I: ada@acme.example, owner').click();
    await page.getByRole('dialog', { name: 'Who am I' }).getByText('owner').first().waitFor();
    await button('Log out').click();
    await page.getByRole('heading', { name: 'Log in to Penstock' }).waitFor();
  });

  test('a viewer is offered only what a viewer may do', async () => {
    await open('/users');
    await logIn('ada@acme.example', kPassword);
    await page.getByRole('grid', { name: 'People' }).waitFor();
    await createAccount('vera@acme.example', 'viewer');
    await page.getByRole('heading', { name: 'vera@acme.example' }).waitFor();
    await button(/^Who am I/).click();
    await button('Log out').click();
    await logIn('vera@acme.example', kPassword);
    await page.getByRole('link', { name: 'Keys & budgets' }).click();
    await page.getByRole('heading', { name: 'Keys & budgets' }).waitFor();
    expect(await button('New key').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Users & roles' }).click();
    await page.getByRole('link', { name: 'API tokens' }).waitFor();
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
  });

  test('a role is changed, and the last owner stays one', async () => {
    await open('/users');
    await logIn('ada@acme.example', kPassword);
    await page.getByRole('row').filter({ hasText: 'vera@acme.example' }).click();
    await page.getByRole('combobox', { name: 'Role in default' }).click();
    await page.getByRole('option', { name: 'developer' }).click();
    await page.getByRole('row').filter({ hasText: 'vera' }).getByText('developer').waitFor();
    await page.getByRole('row').filter({ hasText: 'ada@acme.example' }).click();
    await page.getByRole('heading', { name: 'ada@acme.example' }).waitFor();
    await page.getByRole('combobox', { name: 'Role in default' }).click();
    await page.getByRole('option', { name: 'viewer' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('row').filter({ hasText: 'ada' }).getByText('owner').waitFor();
  });

  test('an API token acts as its user until it is ended', async () => {
    await open('/users/tokens');
    await logIn('ada@acme.example', kPassword);
    await button('New token').click();
    const form = page.getByRole('form', { name: 'New API token' });
    await form.getByLabel('Name').fill('script');
    await button('Create token').click();
    const secret = await dialog('Secret of script').getByRole('textbox', { name: 'Secret' }).inputValue();
    await button('I have stored it').click();
    const me = () => fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect(await (await me()).json()).toMatchObject({ role: 'owner' });
    await button('End script').click();
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await page.getByRole('heading', { name: 'There are no API tokens' }).waitFor();
    expect((await me()).status).toBe(401);
  });

  test('a session is listed and can be ended', async () => {
    await open('/users/sessions');
    await logIn('ada@acme.example', kPassword);
    await page.getByRole('grid', { name: 'Sessions' }).waitFor();
    for (;;) {
      const ends = page.getByRole('button', { name: 'End', exact: true });
      if ((await ends.count()) === 0) break;
      const before = await ends.count();
      await ends.last().click();
      await expect.poll(() => ends.count()).toBeLessThan(before);
    }
    await page.getByRole('heading', { name: 'Log in to Penstock' }).waitFor();
  });
});
