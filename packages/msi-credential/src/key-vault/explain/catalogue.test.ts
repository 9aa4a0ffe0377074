import { SecretClient } from '@azure/keyvault-secrets';
import { expect, test, vi } from 'vitest';
import type { Explanation } from '../../codes.ts';
import { proxyFor } from '../../http/proxy.ts';
import { getKeyVaultSecret, resolveKeyVaultReferences } from '../index.ts';
import { keyVaultErrorCodes } from './codes.ts';
import { explainKeyVaultError, rules } from './explain.ts';
import { type Rule, tell } from './rule.ts';
import { situationOf } from './situation.ts';

const vaultUrl = 'https://contoso.vault.azure.net';

/** One error with everything in it that any row reads. */
const sample = Object.assign(
  new Error(
    [
      'AADSTS7000222: x',
      'Client address: 198.51.100.23',
      'Caller: appid=33333333-aaaa-4bbb-8ccc-000000000003;oid=44444444-aaaa-4bbb-8ccc-000000000004',
      'Expected one of https://sts.windows.net/11111111-aaaa-4bbb-8ccc-000000000001/',
      'found https://sts.windows.net/22222222-aaaa-4bbb-8ccc-000000000002/',
    ].join('\r\n'),
  ),
  {
    code: 'ECODE',
    details: { error: { message: 'THE SERVICE' } },
    request: { method: 'GET', url: `${vaultUrl}/secrets/db-password` },
  },
);
const situation = situationOf(sample, { selected: { source: 'azure-cli' } } as never, {});
const withBrokenProxy = { ...situation, proxy: proxyFor(new URL(vaultUrl), { HTTPS_PROXY: 'proxy.example:3128' }) };

/** Where a row needs a failure of the connection or a proxy, there is one. */
function tellOf(rule: Rule): Explanation {
  const explanation = tell(rule, { ...situation, names: { ...situation.names, reason: rule.failure ?? '' } });
  return explanation.cause === '' ? tell(rule, withBrokenProxy) : explanation;
}

/** How a row is recognised, for the heading of its entry. */
function signsOf({ status, failure, signs = [], when }: Rule): string {
  return [status, failure, ...signs, when && 'and more'].filter((each) => each !== undefined).join(', ');
}

function show({ code, title, cause, fix }: Explanation, signs: string): string {
  const steps = fix.flatMap(({ text, run }) => [text && `- ${text}`, run && `  $ ${run}`]);
  return [`${code}: ${title} (${signs})`, cause, ...steps].filter(Boolean).join('\n');
}

/** What is known before any answer, and what no row knows. */
const ofOurOwn: Readonly<Record<string, () => unknown>> = {
  'no row': () => {
    throw new Error('x');
  },
  'no address': () => getKeyVaultSecret('db-password', { env: {} }),
  'a bare name': () => getKeyVaultSecret('db-password', { env: { KEY_VAULT_URL: 'contoso' } }),
  'http in a variable': () =>
    getKeyVaultSecret('db-password', { env: { KEY_VAULT_URL: 'http://contoso.vault.azure.net' } }),
  'a name that is none': () => getKeyVaultSecret('db_password', { env: {} }),
  'no value in time': () => {
    vi.spyOn(SecretClient.prototype, 'getSecret').mockImplementation(() => new Promise(() => {}));
    const credential = { getToken: () => new Promise<never>(() => {}) };
    return getKeyVaultSecret('db-password', { env: {}, vaultUrl, timeoutMs: 1, credential });
  },
  'a reference, and its failure': () => resolveKeyVaultReferences({ DB: '@Microsoft.KeyVault(x)' }),
  'what is behind it': () =>
    resolveKeyVaultReferences({ DB: '@Microsoft.KeyVault(x)' }).catch(({ errors }: AggregateError) => {
      throw errors[0];
    }),
};

test('the catalogue has every code, and reads as it was reviewed', async () => {
  const told = rules.map((rule): [Explanation, string] => [tellOf(rule), signsOf(rule)]);
  for (const [how, fail] of Object.entries(ofOurOwn)) {
    const error = await Promise.resolve()
      .then(fail)
      .catch((thrown: unknown) => thrown);
    told.push([explainKeyVaultError(error), how]);
  }
  const shown = told.map(([explanation, signs]) => show(explanation, signs));
  expect(new Set(told.map(([{ code }]) => code))).toEqual(new Set(keyVaultErrorCodes));
  expect(shown.join('\n')).not.toMatch(/undefined|\[object|(?<!%)\{\w+\}/);
  await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('./__snapshots__/explanations.txt');
});

test.each(rules.map((rule) => [`${rule.code} (${signsOf(rule)})`, rule] as const))(
  '%s says why and what to do, in sentences',
  (_, rule) => {
    const { cause, fix } = tellOf(rule);
    expect(cause).toMatch(/^\S.*\.$/s);
    expect(fix.length).toBeGreaterThan(0);
    for (const { text, run } of fix) expect(text).toMatch(run === undefined ? /^[A-Z].*\.$/ : /^[A-Z].*:$/);
  },
);
