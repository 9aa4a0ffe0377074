import type { ClientSecretCredentialOptions } from '@azure/identity';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ask, ask as asking, copyOf, expectNoSecret, marker, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, runsOf } from '../../../test/catalogue.ts';
import {
  azureError,
  correlationId,
  type Exchange,
  entraRefusal,
  fakeAzureIdentity,
} from '../../../test/fake-azure-identity.ts';
import { fakeIo, jwt } from '../../../test/fake-io.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { AuthenticationError } from '../../errors.ts';
import type { HttpReply } from '../../io.ts';

const env = {
  AZURE_TENANT_ID: world.tenantId,
  AZURE_CLIENT_ID: world.applicationId,
  AZURE_CLIENT_SECRET: `${marker}~secret`,
};
const login = 'https://login.microsoftonline.com';
const discovery = `${login}/${world.tenantId}/v2.0/.well-known/openid-configuration`;
const subject = `application ${world.applicationId} in tenant ${world.tenantId}, with its client secret`;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Signs in, and is answered in that way. */
function signIn(exchange: Exchange, request?: Parameters<typeof ask>[1]): ReturnType<typeof ask> {
  return asking(env, { azureIdentity: fakeAzureIdentity(() => exchange), ...request });
}

const reply = (status: number, body: string | object, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
/** `@azure/identity` has the same words for most of what goes wrong. */
const unresolved = azureError('CredentialUnavailableError', 'endpoints_resolution_error: see https://aka.ms/x');
const entraPort = 'login.microsoftonline.com, port 443';
const network = (code: string) => Object.assign(new Error('no'), { code });

interface Expected {
  readonly code: string;
  readonly status?: number;
  /** The commands of its steps; those of an AADSTS number are tested with the numbers. */
  readonly runs?: readonly string[];
  /** Variables, addresses and Entra's own words in the explanation. */
  readonly names: readonly string[];
}

const failures: readonly (readonly [title: string, exchange: Exchange, expected: Expected])[] = [
  [
    'a wrong secret',
    entraRefusal(7000215, 'Invalid client secret provided.'),
    {
      code: 'ERR_REFUSED',
      status: 401,
      names: [
        subject,
        'invalid_client: AADSTS7000215: Invalid client secret provided',
        `(correlation id ${correlationId}).`,
        `az ad app credential reset --id ${world.applicationId} --append`,
      ],
    },
  ],
  [
    'a number that is not in the table',
    entraRefusal(1, 'Something new.'),
    {
      code: 'ERR_REFUSED',
      status: 401,
      names: [subject, 'invalid_client: AADSTS1: Something new', `(correlation id ${correlationId}).`],
    },
  ],
  [
    'a tenant that there is not, refused by its discovery',
    { ...entraRefusal(90002, "Tenant 'x' not found."), url: discovery, error: unresolved },
    { code: 'ERR_REFUSED', status: 401, names: ['AADSTS90002', `AZURE_TENANT_ID (${world.tenantId})`] },
  ],
  [
    'too many requests, without a pause',
    { outcome: reply(429, { error: 'temporarily_unavailable' }), error: unresolved },
    { code: 'ERR_THROTTLED', status: 429, names: ['429, temporarily_unavailable.'] },
  ],
  [
    'too many requests, told by a gateway',
    { outcome: reply(429, 'Slow down'), error: unresolved },
    { code: 'ERR_THROTTLED', status: 429, names: [`${login} answered 429 with 9 characters`, subject] },
  ],
  [
    'an outage',
    { outcome: reply(503, { error: 'temporarily_unavailable' }), error: unresolved },
    { code: 'ERR_REFUSED', status: 503, names: ['503', 'https://azure.status.microsoft'] },
  ],
  [
    "a proxy's page",
    {
      outcome: reply(403, `<html>${marker}</html>`, { 'content-type': 'text/html; charset=utf-8' }),
      error: unresolved,
    },
    {
      code: 'ERR_REFUSED',
      status: 403,
      names: [`${login} answered 403 with ${13 + marker.length} characters of text/html`, subject, entraPort],
    },
  ],
  [
    'a proxy that wants a password',
    { outcome: reply(407, ''), error: unresolved },
    { code: 'ERR_REFUSED', status: 407, names: ['HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT'] },
  ],
  [
    'a page in place of a token',
    { outcome: reply(200, '<html>sign in</html>'), error: unresolved },
    { code: 'ERR_RESPONSE_MALFORMED', status: 200, names: [`${login} answered 200 with 20 characters`, 'proxy'] },
  ],
  [
    'a page in place of the discovery',
    { url: discovery, outcome: reply(200, '<html>sign in</html>'), error: unresolved },
    { code: 'ERR_RESPONSE_MALFORMED', status: 200, names: [`${login} answered 200 with 20 characters`, 'proxy'] },
  ],
  [
    'no token in the answer',
    { outcome: reply(200, {}), error: azureError('Error', 'surprise') },
    { code: 'ERR_RESPONSE_MALFORMED', status: 200, names: [`${login} answered 200 with 2 characters`, 'proxy'] },
  ],
  ...['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET'].map(
    (code) =>
      [
        `no way to it (${code})`,
        { url: discovery, outcome: network(code), error: unresolved },
        { code: 'ERR_UNREACHABLE', names: [login, `(${code})`, entraPort, 'HTTPS_PROXY'] },
      ] as const,
  ),
  [
    'a name server that does not answer',
    { url: discovery, outcome: network('EAI_AGAIN'), error: unresolved },
    { code: 'ERR_UNREACHABLE', names: ['(EAI_AGAIN)', 'DNS'] },
  ],
  [
    "a gateway's words",
    { outcome: reply(403, `Forbidden for ${marker}`, { 'content-type': `text/plain` }), error: unresolved },
    {
      code: 'ERR_REFUSED',
      status: 403,
      names: [`${login} answered 403 with ${14 + marker.length} characters of text/plain`],
    },
  ],
  [
    "a gateway's words in JSON",
    { outcome: reply(403, { error: `Forbidden for ${marker}`, message: marker }), error: unresolved },
    { code: 'ERR_REFUSED', status: 403, names: [`${login} answered 403 with`, entraPort] },
  ],
  [
    "what stands beside Entra's words",
    { outcome: reply(400, { error: 'invalid_request', message: marker, correlationId: marker }), error: unresolved },
    { code: 'ERR_REFUSED', status: 400, names: ['400, invalid_request.'] },
  ],
  [
    'no answer',
    { outcome: network('ETIMEDOUT'), error: unresolved },
    { code: 'ERR_TIMEOUT', names: ['(ETIMEDOUT)', entraPort] },
  ],
  ...[
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'nslookup login.microsoftonline.com'],
    ['ERR_ACCESS_DENIED', 'node --permission --allow-net app.js'],
    ['CERT_HAS_EXPIRED', 'timedatectl'],
  ].map(
    ([code = '', run = '']) =>
      [
        `a connection without trust (${code})`,
        { outcome: network(code), error: unresolved },
        { code: 'ERR_UNREACHABLE', runs: [run], names: [code] },
      ] as const,
  ),
  [
    'a connection without trust (EPROTO)',
    { outcome: network('EPROTO'), error: unresolved },
    { code: 'ERR_UNREACHABLE', names: ['EPROTO', 'TLS', 'HTTPS_PROXY', 'AZURE_AUTHORITY_HOST'] },
  ],
  [
    'a host name in which a command stands',
    {
      url: 'https://a;id;$(id)`id`/token',
      outcome: network('ERR_TLS_CERT_ALTNAME_INVALID'),
      error: unresolved,
    },
    { code: 'ERR_UNREACHABLE', runs: ['nslookup HOST'], names: [] },
  ],
  [
    'something else after an answer that is in order',
    { url: discovery, outcome: reply(200, {}), error: azureError('Error', 'surprise.') },
    { code: 'ERR_REFUSED', names: [`No token for ${subject}: surprise.`, 'AZURE_LOG_LEVEL=verbose'] },
  ],
];

test.each(failures)('%s', async (_, exchange, { code, status, runs, names }) => {
  const asked = signIn(exchange);
  const error = await asked.token.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, source: 'service-principal', cause: copyOf(exchange.error) });
  expect((error as AuthenticationError).status).toBe(status);
  if (runs !== undefined) expect(runsOf(await explanationOfFailure(asked.token))).toEqual(runs);
  for (const name of names) await expect(asked.token).rejects.toThrow(name);
  await expectNoSecret(asked);
});

const host = 'proxy.example';
const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });

/** Behind a proxy: the variable's value, the outcome, and what the explanation names. */
const proxied: readonly (readonly [title: string, proxy: string, HttpReply | Error, names: readonly string[]])[] = [
  [
    'that is not there',
    `http://me:${marker}@${host}:3128`,
    systemError('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:3128'),
    [`the proxy of HTTPS_PROXY (${host}:3128) on the way to ${login} could not be reached (ECONNREFUSED)`],
  ],
  [
    'that is not there, by either of its addresses',
    `http://${host}`,
    systemError('ECONNREFUSED', ''),
    [`the proxy of HTTPS_PROXY (${host}:80) on the way to ${login}`],
  ],
  [
    'whose name is not known',
    `http://${host}:3128`,
    systemError('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`),
    [`the proxy of HTTPS_PROXY (${host}:3128) on the way to ${login}`, 'login.microsoftonline.com in NO_PROXY'],
  ],
  [
    'that another client takes no notice of',
    `http://${host}:3128`,
    systemError('ENOTFOUND', 'getaddrinfo ENOTFOUND login.microsoftonline.com'),
    [`Entra at ${login} could not be reached (ENOTFOUND)`, 'HTTPS_PROXY'],
  ],
  [
    'that cuts the connection, or somebody behind it',
    `http://${host}:3128`,
    systemError('ECONNRESET', 'read ECONNRESET'),
    [`Entra at ${login} could not be reached (ECONNRESET)`, 'the proxy let', entraPort],
  ],
  [
    'that does not let it through',
    `http://${host}:3128`,
    reply(403, ''),
    [
      `the proxy of HTTPS_PROXY (${host}:3128) or a gateway behind it answered 403 with an empty body in place of ${login}`,
      entraPort,
      'NO_PROXY',
    ],
  ],
  [
    'that wants a password',
    `http://${host}:3128`,
    reply(407, ''),
    [
      subject,
      `the proxy of HTTPS_PROXY (${host}:3128) answered 407 with an empty body in place of ${login}`,
      'HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    ],
  ],
  [
    'that wants another password',
    `http://me:${marker}@${host}:3128`,
    reply(407, `not ${marker}`),
    ['answered 407 with', 'in HTTPS_PROXY', '%25'],
  ],
];

function signInThrough(proxy: string, outcome: HttpReply | Error) {
  vi.stubEnv('HTTPS_PROXY', proxy);
  return signIn({ url: discovery, outcome, error: unresolved });
}

// @azure/cosmos looks for the number and then asks for the token of all accounts instead:
// https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/cosmosdb/cosmos/src/auth.ts
test('the message of a resource that the tenant does not have holds its number', async () => {
  const { token } = signIn(entraRefusal(500011, 'The resource principal was not found.'), {
    scope: 'https://shop.documents.azure.com/.default',
  });
  await expect(token).rejects.toThrow('AADSTS500011');
});

test('an application without any federated credential is told what to trust: what was sent', async () => {
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:a/b:environment:prod',
    aud: 'api://x',
  };
  const sent = new URLSearchParams({ client_assertion: jwt(claims) }).toString();
  const { token } = signIn({
    ...entraRefusal(70025, "The client 'x' has no configured federated identity credentials."),
    sent,
  });
  expect(runsOf(await explanationOfFailure(token)).at(-1)).toContain(
    '"issuer":"https://token.actions.githubusercontent.com","subject":"repo:a/b:environment:prod","audiences":["api://x"]',
  );
});

describe('through a proxy', () => {
  test.each(proxied)('%s', async (_, proxy, outcome, names) => {
    const asked = signInThrough(proxy, outcome);
    for (const name of ['HTTPS_PROXY', ...names]) await expect(asked.token).rejects.toThrow(name);
    await expectNoSecret(asked);
  });

  test('whose variable cannot be used, nothing is asked', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://me:${marker}%@${host}`);
    const asked = asking(env);
    await expect(asked.token).rejects.toMatchObject({
      code: 'ERR_SETTING_INVALID',
      source: 'service-principal',
      message: expect.stringMatching(/HTTPS_PROXY.* %/),
    });
    await expectNoSecret(asked);
    expect(asked.made).toEqual([]);
  });
});

describe('a private authority', () => {
  const ours = 'https://login.example.internal';
  const certificate = { ...env, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: '/run/proof.pem' };
  const at = (variables: Record<string, string>, exchange: Exchange) =>
    asking(
      { ...variables, AZURE_AUTHORITY_HOST: ours },
      { azureIdentity: fakeAzureIdentity(() => ({ ...exchange, url: `${ours}${exchange.url}` })) },
    ).token;
  const path = `/${world.tenantId}/v2.0/.well-known/openid-configuration`;

  test.each<[string, HttpReply | Error]>([
    ['is not reached', network('ENOTFOUND')],
    ['is not the one that answers', reply(502, '')],
  ])('that %s may be a mistyped one', async (_, outcome) => {
    const { fix } = await explanationOfFailure(at(env, { url: path, outcome, error: unresolved }));
    expect(fix.at(-1)?.text).toMatch(/AZURE_AUTHORITY_HOST.* login\.example\.internal/);
  });

  test.each<[string, Exchange, string]>([
    [
      'after its discovery, is the fault of the file',
      { url: path, outcome: reply(200, {}), error: new Error('no start line') },
      'ERR_FILE_UNREADABLE',
    ],
    [
      'after its answer, is not',
      { url: '/oauth2/v2.0/token', outcome: reply(200, { access_token: 'x' }), error: new Error('surprise') },
      'ERR_REFUSED',
    ],
    [
      'where it is not reached, is not',
      { url: path, outcome: network('ENOTFOUND'), error: new Error('no') },
      'ERR_UNREACHABLE',
    ],
  ])('an error without a name, %s', async (_, exchange, code) => {
    await expect(at(certificate, exchange)).rejects.toMatchObject({ code });
  });
});

test('the correlation id is told, from the text where it stands nowhere else', async () => {
  const body = {
    error: 'invalid_request',
    error_description: 'AADSTS900144: no. Trace ID: 1 Correlation ID: 01ARZ3NDEKTSV4RRFFQ69G5FAV Timestamp: 3',
  };
  const { token } = signIn({ outcome: reply(400, body), error: unresolved });
  await expect(token).rejects.toThrow('AADSTS900144: no (correlation id 01ARZ3NDEKTSV4RRFFQ69G5FAV).');
});

// Patterns that are quadratic take minutes for these, far over the limit of a test, and nothing else runs meanwhile.
test.each([
  ['spaces', ' '.repeat(500_000)],
  ['dots', '.'.repeat(500_000)],
  ['signs', '+'.repeat(500_000)],
  ['almost tokens', 'eyJ'.repeat(200_000)],
])('half a megabyte of %s is read at once', async (_, text) => {
  const error = azureError('AuthenticationRequiredError', `x ${text} x`);
  const { token } = signIn({ outcome: reply(400, { error: 'x', error_description: `x ${text} x` }), error });
  await expect(token).rejects.toMatchObject({ code: 'ERR_REFUSED' });
});

describe('in the package itself', () => {
  /** A sign-in through the real package; Entra's token endpoint gives these answers, and then a token. */
  async function signInReally(answers: readonly HttpReply[]) {
    const identity = await import('@azure/identity');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const tries: string[] = [];
    const answer = (path: string): HttpReply => {
      if (path.endsWith('/openid-configuration')) {
        const endpoints = ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'];
        return reply(200, Object.fromEntries(endpoints.map((name) => [name, `${login}/${world.tenantId}/${name}`])));
      }
      tries.push(path);
      return answers[tries.length - 1] ?? reply(200, { token_type: 'Bearer', expires_in: 3600, access_token: 'x' });
    };
    const httpClient: NonNullable<ClientSecretCredentialOptions['httpClient']> = {
      async sendRequest(request) {
        const { status, headers: given, body } = answer(new URL(request.url).pathname);
        const headers = request.headers;
        for (const [name, value] of Object.entries(given)) headers.set(name, value ?? '');
        return { request, status, headers, bodyAsText: body };
      },
    };
    class ClientSecretCredential extends identity.ClientSecretCredential {
      constructor(
        ...[tenantId, clientId, secret, options]: ConstructorParameters<typeof identity.ClientSecretCredential>
      ) {
        super(tenantId, clientId, secret, { ...options, httpClient });
      }
    }
    const io = fakeIo({ random: () => 0.5, azureIdentity: async () => ({ ...identity, ClientSecretCredential }) });
    return { tries, token: credentialIn(createWorld(io), { env }).getToken('https://vault.azure.net/.default') };
  }

  test('a pause that Entra asks for lasts up to twice as long by chance', async () => {
    const busy = reply(429, { error: 'temporarily_unavailable' }, { 'retry-after': '10' });
    const { tries, token } = await signInReally([busy]);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(tries).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await token).toMatchObject({ token: 'x' });
  });

  test('an empty answer is tried again', async () => {
    const { tries, token } = await signInReally([reply(200, ''), reply(200, '\n')]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await token).toMatchObject({ token: 'x' });
    expect(tries).toHaveLength(3);
  });

  test('answers that stay empty are told as such', async () => {
    const { token } = await signInReally(Array.from({ length: 20 }, () => reply(200, '')));
    const failed = explanationOfFailure(token);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(await failed).toMatchObject({
      code: 'ERR_RESPONSE_MALFORMED',
      cause: expect.stringContaining('empty body'),
    });
  });
});

test('a pause that no caller waits for is kept', async () => {
  const refused = { outcome: reply(429, { error: 'slow' }, { 'retry-after': '3600' }), error: unresolved };
  const { token, credential } = signIn(refused);
  await expect(token).rejects.toMatchObject({ code: 'ERR_THROTTLED', retryAfterMs: 3_600_000 });
  await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toMatchObject({
    code: 'ERR_THROTTLED',
  });
  expect(credential.diagnostics.attempts).toHaveLength(1);
});

test.each([
  ['the client id', 'AZURE_CLIENT_ID', marker, true],
  ['the client id, with a dot', 'AZURE_CLIENT_ID', `${marker}.a`, true],
  ['the tenant', 'AZURE_TENANT_ID', marker, false],
])('a secret that changed places with %s is not repeated in the words of Entra', async (_, name, secret, isNoGuid) => {
  const exchange = entraRefusal(700016, `Application with identifier '${secret}' was not found.`);
  const swapped = { ...env, AZURE_CLIENT_SECRET: world.applicationId, [name]: secret };
  const asked = asking(swapped, { azureIdentity: fakeAzureIdentity(() => exchange) });
  await expect(asked.token).rejects.toThrow("Application with identifier '***' was not found");
  const { fix } = await explanationOfFailure(asked.token);
  // The first step is about the id, the others are those of the number.
  expect(fix[0]?.text?.includes('AZURE_CLIENT_ID) is not a GUID')).toBe(isNoGuid);
  expect(fix[isNoGuid ? 1 : 0]?.text).toContain('AZURE_CLIENT_ID');
  await expectNoSecret(asked);
});

test('what Entra answered last is told when the time is up', async () => {
  const { token } = signIn({ outcome: reply(503, {}), error: unresolved, endless: true });
  await expect(token).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
    message: expect.stringMatching(/100000 ms.* https:\/\/login\.microsoftonline\.com.* 503/),
  });
});

test.each([
  ['AZURE_CLIENT_CERTIFICATE_PATH', { ...env, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: '/run/proof' }],
  ['AZURE_FEDERATED_TOKEN_FILE', { ...env, AZURE_FEDERATED_TOKEN_FILE: '/run/proof' }],
])('a pipe as %s is not read', async (variable, variables) => {
  const { made, azureIdentity } = fakeAzureIdentity();
  const io = fakeIo({ azureIdentity, isNoFile: (path) => path === '/run/proof' });
  const token = credentialIn(createWorld(io), { env: variables }).getToken('https://vault.azure.net/.default');
  await expect(token).rejects.toMatchObject({
    code: 'ERR_FILE_UNREADABLE',
    message: expect.stringMatching(new RegExp(`${variable} .*not a regular file.* /run/proof\\.`)),
    hint: expect.stringContaining('It is a folder'),
  });
  expect(made).toEqual([]);
});

describe('no secret gets out', () => {
  const page = `client_error: Error(s): Not Available - Description: A client error occured.
Http status code: 403
Http status message: <html>${marker}</html>
Headers: {"set-cookie":"session=${marker}"} - Correlation ID: Not Available`;
  test.each<[string, Exchange]>([
    [
      'of the page and the cookies of a proxy, which @azure/identity quotes',
      {
        outcome: reply(403, `<html>${marker}</html>`, { 'set-cookie': marker }),
        error: azureError('AuthenticationRequiredError', page),
      },
    ],
    [
      'of those in the cause of a cause',
      {
        outcome: reply(403, 'x'),
        error: Object.assign(azureError('AuthenticationRequiredError', 'x'), { cause: new Error(page) }),
      },
    ],
    [
      'of a request that is sent back',
      { outcome: reply(400, `client_secret=${env.AZURE_CLIENT_SECRET}`), error: unresolved },
    ],
    [
      'of one that is sent back as a form has it',
      {
        outcome: reply(400, {
          error: 'x',
          error_description: `${new URLSearchParams({ x: env.AZURE_CLIENT_SECRET })}`,
        }),
        error: unresolved,
      },
    ],
    [
      'of the assertion that was sent, which need not look like one',
      {
        sent: `client_id=x&client_assertion=${marker}`,
        outcome: reply(400, { error: 'x', error_description: `AADSTS50027: ${marker} is no JWT.` }),
        error: azureError('AuthenticationRequiredError', `invalid_client: ${marker} is no JWT.`),
      },
    ],
    ['of a token in an answer', { outcome: reply(200, `{"access_token":"${marker}`), error: unresolved }],
    ['of a token in the text of an error', { outcome: reply(200, {}), error: azureError('Error', `eyJ${marker}.a.b`) }],
  ])('%s', async (_, exchange) => {
    await expectNoSecret(signIn(exchange));
  });
});

/** What reading the certificate's file fails with, and the value of its variable. */
const files: [title: string, error: Error, path?: string][] = [
  ['a file that is not there', Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' })],
  ['an empty file', azureError('CredentialUnavailableError', 'No content on the file /run/app.pem.')],
  ['a file without a certificate', new Error('The file does not contain a PEM-encoded certificate.')],
  ['a value that is no path', Object.assign(new Error(marker), { code: 'ENOENT', syscall: 'open' }), marker],
  ['a setting that cannot be used', azureError('CredentialUnavailableError', 'The setting x is not valid.')],
];

function signInWithFile(error: Error, path = '/run/app.pem') {
  const variables = { ...env, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: path };
  return asking(variables, { azureIdentity: fakeAzureIdentity(() => error) });
}

test.each(files)('%s: the code, the variable, the command, and no secret', async (title, error, path) => {
  const asked = signInWithFile(error, path);
  const explanation = await explanationOfFailure(asked.token);
  const isSetting = title.includes('setting');
  expect(explanation.code).toBe(isSetting ? 'ERR_SETTING_INVALID' : 'ERR_FILE_UNREADABLE');
  expect(runsOf(explanation)).toEqual(isSetting ? [] : ['openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes']);
  if (!isSetting) expect(explanation.cause).toContain('AZURE_CLIENT_CERTIFICATE_PATH');
  await expectNoSecret(asked);
});

test('the wording of each', async () => {
  const told: [string, Explanation][] = [];
  for (const [title, exchange] of failures) told.push([title, await explanationOfFailure(signIn(exchange).token)]);
  for (const [title, proxy, outcome] of proxied) {
    const explanation = await explanationOfFailure(signInThrough(proxy, outcome).token);
    told.push([`a proxy ${title}`, explanation]);
  }
  for (const [title, error, path] of files) {
    told.push([title, await explanationOfFailure(signInWithFile(error, path).token)]);
  }
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/sign-in.txt');
});
