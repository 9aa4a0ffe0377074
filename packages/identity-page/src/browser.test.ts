import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openChromium, type RunningPage, startPage } from '../test/chromium.ts';

const executable = findChromium(process.env);
const title = executable ? 'in Chromium' : 'in Chromium: skipped, because none is installed (or named in CHROMIUM)';
const vault = ['--secret', 'secret=marker <b>secret</b>'];
const objectId = 'a0000000-0000-4000-8000-0000000000d1';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describe.skipIf(!executable)(title, () => {
  let browser: Browser;
  let working: RunningPage;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, working] = await Promise.all([
      openChromium(executable as string),
      startPage(['--as', 'app-service', ...vault], { SECRET_NAME: 'secret' }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), working?.stop()]);
  });
  // A violation of the page's policy and a script that fails both end up on the console.
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });

  async function open(url: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await browser.newPage(options);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    return page;
  }

  /** Nothing to hold against it by axe-core (WCAG 2.2 AA and best practice), and nothing that sticks out. */
  async function expectAccessible(page: Page): Promise<void> {
    // Through the browser's own door, past the page's policy.
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [375, 1200]) {
        await page.setViewportSize({ width, height: 800 });
        const { violations } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(rules)} })`);
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        expect(found, `${colorScheme}, ${width} px`).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    }
  }

  test('shows whose identity it is, and that the secret can be read, but not the secret', async () => {
    const page = await open(working.url);
    await page.getByRole('heading', { level: 1, name: 'App Service managed identity' }).waitFor();
    await page.getByText('"secret" can be read').waitFor();
    await page.getByText(objectId).first().waitFor();
    expect(await page.content()).not.toMatch(/marker|eyJ/);
  });

  test('axe-core has nothing against it', async () => {
    await expectAccessible(await open(working.url));
  });

  test('the keyboard is enough, and ids are copied', async () => {
    const page = await open(working.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.keyboard.press('Tab');
    const button = page.getByRole('button', { name: 'Copy object id' });
    expect(await button.evaluate((element) => element.matches(':focus-visible'))).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('Copied object id.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(objectId);
  });

  test('where the clipboard is refused, the older command copies', async () => {
    const page = await open(working.url, { permissions: [] });
    await page.evaluate('delete Navigator.prototype.clipboard');
    await page.getByRole('button', { name: 'Copy tenant' }).click();
    await page.getByText('Copied tenant.').waitFor();
  });

  test('light or dark, it is legible', async () => {
    const page = await open(working.url);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const colours = await page.evaluate<string[]>(
        '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
      );
      const [ink = 0, paper = 0] = colours.map((colour) => Number(/\d+/.exec(colour)?.[0]));
      expect(ink < paper).toBe(colorScheme === 'light');
      expect(Math.abs(ink - paper)).toBeGreaterThan(180);
    }
  });

  test('on paper it is light, and without buttons', async () => {
    const page = await open(working.url, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.getByRole('button').count()).toBe(0);
  });

  test('access denied: the command that grants it names the principal', async () => {
    await using app = await startPage(['--as', 'app-service', '--deny', ...vault]);
    const page = await open(app.url);
    await expectAccessible(page);
    await page.getByText('KV_DENIED_BY_RBAC').first().waitFor();
    const command = await page.getByRole('group', { name: 'Command' }).first().textContent();
    expect(command).toContain(
      `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${objectId}`,
    );
    expect(await page.getByRole('button', { name: 'Copy the command' }).first().getAttribute('data-copy')).toBe(
      command,
    );
  });

  test('no identity: the page says how to enable it, and is busy while it tries again', async () => {
    await using app = await startPage(['--as', 'laptop', ...vault], { WEBSITE_SITE_NAME: 'my-app' });
    const page = await open(app.url);
    await page.getByRole('heading', { level: 1, name: 'Managed identity is not enabled' }).waitFor();
    await page.getByText('az webapp identity assign --name APP').waitFor();
    await page.getByRole('link', { name: 'Read more about it' }).waitFor();
    // No content: the old page stays, as it does while the new one is made.
    await page.route('**/identity', (route) => route.fulfill({ status: 204 }));
    await page.getByRole('link', { name: 'Try again' }).click();
    expect(await page.getByRole('link', { name: 'Checking…' }).getAttribute('aria-busy')).toBe('true');
    expect(await page.getByRole('status').textContent()).toBe('Checking again.');
  });

  test.each([
    ['a name that no vault has', 'https://nobody.vault.azure.net', 'KV_PROXY'],
    ['a bare name', 'my-vault', 'KV_URL_INVALID'],
  ])('says what is wrong with %s', async (_, url, code) => {
    const flags = ['--as', 'app-service', '--vault', 'mine', ...vault];
    await using app = await startPage(flags, { KEY_VAULT_URL: url });
    const page = await open(app.url);
    expect(await page.locator('.note code').textContent()).toBe(code);
    expect(await page.content()).not.toMatch(/marker|eyJ/);
  });
});
