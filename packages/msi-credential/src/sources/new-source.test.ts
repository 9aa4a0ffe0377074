import { expect, test, vi } from 'vitest';
import { ask } from '../../test/ask.ts';
import { fakeIo } from '../../test/fake-io.ts';
import { createWorld, credentialIn } from '../credential.ts';
import { credentialError } from '../errors.ts';
import type { Environment, Source, SourceName } from '../types.ts';
import { absent, found, incomplete } from './detection.ts';

/** The least that a source can be, as its one file would export it. */
const invented = vi.hoisted(
  (): Source => ({
    name: 'invented' as SourceName,
    title: 'Invented identity',
    family: 'managed-identity',
    variables: ['INVENTED_ENDPOINT', 'INVENTED_KEY'],
    advice: { text: 'run on the invented host' },
    announced(env) {
      const { INVENTED_ENDPOINT: endpoint, INVENTED_KEY: key } = env;
      if (endpoint === undefined) return absent('INVENTED_ENDPOINT is not set');
      const fix = [{ text: 'Set INVENTED_KEY.' }];
      if (key === undefined) return incomplete({ present: 'INVENTED_ENDPOINT', missing: ['INVENTED_KEY'], fix });
      return found({
        reason: 'INVENTED_ENDPOINT and INVENTED_KEY are set',
        principal: 'managed-identity',
        endpoints: [new URL(endpoint)],
        identityKeys: ['clientId'],
        key: [endpoint, key],
        async acquire(_, { io }) {
          if (key === 'wrong') throw credentialError('ERR_REFUSED', 'The key is wrong.');
          return { token: 'of-the-invented-host', expiresOn: io.now() + 3_600_000 };
        },
      });
    },
  }),
);

// Its one row in the list.
vi.mock('./index.ts', async (original) => {
  const { sources } = await original<typeof import('./index.ts')>();
  return { sources: [...sources.slice(0, 5), invented, ...sources.slice(5)] };
});

const env: Environment = { INVENTED_ENDPOINT: 'http://127.0.0.1:1/', INVENTED_KEY: 'key' };
const servicePrincipal = { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' };

// With one file and one row a source is chosen, asked, explained and passed over like any other.
test('a new source gives its token, and the diagnosis tells of it', async () => {
  const { token, credential } = ask({ ...env, ...servicePrincipal });
  expect((await token).token).toBe('of-the-invented-host');
  const { selected, shadowed, sources, attempts, defaultAzureCredential } = credential.diagnostics;
  expect(selected).toMatchObject({ source: 'invented', title: 'Invented identity', identity: 'system-assigned' });
  expect(shadowed).toMatchObject([{ source: 'service-principal' }]);
  expect(defaultAzureCredential).toContain('service-principal');
  expect(attempts).toMatchObject([{ source: 'invented', outcome: 'token' }]);
  expect(sources.find(({ name }) => name === invented.name)).toMatchObject({
    verdict: 'found',
    variables: [
      { name: 'INVENTED_ENDPOINT', set: true },
      { name: 'INVENTED_KEY', set: true },
    ],
  });
});

test.each<[string, Environment, options: object, object]>([
  ['half-set', { INVENTED_ENDPOINT: env.INVENTED_ENDPOINT }, {}, { code: 'ERR_SOURCE_INCOMPLETE', source: 'invented' }],
  ['refused', { ...env, INVENTED_KEY: 'wrong' }, {}, { code: 'ERR_REFUSED', source: 'invented' }],
  ['asked for an identity by a kind of id that it does not know', env, { objectId: 'o' }, { source: 'invented' }],
  ['pinned and not there', {}, { source: 'invented' }, { code: 'ERR_NO_SOURCE' }],
])('a new source that is %s', async (_, given, options, expected) => {
  await expect(ask(given, {}, options).token).rejects.toMatchObject(expected);
});

test.each(['ManagedIdentityCredential', 'prod'])(
  'AZURE_TOKEN_CREDENTIALS=%s leaves a new source over',
  async (value) => {
    const { credential, token } = ask({ ...env, AZURE_TOKEN_CREDENTIALS: value });
    await token;
    expect(credential.diagnostics.selected?.source).toBe('invented');
  },
);

test('a new source has its place in the order', () => {
  const host = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'h' };
  const { selected, shadowed } = diagnosisOf({ ...env, ...host });
  expect([selected?.source, shadowed.map(({ source }) => source)]).toEqual(['app-service', ['invented']]);
});

const diagnosisOf = (given: Environment) => credentialIn(createWorld(fakeIo()), { env: given }).diagnostics;
