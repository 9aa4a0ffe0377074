import { describe, expect, test } from 'vitest';
import { formatFix } from '../../codes.ts';
import { explainKeyVaultError } from './explain.ts';

const objectId = '44444444-aaaa-4bbb-8ccc-000000000004';
const scope =
  '/subscriptions/55555555-aaaa-4bbb-8ccc-000000000005/resourcegroups/g/providers/microsoft.keyvault/vaults/contoso';
const message = `Caller is not authorized to perform action on resource.\r\nCaller: appid=33333333-aaaa-4bbb-8ccc-000000000003;oid=${objectId};iss=x\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '${scope}/secrets/s'\r\nVault: contoso;location=westeurope`;
const body = { error: { code: 'Forbidden', message, innererror: { code: 'ForbiddenByRbac' } } };
const text = JSON.stringify(body);
const url = 'https://contoso.vault.azure.net/secrets/s?api-version=7.6';
const error = (said: string, rest: object) => Object.assign(new Error(said), rest);

/** As axios 1.13, got 14, superagent 10, undici 7 and wrappers of `fetch` throw it. */
const axios = (data: unknown) =>
  error('Request failed with status code 403', {
    name: 'AxiosError',
    code: 'ERR_BAD_REQUEST',
    config: {
      url: '/secrets/s',
      baseURL: 'https://contoso.vault.azure.net',
      method: 'get',
      headers: { Authorization: 'Bearer 0paque' },
    },
    response: { status: 403, data, headers: { 'x-ms-request-id': objectId } },
  });
const got = (answer: unknown) =>
  error('Response code 403 (Forbidden)', {
    name: 'HTTPError',
    code: 'ERR_NON_2XX_3XX_RESPONSE',
    options: { url: new URL(url), method: 'GET' },
    response: { statusCode: 403, body: answer, url },
  });
const rest = error(message, {
  name: 'RestError',
  code: 'Forbidden',
  statusCode: 403,
  details: { error: { code: 'Forbidden', message, innerError: { code: 'ForbiddenByRbac' } } },
});

describe('a refusal is known by what it says, whatever it comes in', () => {
  test.each<[string, unknown]>([
    ['the error of the SDK', rest],
    ['the parsed body', body],
    ['its inside', body.error],
    ['the body as text', text],
    ['axios', axios(body)],
    ['axios, with the body as text', axios(text)],
    ['got', got(body)],
    ['got, with the body as text', got(text)],
    ['superagent', error('Forbidden', { status: 403, response: { status: 403, body, text } })],
    [
      'undici',
      error('Response status code 403: Forbidden', {
        code: 'UND_ERR_RESPONSE_STATUS_CODE',
        statusCode: 403,
        body,
        headers: {},
      }),
    ],
    ["a wrapper of fetch with the answer's body", error('Forbidden', { status: 403, data: body })],
    ['an answer with its body', { status: 403, url, body }],
    ['a text around the body', error(`GET ${url} answered 403: ${text}`, {})],
    [
      'the words of Azure CLI',
      `ERROR: (Forbidden) ${message}\nCode: Forbidden\nInner error: {\n    "code": "ForbiddenByRbac"\n}`,
    ],
    [
      'the words of Terraform',
      error(
        `StatusCode=403 -- Original Error: autorest/azure: Service returned an error. Status=403 Code="Forbidden" Message="${message}" InnerError={"code":"ForbiddenByRbac"}`,
        {},
      ),
    ],
    ['the first of several', new AggregateError([rest, new Error('x')])],
    ['the second of several', new AggregateError([new Error('x'), rest])],
    ['the last of many', new AggregateError([...Array(20).fill(new Error('x')), rest])],
    ['the cause of one of several', new AggregateError([new Error('x'), new Error('y', { cause: rest })])],
    ['a cause', new Error('x', { cause: rest })],
    ['a cause that is a body', new Error('x', { cause: body })],
    ['five causes deep', [1, 2, 3, 4, 5].reduce<Error>((cause) => new Error('x', { cause }), rest)],
    ['a settled promise', { status: 'rejected', reason: rest }],
    ['an older wrapper', error('x', { originalError: rest })],
  ])('%s', (_, thrown) => {
    const explanation = explainKeyVaultError(thrown);
    expect(explanation).toMatchObject({ code: 'KV_DENIED_BY_RBAC', status: 403 });
    expect(formatFix(explanation.fix)).toContain(
      `--assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --scope "${scope}"`,
    );
    expect(explanation.cause).toContain('on vault contoso');
    expect(JSON.stringify(explanation)).not.toContain('0paque');
  });

  test.each<[string, unknown, string]>([
    [
      'AKV10032 in a text',
      'AKV10032: Invalid issuer. Expected one of https://sts.windows.net/11111111-aaaa-4bbb-8ccc-000000000001/',
      'KV_TOKEN_TENANT',
    ],
    ['AKV10022 in a message', new Error('Unauthorized: AKV10022: Invalid audience.'), 'KV_TOKEN_AUDIENCE'],
    [
      'AKV10000 in a body',
      { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } },
      'KV_TOKEN_MISSING',
    ],
    ['an unknown AKV number', 'AKV10099: x', 'KV_TOKEN_REFUSED'],
    ['a key that is not there, in a text', 'KeyNotFound: A key with (name/id) k was not found', 'KV_OBJECT_NOT_FOUND'],
    [
      'a certificate that is not there, in a message',
      new Error('A certificate with (name/id) c was not found in this key vault.'),
      'KV_OBJECT_NOT_FOUND',
    ],
    ['a secret that is not there, in a text', 'SecretNotFound: A secret with (name/id) s', 'KV_SECRET_NOT_FOUND'],
    [
      'a secret that is not there, in a text',
      'A secret with (name/id) s was not found in this key vault.',
      'KV_SECRET_NOT_FOUND',
    ],
    [
      'the firewall, in a body',
      { error: { code: 'Forbidden', message: 'x', innererror: { code: 'ForbiddenByFirewall' } } },
      'KV_FIREWALL',
    ],
    ['throttling, in a body', { error: { code: 'Throttled', message: 'x' } }, 'KV_THROTTLED'],
    [
      'a policy, in a text',
      "does not have secrets get permission on key vault 'contoso;location=x'",
      'KV_DENIED_BY_POLICY',
    ],
    ['a page, in an axios error', axios('<html>blocked</html>'), 'KV_UNEXPECTED_RESPONSE'],
    ['a page, in an error of got', got('<html>blocked</html>'), 'KV_UNEXPECTED_RESPONSE'],
    [
      'a connection, in an axios error',
      error('connect ECONNREFUSED', { name: 'AxiosError', code: 'ECONNREFUSED', config: { url } }),
      'KV_CONNECTION_REFUSED',
    ],
    [
      'an axios call that was ended',
      error('canceled', { name: 'CanceledError', code: 'ERR_CANCELED', config: { url } }),
      'KV_ABORTED',
    ],
  ])('%s', (_, thrown, code) => expect(explainKeyVaultError(thrown).code).toBe(code));

  test.each<[string, unknown]>([
    ["another program's 404", error('Not Found', { status: 404 })],
    ['a code of Node', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['a body without an error', { status: 'ok' }],
  ])('%s is none', (_, thrown) => expect(explainKeyVaultError(thrown).code).toBe('KV_UNKNOWN'));

  test('what the client sent is not repeated', () => {
    const sent = { error: { code: 'Forbidden', message: 'you sent hunter2 and correct horse' } };
    const config = { headers: { Authorization: 'Bearer hunter2' }, data: '{"value":"correct horse"}' };
    const { cause } = explainKeyVaultError(error('x', { config, response: { status: 403, data: sent } }));
    expect(cause).toContain('said:');
    expect(cause).not.toMatch(/hunter2|correct horse/);
  });
});
