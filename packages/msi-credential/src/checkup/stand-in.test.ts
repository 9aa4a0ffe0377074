import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../io.ts';
import type { Diagnostics, KeyVaultCredential } from '../types.ts';
import { doubtfulAudience } from './audience.ts';
import { problemWithChallenge } from './challenge.ts';

const credential = {} as KeyVaultCredential;
const challenge = (resource: string): HttpReply => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/x", ${resource}` },
  body: '',
});
const ofVault = 'resource="https://vault.azure.net"';

describe('a challenge', () => {
  test.each<[string, string, HttpReply, boolean, unknown]>([
    ["a vault's own", 'https://contoso.vault.azure.net', challenge(ofVault), false, undefined],
    [
      "of a scope that is the vault's",
      'https://contoso.vault.azure.net',
      challenge('scope="https://vault.azure.net/.default"'),
      false,
      undefined,
    ],
    [
      "a stand-in's at its address",
      'https://localhost:1',
      challenge('resource="https://localhost:1"'),
      false,
      'failed',
    ],
    [
      "a stand-in's that is allowed",
      'https://localhost:1',
      challenge('resource="https://localhost:1"'),
      true,
      undefined,
    ],
    ["a stand-in's in Azure's name", 'https://127.0.0.1:1', challenge(ofVault), false, 'failed'],
    [
      "another host's in Azure's name, though stand-ins are allowed",
      'https://vault.contoso.com',
      challenge(ofVault),
      true,
      'failed',
    ],
    [
      "a vault's for another service, though stand-ins are allowed",
      'https://contoso.vault.azure.net',
      challenge('resource="https://management.azure.com"'),
      true,
      'failed',
    ],
    ['none at all, of a stand-in', 'https://localhost:1', { status: 200, headers: {}, body: '{}' }, false, 'warning'],
    [
      "none at all, in a vault's place",
      'https://contoso.vault.azure.net',
      { status: 200, headers: {}, body: '{}' },
      false,
      undefined,
    ],
    ['without a resource', 'https://localhost:1', challenge('x="y"'), false, undefined],
  ])('%s', (_, url, reply, allowStandIn, status) => {
    const result = problemWithChallenge('challenge', reply, { credential, vaultUrl: new URL(url), allowStandIn });
    expect(result?.status).toBe(status);
    if (status === 'failed') expect(result?.explanation).toMatchObject({ code: 'KV_CHALLENGE_MISMATCH' });
    expect(JSON.stringify(result?.explanation ?? {})).not.toMatch(/\baz /);
  });

  test('of a stand-in is told with the way to allow it first', () => {
    const result = problemWithChallenge('challenge', challenge('resource="https://localhost:1"'), {
      credential,
      vaultUrl: new URL('https://localhost:1'),
    });
    expect(result).toMatchObject({
      detail: expect.stringMatching(/^it asks for a token for localhost\n/),
      explanation: { fix: [{ text: expect.stringContaining('--allow-stand-in') }, {}] },
    });
  });

  test('with more than a host in it is not repeated', () => {
    const vaultUrl = new URL('https://contoso.vault.azure.net');
    const odd = challenge('resource="https://x$(reboot)/"');
    expect(problemWithChallenge('challenge', odd, { credential, vaultUrl })).toBeUndefined();
  });
});

test.each<[string | undefined, string | undefined, boolean]>([
  ['https://vault.azure.net', 'https://vault.azure.net', false],
  ['https://vault.azure.net/', 'https://vault.azure.net', false],
  ['cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'https://vault.azure.net', false],
  ['https://management.azure.com', 'https://vault.azure.net', true],
  ['https://management.azure.com, https://graph.microsoft.com', 'https://vault.azure.net', true],
  ['https://management.azure.com, https://vault.azure.net', 'https://vault.azure.net', false],
  [undefined, 'https://vault.azure.net', false],
  ['https://vault.azure.net', undefined, false],
])('a token for %s where %s was asked for is doubtful: %s', (audience, resource, isDoubtful) => {
  const diagnostics = {
    principal: audience && { audience },
    token: resource && { resource },
  } as unknown as Diagnostics;
  expect(doubtfulAudience(diagnostics) !== undefined).toBe(isDoubtful);
});
