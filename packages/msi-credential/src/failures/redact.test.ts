import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, traceIdIn } from './redact.ts';

const guid = 'a0000000-0000-4000-8000-0000000000c3';
const opaque = 'AXoAv4j5cvGGr0GRqy180BHbR8YYvQ1xOGNlYTU2Nz';
const key = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=';
const withSlashes = 'Kc7/pQ2x/Lm9Zr4+Td8/vB1nY6wE3uJ/5sHq0aXf/gD=';
const clientSecret = 'xyZ8Q~aB3.cD-ef_Gh1IjK2lMn3oPq4RsT5uVw';

test.each([
  ['a token', 'got eyJhbGciOiJub25lIn0.e30.x back', 'got *** back'],
  ['half a token', 'got eyJhbGci', 'got ***'],
  ['a token whose header begins with a blank', 'got eyAiYWxnIjoiUlMyNTYifQ.e30.x', 'got ***'],
  ['a refresh token, with the dots in it', `got 0.${opaque}.AgABAAEAAAD back`, 'got *** back'],
  ['one of another kind', `"1.AQ${opaque}"`, '"***"'],
  ['what stands behind a colon', `key:${opaque}`, 'key:***'],
  ['what stands behind a dot', `Value.${opaque}`, '***'],
  [
    'a key in base64',
    `AccountName=x;AccountKey=${key};EndpointSuffix=core.windows.net`,
    'AccountName=x;AccountKey=***',
  ],
  ['one without its name', `(${key})`, '(***)'],
  ['one with slashes', `'${withSlashes}'`, "'***'"],
  ["an application's secret", `-p ${clientSecret}`, '-p ***'],
  ['hexadecimal digits', 'a3f5'.repeat(10), '***'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIE\nQw==\n-----END PRIVATE KEY-----\nend', '*** end'],
  ['half of one', '-----BEGIN PRIVATE KEY-----\nMIIE', '***'],
  ['a field of a form', 'client_secret=hunter2&scope=x', 'client_secret=***&scope=x'],
  ['a setting', 'password: hunter2', 'password: ***'],
  ['a setting in other letters', 'IDENTITY PWD = hunter2', 'IDENTITY PWD = ***'],
  ['a setting in quotes', `passphrase: "correct horse \\" battery" end`, 'passphrase: "***" end'],
  ['one whose quotes do not end', `password='correct horse`, "password='***'"],
  ['a field of JSON', '{"refreshToken":"a b","x":1}', '{"refreshToken":"***","x":1}'],
  [
    'a field of JSON in JSON',
    String.raw`"{\"client_secret\":\"a b\",\"x\":1}"`,
    String.raw`"{\"client_secret\":\"***\",\"x\":1}"`,
  ],
  ['a flag', 'az login --client-secret hunter2 --tenant x', 'az login --client-secret *** --tenant x'],
  [
    'a signature',
    'https://x.blob.core.windows.net/a?sv=1&sig=ab%2Bc',
    'https://x.blob.core.windows.net/a?sv=1&sig=***',
  ],
  ['an authorization code', 'https://localhost/?code=0.AX&state=1', 'https://localhost/?code=***&state=1'],
  ['a header', 'Authorization: Bearer abc', 'Authorization: ***'],
  ['a scheme with what follows', 'sent Basic dXNlcjpwdzE= to', 'sent Basic *** to'],
  ['a cookie', 'Set-Cookie: session=1', 'Set-Cookie: ***'],
  ['a user and a password in an address', 'at https://user:p%40ss@host/path', 'at https://***@host/path'],
  ['a page that @azure/identity quotes', 'no. Http status message: <html>', 'no'],
  [
    'what PowerShell printed',
    'No access token found in the output. Received output: hunter2',
    'No access token found in the output',
  ],
  ['what is no JSON', `SyntaxError: Unexpected token 'h', "hunter2" is not`, 'SyntaxError:'],
  ['a setting in a sentence', 'the key: hunter2 is wrong', 'the key: *** is wrong'],
  ['a password of letters only', 'wrong password: swordfish', 'wrong password: ***'],
  ['a value without a blank before it', 'token:swordfish secret=swordfish', 'token:*** secret=***'],
  ['a value in quotes', "key: 'swordfish'", "key: '***'"],
  [
    'what only begins like the id of a resource',
    `/subscriptions/${opaque} /subscriptions/${guid}/resourceGroups/${opaque}/x`,
    `/subscriptions/*** /subscriptions/${guid}/resourceGroups/***/x`,
  ],
  ['hexadecimal digits that are called something else', `the key is ${'a3f5'.repeat(10)}`, 'the key is ***'],
  ['a body that could not be read', 'occurred while parsing the response body - hunter2.', 'occurred'],
])('hides %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  `application ${guid} in tenant ${guid.toUpperCase()}`,
  `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value, for app '${guid}'`,
  "The request body must contain the following parameter: 'client_assertion' or 'client_secret'",
  'invalid_client: Error(s): 7000215, status code: 404, Invalid secret token header:',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERR_TLS_CERT_SIGNATURE_ALGORITHM_UNSUPPORTED',
  `https://login.microsoftonline.com/${guid}/oauth2/v2.0/token?api-version=2019-08-01`,
  'https://aka.ms/azsdk/js/identity/environmentcredential/troubleshoot',
  'Audience https://my-vault-2024.privatelink.vaultcore.azure.net is not a supported audience',
  `/subscriptions/${guid}/resourceGroups/MC_Rg2/providers/Microsoft.KeyVault/vaults/kvProd01WeuA1b2C3d4`,
  `Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'`,
  'Resource group MC_MyGroup2_myCluster_westeurope',
  `Assertion Issuer: 'https://token.actions.githubusercontent.com'. Assertion Subject: 'repo:Contoso/app:ref:refs/heads/main'`,
  'system:serviceaccount:my-namespace:my-service-account, api://AzureADTokenExchange',
  'https://contoso.vault.azure.net/secrets/name/0123456789abcdef0123456789abcdef',
  'Cannot find /home/user/node_modules/.pnpm/@azure+identity@4.13.0/node_modules/@azure/identity/dist/index.js',
  'azsdk-js-keyvault-secrets/4.12.0 core-rest-pipeline/1.25.0 Node/24.1.0 OS/(x64-Linux-6.8.0-1021-azure)',
  'Bearer authorization="https://login.microsoftonline.com/x", resource="https://vault.azure.net"',
  '{"authorization":"REDACTED","token":undefined,"key":"***"}',
  'Timestamp: 2024-01-01 00:00:00Z, Ref A: 9FD4A5B6C7D8E9F00112233445566778',
  'run az login --scope https://vault.azure.net/.default, as user@contoso.com',
  'invalid token: expired',
  'failed to get token: connection refused',
  'failed to get token: dial tcp: lookup login.microsoftonline.com: no such host',
  'Unable to get token: Unauthorized',
  'oauth2: cannot fetch token: 401 Unauthorized',
  'cannot fetch token: x509: certificate signed by unknown authority',
  'invalid key: PEM',
  'wrong secret: (invalid_client) AADSTS7000215: Invalid client secret provided',
  'bad signature: key-mismatch; bad assertion: ExpiredToken, key: not found',
  '{"error":"fetching token: failed to authenticate: (invalid_grant) AADSTS70043: The refresh token has expired"}',
  'the process ended with code=ENOENT, exit code=127',
  "Thumbprint of the key used by client: '8F3A1C5B9E7D2046A1B2C3D4E5F60718293A4B5C', and thumbprint 8f3a1c5b9e7d2046a1b2c3d4e5f60718293a4b5c",
  `SHA-256 fingerprint=${'8f3a1c5b9e7d2046'.repeat(4)}`,
  `Trace ID: ${guid} Correlation ID: ${guid} Timestamp: 2024-01-01 00:00:00Z`,
  'traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, request id 4bf92f3577b34da6a3ce929d0e0e4736',
])('spares %s', (text) => {
  expect(redact(text)).toBe(text);
});

test('what looks like a token and is known to be none is spared', () => {
  const claims = 'eyJhY2Nlc3NfdG9rZW4iOnt9fQ==';
  const text = `az login --claims-challenge ${claims} --scope x`;
  expect(redact(text, { spared: claims })).toBe(text);
  expect(redact(`${text} \0`, { spared: claims })).toBe(text);
});

test.each([
  ['colours', '\u001B[31mred\u001B[0m', 'red'],
  ['the newer commands', 'a\u009B2Jb\u0085c', 'abc'],
  ['other directions', 'a\u202Eb\u2066c\u200Fd', 'abcd'],
  ['lines', 'a\r\nb\tc', 'a b c'],
])('takes out %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('is short, and does not end with half a token or half a secret', () => {
  expect(redact('so '.repeat(300))).toBe(`${'so '.repeat(200)}…`);
  const secret = 'correct horse battery staple';
  for (const length of [3_980, 3_990, 4_000]) {
    const text = `${' '.repeat(length)}${encodeURIComponent(secret)}`;
    expect(redact(text, { secrets: [secret] })).toMatch(/^(\*{3})?$/);
  }
  expect(redact(`${' '.repeat(3_990)} ${opaque}`)).toBe('');
});

describe('a known secret', () => {
  const secret = 'Pa ss+"w/ö=r\\%d~1';
  const form = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  const lower = (text: string) => text.replace(/%[\dA-F]{2}/g, (digits) => digits.toLowerCase());
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  const bytesOf = (text: string, sign: string) =>
    [...Buffer.from(text)].map((byte) => sign + byte.toString(16).padStart(2, '0')).join('');
  const escapeEach = (text: string, write: (unit: string) => string) => [...text].map(write).join('');

  /** Each way in which somebody may send it back. */
  const encodings: Readonly<Record<string, (secret: string, name: string) => string>> = {
    'as it is': (text) => text,
    'as in a URL': encodeURIComponent,
    'as in a URL, with small digits': (text) => lower(encodeURIComponent(text)),
    'as in a form': form,
    'as in a form, with small digits': (text) => lower(form(text)),
    'all of it escaped': (text) => bytesOf(text, '%'),
    'as in JSON': (text) => JSON.stringify(text).slice(1, -1),
    'as in JSON, in ASCII': (text) =>
      text
        .split('')
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    'in base64': base64,
    'in base64url': (text) => Buffer.from(text).toString('base64url'),
    'as Basic, with a name': (text, name) => base64(`${name}:${text}`),
    'in base64 in a form': (text) => form(base64(text)),
    'in base64 in lines': (text) => base64(text).replace(/.{4}/g, '$&\r\n'),
    'in base64, as UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
    'in hexadecimal digits': (text) => Buffer.from(text).toString('hex'),
    'as a Buffer in JSON': (text) => JSON.stringify(Buffer.from(text)),
    'in HTML': (text) => escapeEach(text, (unit) => `&#${unit.codePointAt(0)};`),
    'in HTML, in other digits': (text) => escapeEach(text, (unit) => `&#x${unit.codePointAt(0)?.toString(16)};`),
    'in HTML by name': (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;'),
    'in HTML in HTML': (text) => escapeEach(text, (unit) => `&amp;#${unit.codePointAt(0)};`),
    'in a URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
    'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
    'in a form in JSON': (text) => JSON.stringify(form(text)).slice(1, -1),
    'as bytes of a string in Python': (text) => bytesOf(text, '\\x'),
    'with blanks between': (text) => [...text].join(' '),
  };
  /** Where no character may be lost that people see as the same. */
  const likenesses: Readonly<Record<string, (secret: string) => string>> = {
    'in small letters': (text) => text.toLowerCase(),
    'in capitals': (text) => text.toUpperCase(),
    'with its accents apart': (text) => text.normalize('NFD'),
    'with its accents in one': (text) => text.normalize('NFC'),
    'with characters between that nobody sees': (text) => text.split('').join('\u200B\u00AD\uFE0F\u3164'),
  };
  const words = Object.entries(encodings);

  test.each([...words, ...Object.entries(likenesses)])('is hidden %s', (_, encode) => {
    const text = `it sent <${encode(secret, guid)}> back`;
    expect(redact(text, { secrets: ['', secret] })).toMatch(/^it sent <[^>]{0,25}(\*{3})+[\w=,\]} ]{0,4}> back$/);
  });

  test.each(['a', 'e', 'in', 'the', '', ' '])('of three characters is none: %j', (short) => {
    const text = 'the client is not in the tenant';
    expect(redact(text, { secrets: [short] })).toBe(text);
  });

  const anySecret = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }),
      fc.string({ minLength: 8, maxLength: 300 }),
      fc.base64String({ minLength: 8 }),
    )
    .filter((text) => /\w{3}/.test(text));
  // It would make another text of what follows.
  const halfAnEscape = /(\\|%[\da-f]?)+$/i;
  const around = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('', 'token: "', 'https://', 'eyJ', '%', '\\', '"', '+', '\u001B[1m', 'A1b2'.repeat(9)),
    fc.nat(5_000).map((length) => 'so '.repeat(length / 3)),
  );

  test('is in no output, however it is written and whatever stands around it', () => {
    fc.assert(
      fc.property(
        anySecret,
        around,
        around,
        fc.constantFrom(...words),
        fc.string(),
        (known, before, after, way, name) => {
          const text = redact(before.replace(halfAnEscape, '') + way[1](known, name) + after, { secrets: [known] });
          const found = words.filter(
            ([title, encode]) => title !== 'as Basic, with a name' && text.includes(encode(known, '')),
          );
          expect(found).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is not needed for the same text to come out the second time', () => {
    const pieces = fc.constantFrom(
      'token',
      ': ',
      '=',
      '"',
      "'",
      '\\',
      'eyJ',
      '.',
      '/',
      '//',
      '@',
      'aB3',
      'xyZ8Q~',
      ' ',
      '%41',
      '\n',
      '\u001B[1m',
      'so ',
      '***',
      '--',
      '&',
    );
    const any = fc.oneof(
      fc.array(pieces, { maxLength: 600 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(any, fc.array(anySecret, { maxLength: 2 }), (text, secrets) => {
        const once = redact(text, { secrets });
        expect(redact(once, { secrets })).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  [guid, guid],
  ['01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  ['e2e-1', undefined],
  ['hunter2 hunter2 hunter2', undefined],
  [opaque, undefined],
  ['the-known-secret-of-it', undefined],
  [`${guid}\u001B[1m`, undefined],
  ['a-'.repeat(40), undefined],
  [undefined, undefined],
])('the id of a request: %s', (text, expected) => {
  expect(traceIdIn(text, { secrets: ['the-known-secret-of-it'] })).toBe(expected);
});
