import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openChromium, type RunningApp, startApp } from '../test/chromium.ts';

const executable = findChromium(process.env);
const title = executable ? 'in Chromium' : 'in Chromium: skipped, because none is installed (or named in CHROMIUM)';
const vault = ['--secret', 'secret=marker <b>secret</b>'];
const objectId = 'a0000000-0000-4000-8000-0000000000d1';

describe.skipIf(!executable)(title, () => {
  let browser: Browser;
  let working: RunningApp;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, working] = await Promise.all([
      openChromium(executable as string),
      startApp(['--as', 'app-service', ...vault]),
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

  const revealButton = (page: Page) => page.getByRole('button', { name: 'Reveal' });

  test('the secret comes when it is asked for, and goes again', async () => {
    const page = await open(working.url);
    expect(await page.content()).not.toContain('marker');
    await revealButton(page).click();
    await page.getByText('marker <b>secret</b>').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('The secret is shown.');
    await page.getByRole('button', { name: 'Hide' }).click();
    await revealButton(page).waitFor();
    expect(await page.content()).not.toContain('marker');
  });

  test('the keyboard is enough', async () => {
    const page = await open(working.url);
    await page.keyboard.press('Tab');
    expect(await revealButton(page).evaluate((button) => button.matches(':focus-visible'))).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('marker <b>secret</b>').waitFor();
  });

  test('ids and the hidden secret are copied', async () => {
    const page = await open(working.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => page.evaluate('navigator.clipboard.readText()');
    await page.getByRole('button', { name: 'Copy object id' }).click();
    await page.getByText('Copied object id.').waitFor();
    expect(await clipboard()).toBe(objectId);
    await page.getByRole('button', { name: 'Copy the secret' }).click();
    await page.getByText('Copied the secret.').waitFor();
    expect(await clipboard()).toBe('marker <b>secret</b>');
    expect(await page.content()).not.toContain('marker');
  });

  test('where the clipboard is refused, the older command copies', async () => {
    const page = await open(working.url, { permissions: [] });
    await page.evaluate('delete Navigator.prototype.clipboard');
    await page.getByRole('button', { name: 'Copy tenant' }).click();
    await page.getByText('Copied tenant.').waitFor();
  });

  test('a secret that cannot be read any more is said', async () => {
    const page = await open(working.url);
    await page.route('**/', (route) => route.fulfill({ json: { error: { message: 'The vault is gone.' } } }));
    await revealButton(page).click();
    await page.getByText('The vault is gone.').waitFor();
    expect(await revealButton(page).getAttribute('aria-pressed')).toBe('false');
  });

  test('light or dark, wide or narrow, it is legible and nothing sticks out', async () => {
    const page = await open(working.url);
    for (const [colorScheme, width] of [
      ['light', 1200],
      ['dark', 1200],
      ['light', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const colours = await page.evaluate<string[]>(
        '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
      );
      const [ink = 0, paper = 0] = colours.map((colour) => Number(/\d+/.exec(colour)?.[0]));
      expect(ink < paper).toBe(colorScheme === 'light');
      expect(Math.abs(ink - paper)).toBeGreaterThan(180);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test('access denied: the command that grants it names the principal', async () => {
    await using app = await startApp(['--as', 'app-service', '--deny', ...vault]);
    const page = await open(app.url);
    await page.getByRole('heading', { level: 1, name: 'No role assignment allows this' }).waitFor();
    const command = await page.getByRole('group', { name: 'Command' }).first().textContent();
    expect(command).toContain(
      `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${objectId}`,
    );
    expect(await page.getByRole('button', { name: 'Copy the command' }).first().getAttribute('data-copy')).toBe(
      command,
    );
    expect(complaints.splice(0)).toEqual([expect.stringContaining('502')]);
  });

  test('no identity: the page says how to enable it', async () => {
    await using app = await startApp(['--as', 'laptop', ...vault], { WEBSITE_SITE_NAME: 'my-app' });
    const page = await open(app.url);
    await page.getByRole('heading', { level: 1, name: 'Managed identity is not enabled' }).waitFor();
    await page.getByText('az webapp identity assign --name APP').waitFor();
    await page.getByRole('link', { name: 'Read more about it' }).waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining('503')]);
  });

  test('with a connection still open, SIGTERM ends the app well; its log knows each request and no secret', async () => {
    const app = await startApp(['--as', 'app-service', ...vault]);
    const page = await open(app.url);
    await revealButton(page).click();
    await page.getByText('marker <b>secret</b>').waitFor();
    const health = await fetch(`${app.url}/healthz`);
    expect(await health.json()).toMatchObject({ status: 'ok', source: 'app-service' });
    expect(await app.stop()).toBe(0);
    const entries = app.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(entries.map(({ path, status }) => `${path} ${status}`)).toEqual(
      expect.arrayContaining(['/ 200', '/style.css 200', '/page.js 200', '/healthz 200']),
    );
    expect(app.lines.join('\n')).toMatch(/Token from app-service, valid until 2/);
    expect(app.lines.join('\n')).not.toContain('marker');
  });
});
