// What an attacker tries on a running program, and what careless programs hand in.
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { ask, marker, world } from '../test/ask.ts';
import { azureError, fakeAzureIdentity } from '../test/fake-azure-identity.ts';
import { fakeIo, forever, json, start, tokenReply } from '../test/fake-io.ts';
import { createWorld, credentialIn } from './credential.ts';
import { formatDiagnostics } from './diagnosis/report.ts';
import { isCredentialError } from './errors.ts';
import type { CredentialOptions, Environment } from './types.ts';

const scope = 'https://vault.azure.net/.default';
const header = '77777777-aaaa-4bbb-8ccc-000000000007';
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: header };

describe('claims that are no ids', () => {
  const token = `eyJhbGciOiJub25lIn0.${'aB3'.repeat(20)}.x`;
  const opaque = 'AXoAv4j5cvGGr0GRqy180BHbR8YYvQ1xOGNlYTU2Nz';
  const group = `/subscriptions/${world.clientId}/resourcegroups`;

  test.each<[string, Record<string, string>]>([
    ['a token as an id', { oid: token, appid: token, tid: token }],
    ['a secret as an id', { oid: marker, azp: marker, tid: `${marker}.onmicrosoft.com` }],
    ['a token in the id of a resource', { xms_mirid: `${group}/${token}` }],
    [
      'a token as the name of a resource',
      { xms_mirid: `${group}/${token}/providers/Microsoft.Compute/virtualMachines/a` },
    ],
    ['a token as a name', { upn: token, app_displayname: `the app ${opaque}` }],
    ['a token as an audience', { aud: `https://${token}` }],
    ['a key as an audience', { aud: `api://${opaque}` }],
    ["the host's secret, a GUID, as an id", { oid: header, tid: header.toUpperCase() }],
    ["the host's secret in a name", { upn: `${header}@contoso.com` }],
    ["the host's secret as an audience", { aud: `api://${header}` }],
    ['a query in an audience', { aud: 'https://vault.azure.net/?sig=hunter2' }],
  ])('%s: are not shown', async (_, claims) => {
    const answers = [tokenReply(3600, start, claims)];
    const { token: done, credential } = ask(appService, { answers });
    await done;
    expect(credential.diagnostics.principal).toEqual({});
    const seen = JSON.stringify(credential.diagnostics) + formatDiagnostics(credential.diagnostics);
    for (const hidden of [token, opaque, header, marker, 'hunter2']) expect(seen).not.toContain(hidden);
  });

  test('and those that are stay', async () => {
    const claims = {
      oid: world.objectId,
      appid: world.clientId,
      tid: world.tenantId,
      xms_mirid: world.resourceId,
      upn: "Zoë.O'Neil_contoso.com#EXT#@fabrikam.onmicrosoft.com",
      aud: 'https://vault.azure.net',
    };
    const { token: done, credential } = ask(appService, { answers: [tokenReply(3600, start, claims)] });
    await done;
    expect(Object.values(credential.diagnostics.principal ?? {})).toEqual(Object.values(claims));
  });
});

describe('callers that share a failure', () => {
  test('each have an error of their own, with the diagnosis of their own credential', async () => {
    const io = fakeIo({ answers: [forever(json(400, { error: 'no' }))] });
    const shared = createWorld(io);
    const env = { ...appService, AZURE_CLIENT_ID: world.clientId };
    const first = credentialIn(shared, { env });
    const second = credentialIn(shared, { env: appService, clientId: world.clientId });
    const errors = await io.settle(
      Promise.all([first, first, second].map((each) => each.getToken(scope).catch((error: unknown) => error))),
    );
    expect(new Set(errors).size).toBe(3);
    for (const error of errors) expect(error).toMatchObject({ code: (errors[0] as { code: string }).code });
    const identities = errors.map((error) => (isCredentialError(error) ? error.diagnostics?.selected?.identity : ''));
    expect(identities.map((each) => each?.includes('AZURE_CLIENT_ID'))).toEqual([true, true, false]);
    expect(io.requests).toHaveLength(1);
    // What one of them does to its error, the next one does not see.
    Object.assign(errors[0] as object, { note: 'mine' });
    const next = await io.settle(second.getToken(scope).catch((error: unknown) => error));
    expect(next).not.toHaveProperty('note');
  });
});

describe('a signal that is none', () => {
  const throws = () => {
    throw new Error('no');
  };
  test.each<[string, unknown, object]>([
    ['{ aborted: false }', { aborted: false }, { code: 'ERR_OPTION_INVALID', name: 'TypeError' }],
    ['a controller', new AbortController(), { code: 'ERR_OPTION_INVALID' }],
    ['a number', 5, { code: 'ERR_OPTION_INVALID' }],
    [
      'half a signal',
      { aborted: false, addEventListener: () => {} },
      { code: 'ERR_OPTION_INVALID', message: expect.stringContaining('controller.signal') },
    ],
    [
      'one that takes no listener',
      { aborted: false, addEventListener: throws, removeEventListener() {} },
      { message: 'no' },
    ],
  ])('%s: is refused, and leaves no timer', async (_, abortSignal, expected) => {
    const asked = ask(appService, { answers: [tokenReply()], request: { abortSignal: abortSignal as AbortSignal } });
    await expect(asked.token).rejects.toMatchObject(expected);
    expect(asked.io.timers).toBe(0);
  });

  test('null is as good as none', async () => {
    const asked = ask(appService, { answers: [tokenReply()], request: { abortSignal: null as never } });
    await expect(asked.token).resolves.toHaveProperty('token');
  });
});

describe('an environment', () => {
  const getter = Object.defineProperty({ ...appService }, 'AZURE_CLIENT_ID', {
    enumerable: true,
    get() {
      throw new Error(marker);
    },
  });
  const closed = new Proxy(appService, {
    ownKeys() {
      throw new Error(marker);
    },
  });
  test.each<[string, object]>([
    ['with a getter that throws', getter],
    ['that does not tell its names', closed],
    ['without a prototype', Object.assign(Object.create(null), appService)],
    ['that inherits', Object.create(appService)],
    [
      'with numbers and objects',
      { ...appService, AZURE_CLIENT_ID: 5, AZURE_TENANT_ID: {}, PATH: ['/bin'], MSI_SECRET: null },
    ],
    ['with symbols', { ...appService, AZURE_CLIENT_ID: Symbol('x'), [Symbol('y')]: 'z' }],
    ['with functions', { ...appService, AZURE_TOKEN_CREDENTIALS: () => 'dev' }],
  ])('%s is read as far as it can be', async (_, env) => {
    const asked = ask(env as Environment, { answers: [tokenReply()] });
    await expect(asked.token).resolves.toHaveProperty('token');
    expect(asked.credential.diagnostics).toMatchObject({
      selected: { source: 'app-service', identity: 'system-assigned' },
    });
  });
});

describe('errors of Node', () => {
  const certificate = { subject: { CN: '\u001B[2Jevil' }, raw: Buffer.from(marker) };
  const altName = Object.assign(
    new Error(`Hostname/IP does not match certificate's altnames: Host: x. is not cert's CN: \u001B[2J${marker}`),
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', reason: `cert's CN: \u001B[2J${marker}`, host: 'x', cert: certificate },
  );
  const tunnel = Object.assign(new Error(`Failed to establish tunnel to x: HTTP/1.1 403 ${marker}`), {
    code: 'ERR_PROXY_TUNNEL',
    statusCode: 403,
  });
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '127.0.0.1',
  });

  test.each<[string, Error, object]>([
    ['a certificate', altName, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
    ["a proxy's words", tunnel, { code: 'ERR_PROXY_TUNNEL', statusCode: 403 }],
    ['an address', refused, { code: 'ECONNREFUSED', message: refused.message, syscall: 'connect' }],
  ])('%s: a cause has code and own words only', async (_, outcome, expected) => {
    const asked = ask(appService, { answers: [forever(outcome)] });
    const error = (await asked.token.catch((thrown: unknown) => thrown)) as Error;
    expect(error.cause).toMatchObject(expected);
    const seen = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
    expect(seen).not.toContain(marker);
    expect(seen).not.toMatch(/\p{Cc}(?<!\n)/u);
  });
});

describe('what is told of an attempt', () => {
  const secretQuery = 'sig=hunter2hunter2';

  test('is one line, whatever it holds', async () => {
    const lines: string[] = [];
    const { setLogLevel, AzureLogger } = await import('@azure/logger');
    const { log } = AzureLogger;
    vi.stubEnv('AZURE_LOG_LEVEL', 'info');
    setLogLevel('info');
    AzureLogger.log = (...words: unknown[]) => void lines.push(words.join(' '));
    try {
      const asked = ask(appService, {
        answers: [tokenReply()],
        scope: 'api://x\nmsi-credential:info a line of mine\u001B[2J/.default',
      });
      await asked.token.catch(() => {});
      await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0));
    } finally {
      AzureLogger.log = log;
      vi.unstubAllEnvs();
      setLogLevel(undefined);
    }
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  test("has no query of the authority's", async () => {
    const env = {
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_ID: world.applicationId,
      AZURE_CLIENT_SECRET: marker,
      AZURE_AUTHORITY_HOST: `https://login.example/?${secretQuery}`,
    };
    const exchange = { outcome: new Error('x'), error: azureError('X', 'y'), endless: true } as const;
    const asked = ask(env, { azureIdentity: fakeAzureIdentity(() => exchange) }, {
      timeoutMs: 500,
    } as CredentialOptions);
    const error = await asked.token.catch((thrown: unknown) => thrown);
    const seen = inspect(error, { depth: 9 }) + JSON.stringify(error) + JSON.stringify(asked.credential.diagnostics);
    expect(seen).not.toContain(secretQuery);
  });
});
