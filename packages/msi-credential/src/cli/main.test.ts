import { describe, expect, test } from 'vitest';
import { main } from './main.ts';
import type { Screen, Terminal } from './terminal.ts';

/** Runs the words and tells what was written where. */
async function run(words: string, env: Record<string, string> = {}, width?: number) {
  const written = { out: '', err: '' };
  const screen = (name: 'out' | 'err'): Screen => ({
    print: (text) => {
      written[name] += `${text}\n`;
    },
    paint: (_, text) => text,
    width,
  });
  const terminal: Terminal = { out: screen('out'), err: screen('err'), busy: () => () => {} };
  const exitCode = await main(words.split(' ').filter(Boolean), env, '1.2.3', terminal);
  return { exitCode, ...written };
}

/** Pinned, and with nobody there: nothing leaves this machine whatever it is. */
const nobody = '--source service-principal';

/** Single words and commands stay whole. */
const tooWide = (text: string, width: number) =>
  text.split('\n').filter((line) => line.length > width && !/^\s*\S+$|^ {6}\S/.test(line));

describe('help', () => {
  test.each([
    ['--help', 'msi-credential:'],
    ['help', 'msi-credential:'],
    ['help nonsense', 'msi-credential:'],
    ['help doctor', '--vault-url URL'],
    ['doctor --help', '--vault-url URL'],
    ['token --help', '--scope SCOPE'],
    ['explain --help', 'msi-credential explain'],
  ])('%s', async (words, text) => {
    expect(await run(words)).toEqual({ exitCode: 0, out: expect.stringContaining(text), err: '' });
  });

  const topics = ['--help', 'explain --help', 'doctor --help', 'token --help'];

  test.each(topics)('%s has no line of 80 columns, and its prose fits a narrower terminal', async (words) => {
    const { out } = await run(words);
    expect(out.split('\n').filter(({ length }) => length >= 80)).toEqual([]);
    const narrow = (await run(words, {}, 60)).out.split('\n').filter((line) => !line.startsWith('  npx '));
    expect(narrow.filter(({ length }) => length > 60)).toEqual([]);
  });

  test('of each command', async () => {
    const pages = await Promise.all(
      topics.map(async (words) => `$ msi-credential ${words}\n${(await run(words)).out}`),
    );
    await expect(pages.join('\n')).toMatchFileSnapshot('./__snapshots__/help.txt');
  });
});

test('--version', async () => {
  expect(await run('--version')).toEqual({ exitCode: 0, out: '1.2.3\n', err: '' });
});

const wrongUses: readonly (readonly [words: string, code: string])[] = [
  ['', 'USAGE'],
  ['token --wrong', 'USAGE'],
  ['explain --source nowhere', 'ERR_UNKNOWN_SOURCE'],
  ['explain --client-id=', 'ERR_EMPTY_IDENTITY'],
  ['token --client-id a --object-id b', 'ERR_TWO_IDENTITIES'],
  ['doctor --timeout soon', 'ERR_TIMEOUT_INVALID'],
  ['doctor --timeout 5e3', 'ERR_TIMEOUT_INVALID'],
  ['token --timeout 0', 'ERR_TIMEOUT_INVALID'],
  ['doctor --secret x', 'KV_URL_MISSING'],
  ['doctor --vault-url local', 'KV_URL_INVALID'],
  ['doctor --vault-url http://local.vault.azure.net', 'KV_URL_INSECURE'],
];

describe('wrong use ends with 64 and leads to the help', () => {
  test.each(wrongUses)('%s', async (words) => {
    const { exitCode, out, err } = await run(words);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: '' });
    expect(err).toMatch(/^msi-credential: [\s\S]*\nSee msi-credential (\w+ )?--help\n$/);
    expect(err).not.toContain('github.com');
  });

  test.each(wrongUses)('%s: so is a program told, by JSON (%s)', async (words, code) => {
    const { exitCode, out, err } = await run(`${words} --json`);
    expect({ exitCode, err }).toEqual({ exitCode: 64, err: '' });
    expect(JSON.parse(out)).toMatchObject({ version: 1, error: { code, message: expect.any(String) } });
  });

  test('in 60 columns', async () => {
    const told = wrongUses.map(async ([words]) => `$ msi-credential ${words}\n${(await run(words, {}, 60)).err}`);
    const text = (await Promise.all(told)).join('\n');
    expect(tooWide(text.replaceAll(/^\$.*$/gm, ''), 60)).toEqual([]);
    await expect(text).toMatchFileSnapshot('./__snapshots__/wrong-use.txt');
  });
});

describe('a failure', () => {
  test('is told with what happened, what to do, and where more is written', async () => {
    const { exitCode, out, err } = await run(`token ${nobody}`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err.split('\n')).toEqual([
      expect.stringContaining('service-principal'),
      '',
      '  What to do',
      expect.stringMatching(/^ {2}- .*AZURE_TENANT_ID/),
      expect.stringContaining('option source'),
      expect.stringMatching(/^ {2}ERR_NO_SOURCE, https:\/\//),
      '',
    ]);
  });

  test('is data with --json, on the same stream as success', async () => {
    const { exitCode, out, err } = await run(`token --json ${nobody}`);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      error: { code: 'ERR_NO_SOURCE', cause: expect.any(String), docs: expect.stringContaining('#err_no_source') },
      diagnostics: { version: 1, status: 'problem' },
    });
  });

  test.each([
    ['explain', { problem: { code: 'ERR_NO_SOURCE' } }],
    ['doctor', { exitCode: 2, steps: expect.arrayContaining([expect.objectContaining({ status: 'failed' })]) }],
  ])('of %s is data with --json, too', async (command, expected) => {
    const { exitCode, out } = await run(`${command} --json ${nobody}`);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ version: 1, ...expected });
  });
});

describe('the doctor', () => {
  const site = { WEBSITE_SITE_NAME: 'shop' };

  test('closes with the failure in one line', async () => {
    const { out } = await run('doctor', site);
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      'Failed at choice: This is App Service, but this process has no managed identity (ERR_HOST_WITHOUT_IDENTITY)',
    );
  });

  test('says nothing of waiting where that does not help, and nothing besides the data with --json', async () => {
    const { out, err } = await run('doctor --wait --json', site);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ version: 1, exitCode: 2 });
    expect(out).not.toContain('--wait');
  });

  test('needs no vault to look at another service', async () => {
    const { exitCode, out } = await run('doctor --scope https://storage.azure.com/.default', site);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: expect.not.stringContaining('vault') });
  });
});

describe('on a terminal', () => {
  const site = { WEBSITE_SITE_NAME: 'shop', WEBSITE_RESOURCE_GROUP: 'shop-group' };
  const identity = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: 'MARKER' };
  const scenes: readonly (readonly [words: string, env: Record<string, string>])[] = [
    ['explain', { ...site, ...identity, AZURE_CLIENT_ID: 'b0000000-0000-4000-8000-000000000001' }],
    ['explain', site],
    ['doctor', site],
    ['token', site],
  ];

  test.each([60, 80])('of %i columns', async (width) => {
    const printed = scenes.map(async ([words, env]) => {
      const { out, err } = await run(words, env, width);
      return `$ msi-credential ${words}\n${out}${err}`;
    });
    // Whatever runs this.
    const text = (await Promise.all(printed))
      .join('\n')
      .replace(/Node\.js [^,]*,\s+\S+Z/, 'Node.js 24.9.0 on linux x64');
    expect(text).not.toContain('MARKER');
    expect(tooWide(text, width)).toEqual([]);
    await expect(text).toMatchFileSnapshot(`./__snapshots__/reports-${width}-columns.txt`);
  });
});
