import { describe, expect, test } from 'vitest';
import { credentialError, docsOf } from '../errors.ts';
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
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'KV_TLS_SELF_SIGNED', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'KV_TLS_NAME', 'privatelink'],
    ['CERT_HAS_EXPIRED', 'KV_TLS_DATE', 'timedatectl'],
    ['EPROTO', 'KV_TLS_PROTOCOL', 'scheme and port'],
    ['PARSE_ERROR', 'KV_CONNECTION_RESET', 'port 443'],
    ['ERR_INVALID_URL', 'KV_URL_INVALID', 'https://VAULT.vault.azure.net'],
    ['ERR_MODULE_NOT_FOUND', 'KV_MODULE_MISSING', 'npm install @azure/keyvault-secrets'],
  ])('%s', (code, expected, fix) => {
    const { code: got, fix: lines } = explain(coded(code));
    expect({ got, lines: lines.join('\n') }).toEqual({ got: expected, lines: expect.stringContaining(fix) });
  });
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
});

describe('the credential', () => {
  test('our own error passes through, with its code, hint and heading', () => {
    const error = credentialError('ERR_HOST_WITHOUT_IDENTITY', 'App Service has no identity.', { hint: 'Enable it.' });
    expect(explain(error)).toEqual({
      code: 'ERR_HOST_WITHOUT_IDENTITY',
      title: 'The credential gave no token',
      cause: 'App Service has no identity.',
      fix: ['Enable it.'],
      docs: docsOf('ERR_HOST_WITHOUT_IDENTITY'),
    });
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
    expect(explanation.fix.join('\n')).toContain(fix);
  });
});

describe('a KeyVaultError', () => {
  const explanation = explain(coded('ENOTFOUND'));

  test('is explained as it was', () => expect(explain(new KeyVaultError(explanation))).toEqual(explanation));

  test('says title, cause, first fix, code and heading', () => {
    const { title, cause, fix, code, docs } = explanation;
    expect(new KeyVaultError(explanation).message).toBe(`${title}. ${cause} Fix: ${fix[0]} [${code}, ${docs}]`);
  });

  test('drops a cause that repeats the body, and goes into JSON without its cause', () => {
    const quoting = Object.assign(coded('PARSE_ERROR'), { statusCode: 200, response: { status: 200 } });
    expect(new KeyVaultError(explain(quoting), { cause: quoting })).not.toHaveProperty('cause');
    const other = new KeyVaultError(explanation, { cause: coded('ENOTFOUND') });
    expect(other.cause).toMatchObject({ code: 'ENOTFOUND' });
    expect(Object.keys(JSON.parse(JSON.stringify(other)))).toEqual(['name', 'code', 'message', 'explanation']);
  });
});
