import { describe, expect, test } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';
import { flagRows } from './flags.ts';

const split = (words: string) => words.split(' ').filter((word) => word !== '');

describe('words that are understood', () => {
  test.each<[string, object]>([
    ['explain', { name: 'explain', values: {}, options: {} }],
    ['explain --json', { name: 'explain', values: { json: true } }],
    ['--json explain', { name: 'explain', values: { json: true } }],
    ['explain --source imds', { options: { source: ['imds'] } }],
    ['explain --source imds,azure-cli', { options: { source: ['imds', 'azure-cli'] } }],
    ['explain --client-id a', { options: { clientId: 'a' } }],
    ['explain --object-id=a', { options: { objectId: 'a' } }],
    ['explain --resource-id a', { options: { resourceId: 'a' } }],
    ['explain --tenant-id a --authority-host https://b', { options: { tenantId: 'a', authorityHost: 'https://b' } }],
    ['doctor', { name: 'doctor', values: {}, options: {} }],
    [
      'doctor --vault-url https://a.vault.azure.net --secret db-password',
      { options: { vaultUrl: 'https://a.vault.azure.net' }, values: { secret: 'db-password' } },
    ],
    ['doctor --timeout 5000', { options: { timeoutMs: 5000 } }],
    ['token', { name: 'token', values: {}, options: {} }],
    ['token --decode --scope https://a/.default', { values: { decode: true, scope: 'https://a/.default' } }],
    ['doctor --wait', { values: { wait: true } }],
    ['doctor --scope https://a/.default', { values: { scope: 'https://a/.default' } }],
    ['--help', { name: 'help', topic: undefined }],
    ['-h', { name: 'help' }],
    ['help', { name: 'help', topic: undefined }],
    ['help token', { name: 'help', topic: 'token' }],
    ['token --help', { name: 'help', topic: 'token' }],
    ['token --help --vault-url x', { name: 'help', topic: 'token' }],
    ['--version', { name: 'version' }],
    ['doctor --version', { name: 'version' }],
  ])('%s', (words, command) => {
    expect(readArguments(split(words))).toMatchObject(command);
  });
});

describe('words that are not', () => {
  const rows = [
    '',
    '--json',
    'diagnose',
    'dokter',
    'exlpain',
    'tokens --json',
    'doctor now',
    'doctor --vault x',
    'doctor --vaultUrl x',
    'doctor --secret-name x',
    'doctor --secert x',
    'doctor --vualt-url x',
    'doctor --scope a --secret b',
    'doctor --scope a --vault-url b',
    'token --wait',
    'token --nonsense',
    'token -v',
    'explain --decode',
    'explain --timeout 1',
    'token --secret x',
    'doctor --secret a_b',
    'token --json=yes',
    'token --scope',
    'explain --constructor',
    'explain --__proto__ x',
    'explain --function Object()',
    'constructor',
    'explain toString',
    'explain --x\ny',
    'explain \u001B[2Jx',
  ];
  test.each(rows)('%s', (words) => {
    expect(() => readArguments(split(words))).toThrow(UsageError);
  });

  test('are told why', async () => {
    const messages = rows.map(
      (words) => `msi-credential ${JSON.stringify(words).slice(1, -1)}\n  ${messageOf(words)}\n`,
    );
    await expect(messages.join('\n')).toMatchFileSnapshot('./__snapshots__/usage-errors.txt');
  });
});

function messageOf(words: string): unknown {
  try {
    return readArguments(split(words));
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the table of flags', () => {
  const settings = flagRows.filter(([, { option }]) => option !== undefined);
  test.each(settings)('--%s sets its option on each of its commands', (name, { option = '', commands, type }) => {
    for (const command of commands ?? (['explain', 'doctor', 'token'] as const)) {
      const { options } = readArguments([command, `--${name}`, ...(type === 'string' ? ['1'] : [])]);
      expect([command, Object.keys(options)]).toEqual([command, [option]]);
    }
  });

  test.each(['soon', '5e3', '-1', '0x10', '1.5'])('a time of %s is no number to the library', (time) => {
    expect(readArguments(['doctor', `--timeout=${time}`]).options).toEqual({ timeoutMs: Number.NaN });
  });
});
