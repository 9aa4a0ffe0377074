import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ask, ask as asking, expectNoSecret, marker, world } from '../../../test/ask.ts';
import {
  azureError,
  correlationId,
  type Exchange,
  entraRefusal,
  fakeAzureIdentity,
} from '../../../test/fake-azure-identity.ts';
import { fakeIo } from '../../../test/fake-io.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { HttpReply } from '../../io.ts';

const env = {
  AZURE_TENANT_ID: world.tenantId,
  AZURE_CLIENT_ID: world.applicationId,
  AZURE_CLIENT_SECRET: `${marker}~secret`,
};
const login = 'https://login.microsoftonline.com';
const discovery = `${login}/${world.tenantId}/v2.0/.well-known/openid-configuration`;
const who = `application ${world.applicationId} in tenant ${world.tenantId}, with its client secret`;

afterEach(() => vi.unstubAllEnvs());

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
const network = (code: string) => Object.assign(new Error('no'), { code });

test.each<[string, Exchange, { code: string; words: string; hint: string }]>([
  [
    'a wrong secret',
    entraRefusal(7000215, 'Invalid client secret provided.'),
    {
      code: 'ERR_REFUSED',
      words: `Entra refused ${who}: the client secret is wrong. Often its id was copied instead of its value. It answered 401, invalid_client: AADSTS7000215: Invalid client secret provided (correlation id ${correlationId}).`,
      hint: `az ad app credential reset --id ${world.applicationId} --append`,
    },
  ],
  [
    'a number that is not in the table',
    entraRefusal(1, 'Something new.'),
    {
      code: 'ERR_REFUSED',
      words: `Entra refused ${who}. It answered 401, invalid_client: AADSTS1: Something new (correlation id ${correlationId}).`,
      hint: 'correlation id',
    },
  ],
  [
    'a tenant that there is not, refused by its discovery',
    { ...entraRefusal(90002, "Tenant 'x' not found."), url: discovery, error: unresolved },
    { code: 'ERR_REFUSED', words: 'AADSTS90002', hint: `AZURE_TENANT_ID (${world.tenantId})` },
  ],
  [
    'too many requests, without a pause',
    { outcome: reply(429, { error: 'temporarily_unavailable' }), error: unresolved },
    { code: 'ERR_THROTTLED', words: 'It answered 429, temporarily_unavailable.', hint: 'Wait' },
  ],
  [
    'too many requests, told by a gateway',
    { outcome: reply(429, 'Slow down'), error: unresolved },
    {
      code: 'ERR_THROTTLED',
      words: `${login} answered 429 with 9 characters of no named type, to ${who}.`,
      hint: 'Wait',
    },
  ],
  [
    'an outage',
    { outcome: reply(503, { error: 'temporarily_unavailable' }), error: unresolved },
    { code: 'ERR_REFUSED', words: 'It answered 503', hint: 'https://azure.status.microsoft' },
  ],
  [
    "a proxy's page",
    {
      outcome: reply(403, `<html>${marker}</html>`, { 'content-type': 'text/html; charset=utf-8' }),
      error: unresolved,
    },
    {
      code: 'ERR_REFUSED',
      words: `${login} answered 403 with ${13 + marker.length} characters of text/html, to ${who}.`,
      hint: 'Have it let login.microsoftonline.com, port 443, through',
    },
  ],
  [
    'a proxy that wants a password',
    { outcome: reply(407, ''), error: unresolved },
    {
      code: 'ERR_REFUSED',
      words: 'answered 407 with an empty body',
      hint: 'HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    },
  ],
  [
    'a page in place of a token',
    { outcome: reply(200, '<html>sign in</html>'), error: unresolved },
    { code: 'ERR_RESPONSE_MALFORMED', words: `${login} answered 200 with 20 characters`, hint: 'proxy' },
  ],
  [
    'a page in place of the discovery',
    { url: discovery, outcome: reply(200, '<html>sign in</html>'), error: unresolved },
    { code: 'ERR_RESPONSE_MALFORMED', words: `${login} answered 200 with 20 characters`, hint: 'proxy' },
  ],
  [
    'no token in the answer',
    { outcome: reply(200, {}), error: azureError('Error', 'surprise') },
    { code: 'ERR_RESPONSE_MALFORMED', words: `${login} answered 200 with 2 characters`, hint: 'proxy' },
  ],
  ...['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET'].map(
    (code): [string, Exchange, { code: string; words: string; hint: string }] => [
      `no way to it (${code})`,
      { url: discovery, outcome: network(code), error: unresolved },
      {
        code: 'ERR_UNREACHABLE',
        words: `Entra at ${login} could not be reached (${code})`,
        hint: 'Allow outbound traffic to login.microsoftonline.com, port 443, or set HTTPS_PROXY',
      },
    ],
  ),
  [
    'a name server that does not answer',
    { url: discovery, outcome: network('EAI_AGAIN'), error: unresolved },
    { code: 'ERR_UNREACHABLE', words: '(EAI_AGAIN)', hint: 'repair the DNS' },
  ],
  [
    "a gateway's words",
    { outcome: reply(403, `Forbidden for ${marker}`, { 'content-type': `text/plain` }), error: unresolved },
    {
      code: 'ERR_REFUSED',
      words: `${login} answered 403 with ${14 + marker.length} characters of text/plain`,
      hint: '',
    },
  ],
  [
    "a gateway's words in JSON",
    { outcome: reply(403, { error: `Forbidden for ${marker}`, message: marker }), error: unresolved },
    { code: 'ERR_REFUSED', words: `${login} answered 403 with`, hint: 'in another form' },
  ],
  [
    "what stands beside Entra's words",
    { outcome: reply(400, { error: 'invalid_request', message: marker, correlationId: marker }), error: unresolved },
    { code: 'ERR_REFUSED', words: 'It answered 400, invalid_request.', hint: 'correlation id' },
  ],
  [
    'no answer',
    { outcome: network('ETIMEDOUT'), error: unresolved },
    { code: 'ERR_TIMEOUT', words: 'could not be reached (ETIMEDOUT)', hint: 'port 443' },
  ],
  ...[
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'nslookup'],
    ['CERT_HAS_EXPIRED', 'timedatectl'],
    ['EPROTO', 'does not speak TLS'],
  ].map(([code = '', hint = '']): [string, Exchange, { code: string; words: string; hint: string }] => [
    `a connection without trust (${code})`,
    { outcome: network(code), error: unresolved },
    { code: 'ERR_UNREACHABLE', words: code, hint },
  ]),
  [
    'something else after an answer that is in order',
    { url: discovery, outcome: reply(200, {}), error: azureError('Error', 'surprise.') },
    { code: 'ERR_REFUSED', words: `No token for ${who}: surprise.`, hint: 'AZURE_LOG_LEVEL=verbose' },
  ],
])('%s', async (_, exchange, { code, words, hint }) => {
  const asked = signIn(exchange);
  await expect(asked.token).rejects.toMatchObject({
    code,
    source: 'service-principal',
    cause: exchange.error,
    hint: expect.stringContaining(hint),
  });
  await expect(asked.token).rejects.toThrow(words);
  await expectNoSecret(asked);
});

describe('through a proxy', () => {
  const host = 'proxy.example';
  const of = (code: string, message: string) => Object.assign(new Error(message), { code });
  test.each<[string, string, HttpReply | Error, words: string, hint: string]>([
    [
      'that is not there',
      `http://me:${marker}@${host}:3128`,
      of('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:3128'),
      `Entra at ${login}, by the proxy of HTTPS_PROXY (${host}:3128), could not be reached (ECONNREFUSED)`,
      'Check HTTPS_PROXY',
    ],
    [
      'that is not there, by either of its addresses',
      `http://${host}`,
      of('ECONNREFUSED', ''),
      `by the proxy of HTTPS_PROXY (${host}:80),`,
      'Check HTTPS_PROXY',
    ],
    [
      'whose name is not known',
      `http://${host}:3128`,
      of('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`),
      `by the proxy of HTTPS_PROXY (${host}:3128),`,
      'or name login.microsoftonline.com in NO_PROXY',
    ],
    [
      'that another client takes no notice of',
      `http://${host}:3128`,
      of('ENOTFOUND', 'getaddrinfo ENOTFOUND login.microsoftonline.com'),
      `Entra at ${login} could not be reached (ENOTFOUND)`,
      'Check HTTPS_PROXY',
    ],
    [
      'that cuts the connection, or somebody behind it',
      `http://${host}:3128`,
      of('ECONNRESET', 'read ECONNRESET'),
      `Entra at ${login} could not be reached (ECONNRESET)`,
      'have the proxy let login.microsoftonline.com, port 443, through',
    ],
    [
      'that does not let it through',
      `http://${host}:3128`,
      reply(403, ''),
      `In place of ${login}, the proxy of HTTPS_PROXY (${host}:3128) or a gateway behind it answered 403 with an empty body`,
      'Have it let login.microsoftonline.com, port 443, through, or set NO_PROXY',
    ],
    [
      'that wants a password',
      `http://${host}:3128`,
      reply(407, ''),
      `In place of ${login}, the proxy of HTTPS_PROXY (${host}:3128) answered 407 with an empty body, to ${who}.`,
      'asks for a name and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    ],
    [
      'that wants another password',
      `http://me:${marker}@${host}:3128`,
      reply(407, `not ${marker}`),
      'answered 407 with',
      'does not accept the name and the password in HTTPS_PROXY',
    ],
  ])('%s', async (_, proxy, outcome, words, hint) => {
    vi.stubEnv('HTTPS_PROXY', proxy);
    const asked = signIn({ url: discovery, outcome, error: unresolved });
    await expect(asked.token).rejects.toThrow(words);
    await expect(asked.token).rejects.toMatchObject({ hint: expect.stringContaining(hint) });
    await expectNoSecret(asked);
  });

  test('whose variable cannot be used, nothing is asked', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://me:${marker}%@${host}`);
    const asked = asking(env);
    await expect(asked.token).rejects.toMatchObject({
      code: 'ERR_SETTING_INVALID',
      source: 'service-principal',
      summary: 'The name or the password in HTTPS_PROXY has a % that stands for itself.',
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
    const hint = expect.stringContaining(
      'AZURE_AUTHORITY_HOST (or the option authorityHost) names login.example.internal',
    );
    await expect(at(env, { url: path, outcome, error: unresolved })).rejects.toMatchObject({ hint });
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
  [
    'the client id',
    'AZURE_CLIENT_ID',
    marker,
    /^AZURE_CLIENT_ID is not a GUID.*changed places.* Check that AZURE_CLIENT_ID/,
  ],
  ['the client id, with a dot', 'AZURE_CLIENT_ID', `${marker}.a`, /^AZURE_CLIENT_ID is not a GUID/],
  ['the tenant', 'AZURE_TENANT_ID', marker, /^Check that AZURE_CLIENT_ID/],
])('a secret that changed places with %s is not repeated in the words of Entra', async (_, name, secret, hint) => {
  const exchange = entraRefusal(700016, `Application with identifier '${secret}' was not found.`);
  const swapped = { ...env, AZURE_CLIENT_SECRET: world.applicationId, [name]: secret };
  const asked = asking(swapped, { azureIdentity: fakeAzureIdentity(() => exchange) });
  await expect(asked.token).rejects.toThrow("Application with identifier '***' was not found");
  await expect(asked.token).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
  await expectNoSecret(asked);
});

test('what Entra answered last is told when the time is up', async () => {
  const { token } = signIn({ outcome: reply(503, {}), error: unresolved, endless: true });
  await expect(token).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
    summary: `No token within 100000 ms from Service principal at ${login}; the last answer was 503.`,
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
    summary: `The file that ${variable} names cannot be used (not a regular file): /run/proof.`,
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
