import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import type { Problem } from '../types.ts';
import { isAboutProxy, proxyFor, showProxy } from './proxy.ts';

const vault = new URL('https://contoso.vault.azure.net/secrets');
const [one, two, three] = ['http://one:1', 'http://two:2', 'http://three:3'] as const;

/** The proxy that is chosen, as messages name it. */
function chosen(env: Record<string, string>, url = vault): string | undefined {
  const choice = proxyFor(url, env);
  if ('problem' in choice) throw new Error(choice.problem.cause);
  return choice.proxy && showProxy(choice.proxy);
}

/** What is wrong with the variable. */
function problemWith(env: Record<string, string>): Problem {
  const choice = proxyFor(vault, env);
  if ('problem' in choice) return choice.problem;
  throw new Error('It can be used.');
}

describe('the proxy of the Azure SDK is chosen', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['none, where none is named', {}, undefined],
    ['upper case first', { https_proxy: one, HTTPS_PROXY: two }, 'the proxy of HTTPS_PROXY (two:2)'],
    ['lower case, too', { https_proxy: one }, 'the proxy of https_proxy (one:1)'],
    ['an empty one is not set', { HTTPS_PROXY: '', https_proxy: one }, 'the proxy of https_proxy (one:1)'],
    ['that of all before that of http', { HTTP_PROXY: one, ALL_PROXY: two }, 'the proxy of ALL_PROXY (two:2)'],
    ['that of https before that of all', { ALL_PROXY: one, https_proxy: two }, 'the proxy of https_proxy (two:2)'],
    ['that of http, where it is alone', { http_proxy: three }, 'the proxy of http_proxy (three:3)'],
    ['with the port of its scheme', { HTTPS_PROXY: 'https://one' }, 'the proxy of HTTPS_PROXY (one:443)'],
    ['without name and password', { HTTPS_PROXY: 'http://me:secret@one' }, 'the proxy of HTTPS_PROXY (one:80)'],
    ['with a password that is encoded', { HTTPS_PROXY: 'http://me:a%25%40@one' }, 'the proxy of HTTPS_PROXY (one:80)'],
  ])('%s: %o', (_, env, proxy) => expect(chosen(env)).toBe(proxy));

  test.each<[string, boolean]>([
    ['contoso.vault.azure.net', true],
    ['other.example, contoso.vault.azure.net', true],
    ['.vault.azure.net', true],
    ['.contoso.vault.azure.net', true],
    ['vault.azure.net', false],
    ['*', false],
    ['*.vault.azure.net', false],
    ['CONTOSO.vault.azure.net', false],
    [' , ,', false],
  ])('NO_PROXY=%s spares the vault: %s', (NO_PROXY, spared) => {
    expect(chosen({ HTTPS_PROXY: one, NO_PROXY }) === undefined).toBe(spared);
    expect(chosen({ HTTPS_PROXY: one, no_proxy: NO_PROXY }) === undefined).toBe(spared);
  });

  test('for https alone: plain http stays within the network', () => {
    expect(chosen({ HTTPS_PROXY: one, HTTP_PROXY: one }, new URL('http://127.0.0.1/'))).toBeUndefined();
  });
});

describe('a variable that cannot be used is told without its value', () => {
  const spare = { NO_PROXY: '.vault.azure.net' };
  const unusable: readonly (readonly [string, Record<string, string>, variable: string])[] = [
    ['no URL', { HTTPS_PROXY: 'http://me:se#cret@one' }, 'HTTPS_PROXY'],
    ['no URL, though spared', { all_proxy: 'http://me:se#cret@one', ...spare }, 'all_proxy'],
    ['a blank one', { HTTPS_PROXY: ' ' }, 'HTTPS_PROXY'],
    ['no scheme', { HTTPS_PROXY: 'secret:8080' }, 'HTTPS_PROXY'],
    ['a lone % in the password', { https_proxy: 'http://me:secret%@one' }, 'https_proxy'],
    ['a SOCKS proxy', { HTTPS_PROXY: 'socks5://me:secret@127.0.0.1:1080' }, 'HTTPS_PROXY'],
    ['a SOCKS proxy for all', { ALL_PROXY: 'socks5h://127.0.0.1:1080' }, 'ALL_PROXY'],
    ['another kind', { https_proxy: 'ftp://one' }, 'https_proxy'],
    ['a lone % in the name', { HTTPS_PROXY: 'http://m%e:secret@one' }, 'HTTPS_PROXY'],
  ];

  test.each(unusable)('%s', (_, env, variable) => {
    const { code, cause, fix } = problemWith(env);
    expect(code).toBe('ERR_SETTING_INVALID');
    expect(cause).toContain(variable);
    expect(JSON.stringify([cause, fix])).not.toMatch(/secret|se#cret|me:|m%e/);
  });

  test('and with how it is written', () => {
    const { fix } = problemWith({ HTTPS_PROXY: 'http://me:%@one' });
    expect(JSON.stringify(fix)).toContain('%25');
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['a SOCKS proxy, but spared', { HTTPS_PROXY: 'socks5://one:1080', ...spare }, undefined],
    ['a lone %, but spared', { HTTPS_PROXY: 'http://me:secret%@one', ...spare }, undefined],
    ['one that counts for nothing', { HTTPS_PROXY: one, https_proxy: 'secret%' }, 'the proxy of HTTPS_PROXY (one:1)'],
  ])('but not %s', (_, env, proxy) => expect(chosen(env)).toBe(proxy));

  test('the wording of each', async () => {
    const told = unusable.map(([title, env]) => [title, problemWith(env)] as const);
    await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/proxy.txt');
  });
});

test.each<[string, boolean]>([
  ['getaddrinfo ENOTFOUND one', true],
  ['getaddrinfo ENOTFOUND contoso.vault.azure.net', false],
  ['connect ECONNREFUSED 192.0.2.1:8080', true],
  ['connect ECONNREFUSED 192.0.2.1:443', false],
  ['', true],
  ['read ECONNRESET', true],
])('"%s" may be about the proxy: %s', (words, may) => {
  expect(isAboutProxy({ variable: 'HTTPS_PROXY', url: new URL('http://one:8080') }, words)).toBe(may);
});
