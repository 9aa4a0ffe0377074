import { describe, expect, test } from 'vitest';
import { main } from './main.ts';
import type { Screen, Terminal } from './terminal.ts';

/** Runs the words and tells what was written where. */
async function run(words: string, env: Record<string, string> = {}) {
  const written = { out: '', err: '' };
  const screen = (name: 'out' | 'err'): Screen => ({
    print: (text) => {
      written[name] += `${text}\n`;
    },
    paint: (_, text) => text,
    width: undefined,
  });
  const terminal: Terminal = { out: screen('out'), err: screen('err'), busy: () => () => {} };
  const exitCode = await main(words.split(' ').filter(Boolean), env, '1.2.3', terminal);
  return { exitCode, ...written };
}

/** Pinned, and with nobody there: nothing leaves this machine whatever it is. */
const nobody = '--source service-principal';

describe('help', () => {
  test.each([
    ['--help', 'Exit codes'],
    ['help', 'Exit codes'],
    ['help nonsense', 'Exit codes'],
    ['help doctor', '--vault-url URL'],
    ['doctor --help', '--vault-url URL'],
    ['token --help', '--scope SCOPE'],
    ['explain --help', 'Sends nothing'],
  ])('%s', async (words, text) => {
    expect(await run(words)).toEqual({ exitCode: 0, out: expect.stringContaining(text), err: '' });
  });

  test.each(['--help', 'explain --help', 'doctor --help', 'token --help'])('%s fits 120 columns', async (words) => {
    const { out } = await run(words);
    expect(out.split('\n').filter(({ length }) => length > 120)).toEqual([]);
  });
});

test('--version', async () => {
  expect(await run('--version')).toEqual({ exitCode: 0, out: '1.2.3\n', err: '' });
});

describe('wrong use ends with 64 and leads to the help', () => {
  test.each([
    ['', 'Which command?'],
    ['token --wrong', 'There is no flag --wrong.'],
    ['explain --source nowhere', 'There is no source "nowhere"; there are service-fabric,'],
    ['doctor --secret x', '--secret needs a vault: --vault-url, or KEY_VAULT_URL.'],
    ['doctor --vault-url local', '--vault-url is a bare name. Write https://VAULT.vault.azure.net'],
    ['doctor --vault-url http://local.vault.azure.net', '--vault-url begins with http. Write https://'],
  ])('%s', async (words, message) => {
    const { exitCode, out, err } = await run(words);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: '' });
    expect(err).toContain(`msi-credential: ${message}`);
    expect(err).toMatch(/ See msi-credential --help\.\n$/);
    expect(err).not.toContain('github.com');
  });
});

test.each([
  ['explain --source nowhere --json', 'ERR_UNKNOWN_SOURCE'],
  ['token --wrong --json', 'USAGE'],
])('%s: so is a program told, by JSON', async (words, code) => {
  const { exitCode, out, err } = await run(words);
  expect({ exitCode, err }).toEqual({ exitCode: 64, err: '' });
  expect(JSON.parse(out)).toMatchObject({ version: 1, error: { code, message: expect.any(String) } });
});

describe('a failure', () => {
  test('is told with what happened, what to do, and where more is written', async () => {
    const { exitCode, out, err } = await run(`token ${nobody}`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/^None of the sources that --source leaves was found: service-principal/),
      expect.stringMatching(/^ {2}what to do {2}Set AZURE_TENANT_ID/),
      expect.stringMatching(/^ {2}ERR_NO_SOURCE, https:\/\//),
      '',
    ]);
  });

  test('is data with --json, on the same stream as success', async () => {
    const { exitCode, out, err } = await run(`token --json ${nobody}`);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      error: { code: 'ERR_NO_SOURCE', docs: expect.stringContaining('#err_no_source') },
      diagnostics: { version: 1, status: 'problem' },
    });
  });

  test.each([
    ['explain', 'problem'],
    ['doctor', 'steps'],
  ])('of %s is data with --json, too', async (command, member) => {
    const { exitCode, out } = await run(`${command} --json ${nobody}`);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ version: 1, [member]: expect.anything() });
  });
});
