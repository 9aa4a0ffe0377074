import { describe, expect, test } from 'vitest';
import { inFlags, readArguments, UsageError } from './arguments.ts';

const split = (words: string) => words.split(' ').filter((word) => word !== '');

describe('words that are understood', () => {
  test.each<[string, object]>([
    ['explain', { name: 'explain', json: false }],
    ['explain --json', { name: 'explain', json: true }],
    ['--json explain', { name: 'explain', json: true }],
    ['explain --source imds', { options: { source: 'imds' } }],
    ['explain --source imds,azure-cli', { options: { source: ['imds', 'azure-cli'] } }],
    ['explain --client-id a', { options: { clientId: 'a' } }],
    ['explain --object-id=a', { options: { objectId: 'a' } }],
    ['explain --resource-id a', { options: { resourceId: 'a' } }],
    ['explain --tenant-id a --authority-host https://b', { options: { tenantId: 'a', authorityHost: 'https://b' } }],
    ['doctor', { name: 'doctor', vaultUrl: undefined, secretName: undefined }],
    [
      'doctor --vault-url https://a.vault.azure.net --secret db-password',
      { vaultUrl: 'https://a.vault.azure.net', secretName: 'db-password' },
    ],
    ['doctor --timeout 5000', { options: { timeoutMs: 5000 } }],
    ['token', { name: 'token', decode: false, scope: undefined }],
    ['token --decode --scope https://a/.default', { decode: true, scope: 'https://a/.default' }],
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
  test.each([
    ['', 'Which command? There are explain, doctor and token.'],
    ['--json', 'Which command? There are explain, doctor and token.'],
    ['diagnose', 'There is no command "diagnose"; there are explain, doctor and token.'],
    ['doctor now', '"now" is one word too many after doctor.'],
    ['doctor --vault x', 'There is no flag --vault; did you mean --vault-url?'],
    ['doctor --vaultUrl x', 'There is no flag --vaultUrl; did you mean --vault-url?'],
    ['doctor --secret-name x', 'There is no flag --secret-name; did you mean --secret?'],
    ['token --nonsense', 'There is no flag --nonsense.'],
    ['token -v', 'There is no flag -v.'],
    ['explain --decode', 'explain has no flag --decode; token has.'],
    ['explain --timeout 1', 'explain has no flag --timeout; doctor and token have.'],
    ['token --secret x', 'token has no flag --secret; doctor has.'],
    ['doctor --secret a_b', "--secret takes no such name. A secret's name has 1 to 127 letters, digits and hyphens."],
    ['doctor --timeout soon', '--timeout takes milliseconds, such as 5000.'],
    ['doctor --timeout 5e3', '--timeout takes milliseconds, such as 5000.'],
    ['doctor --timeout 0', '--timeout takes milliseconds, such as 5000.'],
    [
      'token --client-id a --object-id b',
      'Give one of --client-id and --object-id, not both: each alone names an identity.',
    ],
    ['token --json=yes', "Option '--json' does not take an argument."],
    ['token --scope', "Option '--scope <value>' argument missing."],
  ])('%s', (words, message) => {
    expect(() => readArguments(split(words))).toThrow(new UsageError(message));
  });
});

test.each([
  ['AZURE_TENANT_ID (or the option tenantId) is', 'AZURE_TENANT_ID (or --tenant-id) is'],
  ['The option timeoutMs is', '--timeout is'],
  ['the limit is the option timeoutMs.', 'the limit is --timeout.'],
  // There is no flag for it.
  ['the option federatedCredential', 'the option federatedCredential'],
])('what is said of options is said of flags: %s', (said, inWords) => expect(inFlags(said)).toBe(inWords));
