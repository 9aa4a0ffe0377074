import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyVaultError } from './error.ts';
import { explainKeyVaultError } from './explain.ts';

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'Forbidden',
    'ForbiddenByRbac',
    'PARSE_ERROR',
    'ENOTFOUND',
    'AKV10022',
    'ERR_REFUSED',
    'KeyVaultError',
    'RestError',
    'AuthenticationError',
    'AADSTS7000215',
    'constructor',
    '__proto__',
  ),
);
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
});

/** Something that has the places of an error, with anything in them. */
const shaped = fc.record(
  {
    name: fc.oneof(text, anything),
    message: fc.oneof(text, anything),
    code: fc.oneof(text, anything),
    statusCode: fc.oneof(
      fc.integer({ min: 99, max: 600 }),
      fc.constantFrom(400, 401, 403, 404, 409, 429, 500),
      anything,
    ),
    details: fc.oneof(
      fc.record({ error: fc.record({ code: text, message: text, innerError: fc.record({ code: text }) }) }),
      anything,
    ),
    request: fc.oneof(fc.record({ method: text, url: fc.oneof(fc.webUrl(), text) }), anything),
    response: fc.oneof(fc.record({ headers: fc.dictionary(text, text), bodyAsText: text }), anything),
    cause: anything,
    errors: anything,
    explanation: anything,
  },
  { requiredKeys: [] },
);

describe('whatever was thrown', () => {
  test('it is explained, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(anything, shaped), anything, anything, (error, credential, context) => {
        const explanation = explainKeyVaultError(error, credential as never, context as never);
        expect(explanation.code).toMatch(/^(KV|ERR)_[A-Z_]+$/);
        expect([explanation.title, explanation.cause, explanation.docs].every((one) => one?.length)).toBe(true);
        expect(explanation.fix.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('an object that throws at every touch is explained too', () => {
    const hostile = new Proxy(() => undefined, {
      get: () => {
        throw new Error('no');
      },
      getPrototypeOf: () => {
        throw new Error('no');
      },
    });
    expect(explainKeyVaultError(hostile, hostile as never, hostile as never).code).toBe('KV_UNKNOWN');
    expect(explainKeyVaultError({ code: 'ENOTFOUND', request: hostile }).code).toBe('KV_HOST_NOT_FOUND');
    const headers = { get: () => hostile };
    expect(explainKeyVaultError({ statusCode: 429, response: { headers } }).code).toBe('KV_THROTTLED');
  });

  test('an error that is its own cause ends', () => {
    const error = new Error('x');
    error.cause = error;
    expect(explainKeyVaultError(error).code).toBe('KV_UNKNOWN');
  });
});

/** Looks like nothing that a reader takes for an id, and would do harm in a shell. */
const marker = 'm4rk3r$(reboot)`x`";\u001b[2J';
const token = `eyJhbGciOiJub25lIn0.${Buffer.from(`{"m4rk3r":1}`).toString('base64url')}.sig`;
const opaqueToken = '0paque-t0ken';
const secret = 'v4lue of a secret';

describe('what an error quotes', () => {
  const places = fc.constantFrom(
    marker,
    token,
    `Bearer ${opaqueToken}: ${secret}`,
    `${marker} oid=${marker} Resource: '/subscriptions/x/${marker}/vaults/y'`,
  );
  const failures = fc
    .tuple(
      fc.constantFrom(200, 400, 401, 403, 404, 409, 429, 500, undefined),
      fc.constantFrom('Forbidden', 'PARSE_ERROR', 'BadParameter', 'ECONNREFUSED', marker, undefined),
      fc.constantFrom('RestError', 'AuthenticationError', 'TypeError', 'AbortError', marker),
      fc.constantFrom('ForbiddenByRbac', 'ForbiddenByPolicy', 'ForbiddenByFirewall', 'SecretDisabled', undefined),
      fc.constantFrom('AADSTS70021 AKV10022', 'AKV10099', 'network_error', 'Pagination failed', ''),
      places,
    )
    .map(([statusCode, code, name, inner, known, quoted]) => {
      const message = `${known} Expected ${quoted}, found: ${quoted} Vault: ${quoted};location= Client address: ${quoted} Action: '${quoted}'`;
      const headers = {
        'x-ms-request-id': quoted,
        'retry-after': quoted,
        'www-authenticate': `authorization="https://x/${quoted}"`,
      };
      const error = {
        name,
        message,
        code,
        statusCode,
        details: { error: { code: quoted, message, innerError: { code: inner } } },
        request: {
          method: 'GET',
          url: `https://contoso.vault.azure.net/secrets/${quoted}/${quoted}`,
          headers: new Headers({ authorization: `Bearer ${opaqueToken}` }),
          body: JSON.stringify({ value: secret }),
        },
        response: { headers, bodyAsText: quoted },
      };
      const principal = { objectId: quoted, applicationId: quoted, tenantId: quoted, name: quoted };
      const context = { vaultUrl: quoted, secretName: quoted };
      return explainKeyVaultError(error, { principal } as never, context);
    });

  test('gets into no command, and into a cause only as words that somebody said', () => {
    fc.assert(
      fc.property(failures, ({ cause, ...rest }) => {
        const [ownWords] = cause.split(' said: ');
        // What came back is told last, and in its own form.
        const [, came] = /.* answered (.*)$/s.exec(cause) ?? [];
        expect(JSON.stringify([ownWords, came, rest])).not.toMatch(/m4rk3r|reboot|eyJ|0paque|v4lue/i);
      }),
      { numRuns: 1000 },
    );
  });

  test('holds no token, no value that was to be set and nothing that moves a cursor', () => {
    fc.assert(
      fc.property(failures, (explanation) => {
        const shown = `${explanation.cause} ${new KeyVaultError(explanation).message}`;
        expect(shown).not.toMatch(/eyJ|0paque|v4lue|\p{Cc}/u);
      }),
      { numRuns: 1000 },
    );
  });
});
