import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeIo, forever, json, jwt, start, tokenReply } from '../test/fake-io.ts';
import { createWorld, credentialIn } from './credential.ts';
import { formatDiagnostics } from './diagnosis/report.ts';
import { type HttpReply, type Io, realIo } from './io.ts';
import { sources } from './sources/index.ts';
import type { CredentialOptions, Environment, SourceName } from './types.ts';

const scope = 'https://vault.azure.net/.default';
const secret = 'MARKER~secret+of/the=host';

const names = [
  ...new Set(sources.flatMap(({ variables }) => variables)),
  'AZURE_TOKEN_CREDENTIALS',
  'AZURE_AUTHORITY_HOST',
  'AZURE_ADDITIONALLY_ALLOWED_TENANTS',
  'AZURE_MANAGED_IDENTITY_CLIENT_ID',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_KUBERNETES_TOKEN_PROXY',
  'AZURE_FUNCTIONS_ENVIRONMENT',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'CONTAINER_NAME',
  'WEBSITE_INSTANCE_ID',
  'AUTOMATION_ASSET_ACCOUNTID',
  'AZUREML_RUN_ID',
  'GITHUB_ACTIONS',
  'ProgramData',
  'ProgramFiles',
  '__proto__',
  'constructor',
];

/** A URL of a kind that the host sets, or that somebody set instead; a secret may be anywhere in it but in the address. */
const url = fc
  .tuple(
    fc.constantFrom('http', 'https', 'HTTP', 'ftp', 'file', 'javascript', 'unix'),
    fc.constantFrom('', 'user@', `user:${secret}@`),
    fc.oneof(
      fc.constantFrom('127.0.0.1', '169.254.169.254', '10.0.0.4', '[::1]', 'localhost', 'login.microsoftonline.com'),
      fc.constantFrom('0x7f.1', '2130706433', '127.1', '[::ffff:8.8.8.8]', 'münchen.example', 'a..b', ''),
      fc.domain(),
    ),
    fc.constantFrom('', ':80', ':41741', ':0', ':99999'),
    fc.constantFrom('', '/', '/msi/token', '//evil.example/', '/../..', '/%00', '/MSI/token/'),
    fc.constantFrom('', `?code=${secret}`, '?api-version=1', '?', `#${secret}`),
  )
  .map(([scheme, user, host, port, path, rest]) => `${scheme}://${user}${host}${port}${path}${rest}`);

const text = fc.oneof(
  fc.constantFrom('', ' ', '\t\r\n', '0', 'true', 'clientid', 'dev', 'prod', 'ManagedIdentityCredential', 'nonsense'),
  fc.constantFrom(secret, ` ${secret}\n`, `${secret}\r\nx: y`, `é${secret}`, jwt({ nonce: secret }), 'A0'.repeat(20)),
  fc.uuid(),
  fc.constantFrom('contoso.onmicrosoft.com', '/subscriptions/a/resourceGroups/b', '*', 'a;b;*', '/etc/hostname'),
  url,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.integer({ min: 1000, max: 100_000 }).map((length) => 'long '.repeat(length / 5)),
);

const environment: fc.Arbitrary<Environment> = fc.dictionary(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
  fc.option(text, { nil: undefined }),
  { maxKeys: 16 },
);

const machine = fc.record({
  platform: fc.constantFrom('linux', 'win32', 'darwin', 'aix'),
  hasFile: fc.boolean().map((there) => () => there),
  readText: fc.constantFrom(undefined, null, '', '7783-7084-3265-9085-8269-3286-77', secret).map((tag) => () => tag),
  hasProgram: fc.boolean().map((there) => () => there),
});

const credentialWith = (io: Io, options: CredentialOptions) => credentialIn(createWorld(io), options);

/** Every form in which people meet a diagnosis or an error. */
const shown = (value: unknown) => `${inspect(value, { depth: 20, maxStringLength: null })} ${JSON.stringify(value)}`;

/** What `get` throws, if it does. */
function thrownBy(get: () => unknown): unknown {
  try {
    get();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('any environment', () => {
  test('has a diagnosis: the same each time, plain data, and without a secret', () => {
    fc.assert(
      fc.property(environment, machine, (env, found) => {
        const diagnose = () => credentialWith(fakeIo({ machine: found }), { env }).diagnostics;
        const diagnostics = diagnose();
        expect(diagnose()).toEqual(diagnostics);
        expect(JSON.parse(JSON.stringify(diagnostics))).toEqual(diagnostics);
        expect(`${shown(diagnostics)} ${formatDiagnostics(diagnostics)}`).not.toContain('MARKER');
      }),
      { numRuns: 500 },
    );
  });

  test('gives a token or a coded error, whatever the endpoint, and neither tells a secret', async () => {
    await fc.assert(
      fc.asyncProperty(environment, machine, fc.boolean(), async (env, found, good) => {
        const answers = [forever(good ? tokenReply() : json(500, { error: secret, message: secret }))];
        const io = fakeIo({ machine: found, answers });
        const result = await io.settle(
          credentialWith(io, { env })
            .getToken(scope)
            .catch((error: unknown) => error),
        );
        if (result instanceof Error) {
          expect(result).toMatchObject({ code: expect.stringMatching(/^ERR_/), docs: expect.any(String) });
          const { diagnostics } = result as { diagnostics?: object };
          // What the endpoint repeats is blanked where it is the secret that it was given; here it may know another one.
          if (io.requests.length === 0) expect(`${shown(result)} ${shown(diagnostics)}`).not.toContain('MARKER');
        } else {
          expect(result).toHaveProperty('token');
        }
        expect(io.timers).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('any options of the right types', () => {
  const options: fc.Arbitrary<CredentialOptions> = fc.record(
    {
      clientId: text,
      objectId: text,
      resourceId: text,
      tenantId: text,
      authorityHost: fc.oneof(url, text),
      additionallyAllowedTenants: fc.array(text, { maxLength: 4 }),
      federatedCredential: fc.record({ clientId: text, tenantId: text }),
      source: fc.oneof(
        fc.constantFrom(...sources.map(({ name }) => name)),
        fc.subarray(sources.map(({ name }) => name)),
        text.map((name) => name as SourceName),
      ),
      timeoutMs: fc.oneof(fc.double(), fc.integer()),
    },
    { requiredKeys: [] },
  );

  test('make a credential, or throw a TypeError with a code', () => {
    fc.assert(
      fc.property(environment, options, (env, given) => {
        const error = thrownBy(() => credentialWith(fakeIo(), { env, ...given }).diagnostics);
        if (error === undefined) return;
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
      }),
      { numRuns: 500 },
    );
  });
});

const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: secret };
const hosts: readonly Environment[] = [
  appService,
  { WEBSITE_SITE_NAME: 'a', MSI_ENDPOINT: 'http://127.0.0.1:1/MSI/token', MSI_SECRET: secret },
  { MSI_ENDPOINT: 'http://127.0.0.1:1/oauth2/token' },
  { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://169.254.169.254' },
  { IDENTITY_ENDPOINT: 'http://127.0.0.1:40342/metadata/identity/oauth2/token', IMDS_ENDPOINT: 'http://127.0.0.1' },
  { ...appService, IDENTITY_SERVER_THUMBPRINT: 'a'.repeat(40) },
];

/** Asks with this answer, for ever, and tells how it ends. */
async function endWith(env: Environment, answer: HttpReply): Promise<unknown> {
  const io = fakeIo({ answers: [forever(answer)], readTrustedFile: async () => `${secret}\n` });
  const credential = credentialWith(io, { env });
  const result = await io.settle(credential.getToken(scope).catch((error: unknown) => error));
  expect(io.timers).toBe(0);
  expect(JSON.parse(JSON.stringify(credential.diagnostics))).toEqual(credential.diagnostics);
  const traces = `${shown(result)} ${formatDiagnostics(credential.diagnostics)}`;
  // A host without a secret cannot have been given one.
  if (Object.values(env).includes(secret)) expect(traces).not.toContain('MARKER');
  return result;
}

/** A token that is still good, or an error of ours. */
function expectEnd(result: unknown): void {
  if (result instanceof Error) {
    expect(result).toMatchObject({ name: 'AuthenticationError', code: expect.stringMatching(/^ERR_/) });
    return;
  }
  const { token, expiresOnTimestamp, refreshAfterTimestamp } = result as Record<string, unknown>;
  expect(token).toMatch(/^[\x21-\x7e]+$/);
  expect(expiresOnTimestamp).toSatisfy((time: number) => Number.isSafeInteger(time) && time > start);
  expect(refreshAfterTimestamp).toSatisfy((time: number) => time >= start && time < (expiresOnTimestamp as number));
}

describe('any answer', () => {
  const host = fc.constantFrom(...hosts);
  const status = fc.constantFrom(200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 408, 410, 418, 429, 500, 503);
  const header = fc.oneof(
    fc.constantFrom('', ' ', '0', '-1', '1e9', '9'.repeat(400), '3', '59.5', 'Infinity', 'NaN', 'soon'),
    fc.constantFrom('Basic realm=', 'Basic realm=/etc/passwd', 'Basic realm=/var/opt/azcmagent/tokens/../../x.key'),
    fc.constantFrom('Basic realm=/var/opt/azcmagent/tokens/a.key', 'basic  realm="x"', 'Bearer authorization="x"'),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.string({ unit: 'binary' }),
  );

  test('with any Retry-After, WWW-Authenticate and correlation id ends in a coded error', async () => {
    await fc.assert(
      fc.asyncProperty(host, status, header, header, async (env, code, retryAfter, challenge) => {
        const headers = { 'retry-after': retryAfter, 'www-authenticate': challenge, 'x-ms-request-id': challenge };
        const result = await endWith(env, { status: code, headers, body: '{"error":"no"}' });
        expect(result).toBeInstanceOf(Error);
        expectEnd(result);
      }),
      { numRuns: 500 },
    );
  });

  const time = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(
      '',
      '0',
      'NaN',
      'Infinity',
      '-1',
      '1e400',
      '9'.repeat(400),
      '2026-11-24T00:00:00',
      '11/24/2026 1:2:3 PM',
    ),
    fc
      .integer({ min: start / 1000, max: start / 1000 + 86_400 })
      .chain((seconds) => fc.constantFrom(seconds, String(seconds))),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const token = fc.oneof(
    fc.constant('opaque'),
    fc.record({ exp: time, oid: fc.jsonValue({ maxDepth: 1 }), appid: fc.string(), aud: fc.string() }).map(jwt),
    fc.constant(jwt({ nonce: secret })),
    fc.string({ unit: 'binary' }),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const refusal = fc.oneof(
    fc.constantFrom(secret, 'invalid_request', 'UnsupportedApiVersion'),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const tokenish = fc.record(
    {
      access_token: token,
      expires_on: time,
      expires_in: time,
      refresh_in: time,
      error: refusal,
      ExceptionMessage: refusal,
    },
    { requiredKeys: ['access_token'] },
  );
  const body = fc.oneof(
    { weight: 4, arbitrary: tokenish.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: tokenish.chain((value) => fc.nat(40).map((cut) => JSON.stringify(value).slice(0, -cut))) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );

  test('with any body ends in a token that is good or in a coded error, without a secret', async () => {
    await fc.assert(
      fc.asyncProperty(host, status, body, async (env, code, text) => {
        expectEnd(await endWith(env, { status: code, headers: {}, body: text }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('this machine', () => {
  test('is looked at without an exception, whatever PATH holds', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (folders) => {
        const env = { PATH: folders.join(':') };
        expect(thrownBy(() => credentialWith(realIo, { env }).diagnostics)).toBe(undefined);
      }),
      { numRuns: 200 },
    );
  });
});
