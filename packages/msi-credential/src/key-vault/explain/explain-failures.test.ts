import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatFix } from '../../codes.ts';
import { credentialError, explanationOf, isCredentialError, misuse } from '../../errors.ts';
import { KeyVaultReferencesError } from '../references/failures.ts';
import { KeyVaultError } from './error.ts';
import { explainKeyVaultError } from './explain.ts';

const context = { vaultUrl: 'https://contoso.vault.azure.net', secretName: 'db-password' };
const explain = (error: unknown) => explainKeyVaultError(error, undefined, context);
const coded = (code: string) => Object.assign(new Error('x'), { name: 'RestError', code });

describe('below HTTP', () => {
  test.each([
    ['ENOTFOUND', 'KV_HOST_NOT_FOUND', 'az keyvault recover -n contoso'],
    ['EAI_AGAIN', 'KV_DNS_UNAVAILABLE', 'nslookup contoso.vault.azure.net'],
    ['ECONNREFUSED', 'KV_CONNECTION_REFUSED', 'KEY_VAULT_URL'],
    ['ECONNRESET', 'KV_CONNECTION_RESET', 'port 443'],
    ['EPIPE', 'KV_CONNECTION_RESET', 'port 443'],
    ['ERR_PROXY_TUNNEL', 'KV_PROXY', 'NO_PROXY'],
    ['ETIMEDOUT', 'KV_TIMEOUT', 'requestOptions: { timeout: 5000 }'],
    ['EHOSTUNREACH', 'KV_NO_ROUTE', 'privatelink.vaultcore.azure.net'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'KV_TLS_UNTRUSTED', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'KV_TLS_UNTRUSTED', 'tlsOptions: { ca }'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'KV_TLS_SELF_SIGNED', 'NODE_EXTRA_CA_CERTS=/path/to/certificate.pem'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'KV_TLS_NAME', 'privatelink'],
    ['CERT_HAS_EXPIRED', 'KV_TLS_DATE', 'timedatectl'],
    ['EPROTO', 'KV_TLS_PROTOCOL', 'scheme and port'],
    ['PARSE_ERROR', 'KV_CONNECTION_RESET', 'port 443'],
    ['ERR_INVALID_URL', 'KV_URL_INVALID', 'https://VAULT.vault.azure.net'],
    ['ERR_MODULE_NOT_FOUND', 'KV_MODULE_MISSING', 'npm install @azure/keyvault-secrets'],
  ])('%s', (code, expected, fix) => {
    const explanation = explain(coded(code));
    expect(explanation.code).toBe(expected);
    expect(formatFix(explanation.fix)).toContain(fix);
  });
});

describe('through a proxy', () => {
  afterEach(() => vi.unstubAllEnvs());
  const secret = 'MARKER';
  const proxy = `http://me:${secret}@proxy.example:3128`;
  const named = 'the proxy of HTTPS_PROXY (proxy.example:3128)';
  const said = (code: string, message: string) => Object.assign(new Error(message), { name: 'RestError', code });
  const answered = (statusCode: number, bodyAsText: string) =>
    Object.assign(new Error('Unexpected status code'), { statusCode, response: { status: statusCode, bodyAsText } });

  test.each<[string, string, unknown, code: string, cause: string, fix: string]>([
    [
      'that is not there',
      proxy,
      said('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:3128'),
      'KV_CONNECTION_REFUSED',
      named,
      'Check host and port in HTTPS_PROXY',
    ],
    [
      'whose name is not known',
      proxy,
      said('ENOTFOUND', 'getaddrinfo ENOTFOUND proxy.example'),
      'KV_HOST_NOT_FOUND',
      named,
      'name contoso.vault.azure.net in NO_PROXY',
    ],
    [
      'that does not answer',
      proxy,
      said('ETIMEDOUT', 'connect ETIMEDOUT 192.0.2.1:3128'),
      'KV_TIMEOUT',
      named,
      'Check host and port in HTTPS_PROXY',
    ],
    [
      'behind which nobody answers',
      proxy,
      said('ETIMEDOUT', 'no answer'),
      'KV_TIMEOUT',
      'contoso.vault.azure.net: no answer came (ETIMEDOUT)',
      'port 443',
    ],
    [
      'that the failing client did not use',
      proxy,
      said('ENOTFOUND', 'getaddrinfo ENOTFOUND contoso.vault.azure.net'),
      'KV_HOST_NOT_FOUND',
      'contoso.vault.azure.net: there is no such name (ENOTFOUND)',
      'az keyvault list',
    ],
    [
      'that does not connect',
      proxy,
      said('ERR_PROXY_TUNNEL', 'x'),
      'KV_PROXY',
      `contoso.vault.azure.net: ${named} did not connect to it`,
      'Allow *.vault.azure.net',
    ],
    ['that answers', proxy, answered(502, 'x'), 'KV_UNEXPECTED_RESPONSE', named, `Have ${named} let`],
    [
      'that answers without a word',
      proxy,
      new TypeError("Cannot read properties of undefined (reading 'error')"),
      'KV_EMPTY_RESPONSE',
      named,
      `Have ${named} let`,
    ],
    ['that wants another password', proxy, answered(407, 'x'), 'KV_PROXY', named, '% written as %25'],
    [
      'that wants a password',
      'http://proxy.example:3128',
      answered(407, 'x'),
      'KV_PROXY',
      named,
      'HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    ],
    [
      'whose password has a % of its own',
      `http://me:${secret}%@proxy.example`,
      said('REQUEST_SEND_ERROR', 'URI malformed'),
      'KV_PROXY',
      'HTTPS_PROXY',
      '%25',
    ],
    [
      'without a scheme',
      'proxy.example:3128',
      said('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:80'),
      'KV_PROXY',
      'HTTPS_PROXY',
      'http://HOST:PORT',
    ],
    [
      'that is no URL',
      `http://me:${secret}#@proxy.example`,
      Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: secret }),
      'KV_PROXY',
      'HTTPS_PROXY',
      'http://HOST:PORT',
    ],
  ])('%s', (_, url, error, code, cause, fix) => {
    vi.stubEnv('HTTPS_PROXY', url);
    const explanation = explain(error);
    expect(explanation).toMatchObject({ code, cause: expect.stringContaining(cause) });
    expect(formatFix(explanation.fix)).toContain(fix);
    expect(JSON.stringify(explanation)).not.toContain(secret);
  });
});

test('a self-signed certificate has no authority, of which none is spoken', () => {
  expect(JSON.stringify(explain(coded('DEPTH_ZERO_SELF_SIGNED_CERT')))).not.toContain('authority');
});

test.each([
  ['UND_ERR_CONNECT_TIMEOUT', 'KV_TIMEOUT'],
  ['UND_ERR_HEADERS_TIMEOUT', 'KV_TIMEOUT'],
  ['UND_ERR_BODY_TIMEOUT', 'KV_TIMEOUT'],
  ['UND_ERR_SOCKET', 'KV_CONNECTION_RESET'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'KV_CONNECTION_RESET'],
  ['UND_ERR_PRX_TLS', 'KV_PROXY'],
  ['UND_ERR_SOCKS', 'KV_PROXY'],
  ['UND_ERR_ABORTED', 'KV_ABORTED'],
  ['UND_ERR_HTTP_PARSER', 'KV_UNEXPECTED_RESPONSE'],
  ['UND_ERR_HEADERS_OVERFLOW', 'KV_UNEXPECTED_RESPONSE'],
])('fetch\'s %s beneath its "fetch failed"', (code, expected) => {
  const cause = Object.assign(new Error('x'), { code });
  expect(explain(new TypeError('fetch failed', { cause })).code).toBe(expected);
});

describe('what the client says in words alone', () => {
  test.each<[string, unknown, string]>([
    ['an empty body', new TypeError("Cannot read properties of undefined (reading 'error')"), 'KV_EMPTY_RESPONSE'],
    ['an empty 200', new TypeError("Cannot read properties of undefined (reading 'value')"), 'KV_UNEXPECTED_RESPONSE'],
    [
      'a 200 without id',
      new TypeError("Cannot read properties of undefined (reading 'split')"),
      'KV_UNEXPECTED_RESPONSE',
    ],
    ['a 200 whose id is a number', new TypeError('id.split is not a function'), 'KV_UNEXPECTED_RESPONSE'],
    ['a 200 whose id is a word', new Error('Invalid collection argument'), 'KV_UNEXPECTED_RESPONSE'],
    [
      "a 200 whose id is another service's",
      new Error('Invalid secrets identifier: https://x/secrets. Bad number of segments: 2'),
      'KV_UNEXPECTED_RESPONSE',
    ],
    ['http', new Error('Cannot connect to http://x/ while allowInsecureConnection is false.'), 'KV_URL_INSECURE'],
    [
      'a foreign challenge',
      new Error("The challenge resource 'evil.example' does not match the requested domain."),
      'KV_CHALLENGE_MISMATCH',
    ],
    ['a challenge without scheme', new Error('The challenge contains an invalid scope.'), 'KV_CHALLENGE_MISMATCH'],
    [
      'a challenge without address',
      new Error("The challenge authorization URI 'x' is invalid."),
      'KV_CHALLENGE_MISMATCH',
    ],
    ['no token', new Error('Failed to refresh access token.'), 'KV_CREDENTIAL'],
    ['no credential', new TypeError("Cannot read properties of undefined (reading 'getToken')"), 'KV_CREDENTIAL'],
    ['an abort', Object.assign(new Error('x'), { name: 'AbortError' }), 'KV_ABORTED'],
    ['an abort signal', AbortSignal.abort().reason, 'KV_ABORTED'],
    ['a time limit', new DOMException('x', 'TimeoutError'), 'KV_ABORTED'],
  ])('%s', (_, error, code) => expect(explain(error).code).toBe(code));

  test('a code inside: the cause of a cause, the first of several', () => {
    expect(explain(new Error('x', { cause: new AggregateError([coded('ENOTFOUND')]) })).code).toBe('KV_HOST_NOT_FOUND');
  });

  test.each([undefined, null, 0, '', 'x', Symbol('x'), [], {}, new Error('x'), () => 1])(
    'nothing known: %s',
    (error) => {
      expect(explain(error).code).toBe('KV_UNKNOWN');
    },
  );

  test('of what is not known, its class and code are told, and not its words', () => {
    const { cause } = explain(Object.assign(new RangeError('m4rk3r'), { code: 'EWHAT' }));
    expect(cause).toContain('(RangeError, EWHAT)');
    expect(cause).not.toContain('m4rk3r');
  });
});

describe('the credential', () => {
  test('our own error passes through, with its code, hint and heading', () => {
    const error = credentialError('ERR_HOST_WITHOUT_IDENTITY', 'x', { fix: [{ run: 'az login' }] });
    expect(explain(error)).toEqual({ title: expect.any(String), ...error.explanation });
  });

  test.each([
    [
      'AuthenticationRequiredError',
      'invalid_client: Error(s): 7000222 - Description: AADSTS7000222: x',
      'az ad app credential reset',
    ],
    ['CredentialUnavailableError', 'add it to AdditionallyAllowedTenants', 'AZURE_TENANT_ID'],
    ['AggregateAuthenticationError', 'ChainedTokenCredential authentication failed.', 'formatDiagnostics(diagnose())'],
  ])('%s of @azure/identity', (name, message, fix) => {
    const explanation = explain(Object.assign(new Error(message), { name, statusCode: 400 }));
    expect(explanation.code).toBe('KV_CREDENTIAL');
    expect(formatFix(explanation.fix)).toContain(fix);
  });
});

describe("a refusal of Entra's, through a credential of @azure/identity", () => {
  const clientId = '33333333-aaaa-4bbb-8ccc-000000000003';
  const traceId = '0a0a0a0a-aaaa-4bbb-8ccc-00000000000a';
  const correlationId = '0b0b0b0b-aaaa-4bbb-8ccc-00000000000b';

  /** As @azure/identity 4.14.1 and @azure/msal-node 7.2.1 word it. */
  const refused = (oauth: string, description: string) => {
    const number = /\d+/.exec(description)?.[0];
    const time = '2026-01-01 00:00:00Z';
    const ids = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${time}`;
    const message = `${oauth}: Error(s): ${number} - Timestamp: ${time} - Description: ${description} ${ids} - Correlation ID: ${correlationId} - Trace ID: ${traceId}`;
    return Object.assign(new Error(message), { name: 'AuthenticationRequiredError' });
  };
  const subject =
    "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:a/b:ref:refs/heads/x'. Assertion Issuer: 'https://token.actions.githubusercontent.com'. Assertion Subject: 'repo:a/b:ref:refs/heads/x'. Assertion Audience: 'api://AzureADTokenExchange'.";

  test.each([
    [
      'an assertion',
      refused('invalid_client', subject),
      '"issuer":"https://token.actions.githubusercontent.com","subject":"repo:a/b:ref:refs/heads/x"',
    ],
    [
      'an application',
      refused(
        'unauthorized_client',
        `AADSTS700016: Application with identifier '${clientId}' was not found in the directory 'Contoso'.`,
      ),
      `AZURE_CLIENT_ID (${clientId})`,
    ],
    [
      "an application's secret",
      refused('invalid_client', `AADSTS7000222: The provided client secret keys for app '${clientId}' are expired.`),
      `--id ${clientId}`,
    ],
    [
      'a tenant',
      refused('invalid_request', "AADSTS90002: Tenant 'contoso.example' not found."),
      'AZURE_TENANT_ID (contoso.example)',
    ],
    [
      'a number that is not in the table',
      refused('invalid_client', 'AADSTS9999999: Nobody knows.'),
      'https://login.microsoftonline.com/error?code=9999999',
    ],
  ])('%s: what Entra printed goes into the fix', (_, error, fix) => {
    expect(formatFix(explain(error).fix)).toContain(fix);
  });

  test("the issuer of an assertion is not taken for the application's tenant", () => {
    const issuer = 'https://login.microsoftonline.com/22222222-aaaa-4bbb-8ccc-000000000002/v2.0';
    const error = refused('invalid_client', `AADSTS700213: x. Assertion Issuer: '${issuer}'. Assertion Subject: 'y'.`);
    expect(explain(error).cause).toContain('Entra refused the sign-in (AADSTS700213)');
  });

  test('names the application, quotes the sentence, and keeps the ids for support', () => {
    const error = refused(
      'unauthorized_client',
      `AADSTS700016: Application with identifier '${clientId}' was not found.`,
    );
    expect(explain(error)).toMatchObject({
      cause: expect.stringMatching(
        new RegExp(
          `^Entra refused application ${clientId} \\(AADSTS700016\\)\\..* said: AADSTS700016: Application with identifier '${clientId}' was not found\\. .* unauthorized_client \\(correlation id ${correlationId}, trace id ${traceId}\\)\\.$`,
        ),
      ),
    });
  });

  test.each([
    ['network_error', false],
    ['endpoints_resolution_error', true],
  ])('%s says what may be, and what tells', (name, mayBeTheTenant) => {
    const { cause, fix } = explain(
      Object.assign(new Error(`${name}: See https://aka.ms/msal.js.errors#${name} for details`), {
        name: 'CredentialUnavailableError',
      }),
    );
    expect(cause).toContain(`The credential said: ${name}`);
    expect(cause.includes('tenant')).toBe(mayBeTheTenant);
    expect(fix[0]?.run).toContain(
      'https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration',
    );
  });

  test('anything else is told in its words', () => {
    const error = Object.assign(new Error('invalid_grant: The moon is full.'), { name: 'AuthenticationRequiredError' });
    expect(explain(error).cause).toContain('The credential said: invalid_grant: The moon is full.');
  });
});

test.each<[string, object]>([
  ['the token', { details: { error: { code: 'Forbidden', message: 'you sent hunter2' } } }],
  ['the headers', { details: { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.x' } } }],
  ['the value that was to be set', { message: 'no: "correct horse"' }],
  ['the body that could not be read', { message: `occurred while parsing the response body - {"value":"hunter2".` }],
])('an answer that repeats %s is no cause but for its status', (_, repeated) => {
  const request = { headers: { authorization: 'Bearer hunter2' }, body: '{"value":"correct horse"}' };
  const cause = Object.assign(coded('Forbidden'), { statusCode: 403, ...repeated });
  Object.defineProperty(cause, 'request', { value: request });
  const error = new KeyVaultError(explain(cause), { cause });
  const failure = { variable: 'X', status: 'OtherReasons', explanation: error.explanation } as const;
  for (const each of [error, new KeyVaultReferencesError([failure], [error])]) {
    expect(inspect(each, { depth: 9, showHidden: true }) + JSON.stringify(each)).not.toMatch(/hunter2|correct|eyJ/);
  }
  expect(error.cause).toMatchObject({ name: 'RestError', code: 'Forbidden', statusCode: 403 });
});

describe('a KeyVaultError', () => {
  const explanation = explain(coded('ENOTFOUND'));

  test.each([explanation, explain(Object.assign(coded('Forbidden'), { statusCode: 403 }))])(
    'is explained as it was: $code',
    (each) => expect(explain(new KeyVaultError(each))).toEqual(each),
  );

  test('says title, cause, first fix, code and heading', () => {
    const { title, cause, fix, code, docs } = explanation;
    const first = formatFix(fix.slice(0, 1));
    expect(new KeyVaultError(explanation).message).toBe(`${title}. ${cause} Fix: ${first} [${code}, ${docs}]`);
  });

  test('goes into JSON without its cause', () => {
    const other = new KeyVaultError(explanation, { cause: coded('ENOTFOUND') });
    expect(other.cause).toMatchObject({ code: 'ENOTFOUND' });
    const { name, message } = other;
    expect(JSON.parse(JSON.stringify(other))).toEqual({ name, message, ...explanation });
  });

  test('carries its explanation as our other errors do, and is not taken for one of the credential', () => {
    const ofCredential = new KeyVaultError(explain(credentialError('ERR_REFUSED', 'x')));
    expect(explanationOf(ofCredential)).toBe(ofCredential.explanation);
    expect(isCredentialError(ofCredential)).toBe(false);
  });

  test('a mistake in the calling program is told as it was', () => {
    const error = misuse('ERR_SCOPE', 'x');
    expect(explain(error)).toEqual({ title: expect.any(String), ...explanationOf(error) });
  });

  test('what only looks like one is not believed', () => {
    const error = Object.assign(new Error('x'), {
      code: 'ERR_REFUSED',
      explanation,
      summary: 'x',
      hint: 'x',
      docs: 'x',
    });
    expect(explain(error).code).toBe('KV_UNKNOWN');
  });
});
