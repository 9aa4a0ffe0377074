// What stand-ins of other people's making answer, in our words: the client works with them, and says what they mean.
// entra-emulator and azure-keyvault-emulator (calvinchengx), azure-keyvault-emulator (james-gould), lowkey-vault (nagyesta),
// and azure-workload-identity's proxy (Azure), as of August 2026.
import { describe, expect, test } from 'vitest';
import { ask } from '../test/ask.ts';
import { forever, json, jwt, plain, start } from '../test/fake-io.ts';
import type { HttpReply } from './io.ts';
import { explainKeyVaultError } from './key-vault/explain/explain.ts';
import type { Environment, Principal } from './types.ts';

const resource = 'https://vault.azure.net';
const app = 'a0000000-0000-4000-8000-0000000000c3';
const tenant = 'a0000000-0000-4000-8000-000000000001';
const expires = start / 1000 + 3600;
const times = { iat: expires - 3600, nbf: expires - 3600, exp: expires };

const appService = { IDENTITY_ENDPOINT: 'http://localhost:8443/msi/token', IDENTITY_HEADER: 'managed-identity-secret' };
const vm = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://localhost:8080' };
const pod = { ...vm, AZURE_CLIENT_ID: app };

const ofEntraEmulator = jwt({
  sub: app,
  aud: resource,
  tid: tenant,
  azp: app,
  appid: app,
  roles: [],
  ver: '2.0',
  ...times,
});
const ofLowkey = jwt({
  iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/',
  aud: [resource],
  ...times,
});

describe('a token', () => {
  test.each<[string, Environment, HttpReply, Partial<Principal>]>([
    [
      "of entra-emulator's App Service endpoint, which has no oid",
      appService,
      json(200, {
        access_token: ofEntraEmulator,
        resource,
        token_type: 'Bearer',
        client_id: app,
        expires_on: String(expires),
        expires_in: '3600',
        not_before: String(expires - 3600),
      }),
      { applicationId: app, tenantId: tenant, audience: resource },
    ],
    [
      'of lowkey-vault, which has a list of audiences and nobody it belongs to, below a challenge',
      vm,
      json(
        200,
        {
          resource,
          access_token: ofLowkey,
          refresh_token: ofLowkey,
          expires_in: 3600,
          expires_on: expires,
          token_type: 'Bearer',
        },
        { 'www-authenticate': 'Basic realm=assumed-identity' },
      ),
      { audience: resource },
    ],
    [
      "of azure-workload-identity's proxy, which knows only when it expires",
      pod,
      json(200, {
        access_token: ofEntraEmulator,
        refresh_token: '',
        expires_in: 0,
        expires_on: String(expires),
        not_before: 0,
        resource,
        token_type: 'Bearer',
      }),
      { applicationId: app, tenantId: tenant, audience: resource },
    ],
  ])('%s', async (_, env, reply, principal) => {
    const { token, credential } = ask(env, { answers: [reply] });
    expect((await token).expiresOnTimestamp).toBe(expires * 1000);
    expect(credential.diagnostics.principal).toEqual(principal);
  });
});

/** As MSAL for Go words it, behind the proxy's own words. */
const wrapped = (error: string, description: string) =>
  plain(
    500,
    [
      `failed to acquire token: http call(https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token)(POST) error: reply status code was 401:`,
      JSON.stringify({
        error,
        error_description: `${description} Trace ID: ${tenant} Correlation ID: ${app} Timestamp: 2026-11-23 00:00:00Z`,
        error_codes: [1],
        trace_id: tenant,
        correlation_id: app,
      }),
      '',
    ].join('\n'),
  );

describe('a refusal', () => {
  test.each<[string, Environment, HttpReply, string, string, number]>([
    [
      'of entra-emulator, for another secret than the one it was started with',
      appService,
      json(401, { error: 'unauthorized', error_description: 'Missing or invalid X-IDENTITY-HEADER.' }),
      'ERR_REFUSED',
      'The secret was not accepted.',
      1,
    ],
    [
      'of entra-emulator, for an id that it has no application for',
      appService,
      json(400, {
        error: 'invalid_request',
        error_description: 'identity_not_found: no managed identity matches the request.',
      }),
      'ERR_IDENTITY_NOT_FOUND',
      'identity_not_found',
      1,
    ],
    [
      "of azure-workload-identity's proxy, without a client id",
      vm,
      plain(400, 'The client_id parameter is required.\n', { 'content-type': 'text/plain; charset=utf-8' }),
      'ERR_IDENTITY_NOT_FOUND',
      'Name the identity by its client id',
      1,
    ],
    [
      'of Entra for the token of the service account, inside a 500',
      pod,
      wrapped(
        'invalid_client',
        'AADSTS700213: No matching federated identity record found for presented assertion subject.',
      ),
      'ERR_REFUSED',
      'AADSTS700213: No matching federated identity record found for presented assertion subject (correlation id a0000000-0000-4000-8000-0000000000c3). Entra refused. No federated credential',
      1,
    ],
    [
      'of Entra for an unknown application, inside a 500',
      pod,
      wrapped(
        'unauthorized_client',
        `AADSTS700016: Application with identifier '${app}' was not found in the directory.`,
      ),
      'ERR_REFUSED',
      'az ad sp',
      1,
    ],
    [
      'of Entra in words that are not known, inside a 500',
      pod,
      wrapped('invalid_request', 'AADSTS1234567: Something new.'),
      'ERR_REFUSED',
      'AADSTS1234567: Something new (correlation id a0000000-0000-4000-8000-0000000000c3). Entra refused.',
      1,
    ],
    [
      'of an overloaded Entra, inside a 500, which passes and is tried again',
      pod,
      wrapped('temporarily_unavailable', 'AADSTS90033: A transient error has occurred.'),
      'ERR_REFUSED',
      'AADSTS90033: A transient error has occurred (correlation id a0000000-0000-4000-8000-0000000000c3). The service on this host failed.',
      5,
    ],
    [
      "that is the proxy's own, without a token of the service account",
      pod,
      plain(500, 'failed to read service account token: open /var/run/secrets/token: no such file or directory\n'),
      'ERR_REFUSED',
      'failed to read service account token',
      5,
    ],
  ])('%s', async (_, env, reply, code, words, tries) => {
    const { token, io } = ask(env, { answers: [forever(reply)] });
    await expect(token).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(io.requests).toHaveLength(tries);
  });
});

/** As `RestError` comes out of `@azure/keyvault-secrets`. */
function restError(url: string, status: number, error: Record<string, unknown>): Error {
  const details = { name: 'RestError', code: error.code, statusCode: status, details: { error } };
  const request = { value: { method: 'GET', url } };
  const response = { value: { status, headers: new Headers(), bodyAsText: JSON.stringify({ error }) } };
  const failed = Object.assign(new Error(String(error.message)), details);
  return Object.defineProperties(failed, { request, response });
}

const lowkey = 'com.github.nagyesta.lowkeyvault.service.exception.NotFoundException';
const gould = 'Failed to perform request into Azure Key Vault Emulator';

test.each<[string, string, number, Record<string, unknown>, string]>([
  [
    "lowkey-vault's 404",
    'https://localhost:8443/secrets/x/',
    404,
    { code: lowkey, message: 'Entity not found.' },
    'KV_SECRET_NOT_FOUND',
  ],
  [
    "lowkey-vault's 404 of a key",
    'https://localhost:8443/keys/x/',
    404,
    { code: lowkey, message: 'Entity not found.' },
    'KV_OBJECT_NOT_FOUND',
  ],
  [
    "azure-keyvault-emulator's 404",
    'https://localhost:4997/secrets/x/',
    404,
    { code: gould, innererror: null, message: 'Could not find x in vault.' },
    'KV_SECRET_NOT_FOUND',
  ],
  [
    "azure-keyvault-emulator's 400",
    'https://localhost:4997/secrets/x/',
    400,
    { code: gould, innererror: { code: '', message: 'Y' }, message: 'X' },
    'KV_BAD_REQUEST',
  ],
  [
    "the other azure-keyvault-emulator's 404",
    'https://localhost:8444/secrets/x/',
    404,
    { code: 'SecretNotFound', message: 'A secret with (name/id) x was not found in this key vault.' },
    'KV_SECRET_NOT_FOUND',
  ],
  [
    'its 403 without an inner code',
    'https://localhost:8444/secrets/x/',
    403,
    { code: 'Forbidden', message: 'The principal is not permitted to perform secrets/get on this vault.' },
    'KV_DENIED',
  ],
  [
    'its 401 for a token of another service',
    'https://localhost:8444/secrets/x/',
    401,
    { code: 'Unauthorized', message: 'invalid audience' },
    'KV_TOKEN_REFUSED',
  ],
  [
    'a 404 with an unknown code in the name of Azure',
    'https://contoso.vault.azure.net/secrets/x/',
    404,
    { code: gould, message: 'X' },
    'KV_UNEXPECTED_RESPONSE',
  ],
])('%s', (_, url, status, error, code) => {
  const explanation = explainKeyVaultError(restError(url, status, error), undefined, { vaultUrl: new URL(url).origin });
  expect(explanation.code).toBe(code);
  expect(JSON.stringify(explanation.fix)).not.toMatch(/\baz /);
});
