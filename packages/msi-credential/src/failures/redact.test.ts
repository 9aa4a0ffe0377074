import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHarmless, redact, traceIdIn } from './redact.ts';

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
  ['a body that could not be read', 'occurred while parsing the response body - hunter2.', 'occurred'],
])('hides %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
  expect(isHarmless(text, {})).toBe(false);
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
])('spares %s', (text) => {
  expect(redact(text)).toBe(text);
  expect(isHarmless(text, {})).toBe(true);
});

test('what looks like a token and is known to be none is spared', () => {
  const claims = 'eyJhY2Nlc3NfdG9rZW4iOnt9fQ==';
  const text = `az login --claims-challenge ${claims} --scope x`;
  expect(redact(text, { spared: claims })).toBe(text);
  expect(redact(`${text} \0`, { spared: claims })).toBe(text);
  expect(isHarmless(text, { spared: claims })).toBe(true);
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
  const secret = 'Pa ss+"w/ö=r%d~1\\';
  const form = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  const lower = (text: string) => text.replace(/%[\dA-F]{2}/g, (digits) => digits.toLowerCase());
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  /** Each way in which somebody may send it back. */
  const encodings: Readonly<Record<string, (secret: string, name: string) => string>> = {
    'as it is': (text) => text,
    'as in a URL': encodeURIComponent,
    'as in a URL, with small digits': (text) => lower(encodeURIComponent(text)),
    'as in a form': form,
    'as in a form, with small digits': (text) => lower(form(text)),
    'all of it escaped': (text) =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
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
  };
  const words = Object.entries(encodings);

  test.each(words)('is hidden %s', (_, encode) => {
    const text = `it sent <${encode(secret, guid)}> back`;
    expect(redact(text, { secrets: ['', secret] })).toMatch(/^it sent <(\*{3})+[\w=]{0,3}> back$/);
    expect(isHarmless(text, { secrets: [secret] })).toBe(false);
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

// Patterns that are quadratic take minutes for these, far over the limit of a test.
test.each([
  'x',
  ' ',
  'x ',
  'eyJ',
  'ey',
  'token',
  'token:"',
  'token=',
  '//a',
  '\\"',
  '%41',
  '--key-',
  '-----BEGIN A',
  'bearer ',
  '\u001B[1;',
  '/',
  'aB3',
])('a megabyte of %j is read at once', (piece) => {
  const text = piece.repeat(1_000_000 / piece.length);
  expect(redact(text, { secrets: ['a secret'] }).length).toBeLessThan(700);
  expect(isHarmless(text.slice(0, 100_000), { secrets: ['a secret'] })).toBeTypeOf('boolean');
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
