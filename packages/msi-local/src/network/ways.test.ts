import { expect, it } from 'vitest';
import { readTarget, readUpstreams, type Surroundings, wayTo } from './ways.ts';

const upstreams = { http: new URL('http://plain.corporate:3128'), https: new URL('http://secure.corporate:3128') };
const usual: Surroundings = {
  named: 1001,
  metadata: undefined,
  vaults: [],
  passThrough: [],
  upstreams,
  direct: ['internal.example', '.intranet.example', '10.1.2.3'],
};
const machine = { ...usual, metadata: 1002 };

/** In a word or two. */
function wayOf(url: string, from: Surroundings) {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol === 'http:' ? 'http' : 'https';
  const target = readTarget(hostname, Number(port || { http: 80, https: 443 }[scheme]));
  const way = target && wayTo(target, scheme, from);
  if (way?.to === 'here') return `here ${way.port}`;
  if (way?.to === 'nowhere') return `nowhere ${way.status}`;
  return way?.to === 'upstream' ? way.proxy.hostname : way?.to;
}

it.each([
  ['http://169.254.169.254/metadata/instance', 'here 1002', 'nowhere 403'],
  ['https://169.254.169.254:80/', 'here 1002', 'nowhere 403'],
  ['http://169.254.169.254./', 'here 1002', 'nowhere 403'],
  ['http://2852039166/', 'here 1002', 'nowhere 403'],
  ['http://0xa9.0xfe.0xa9.0xfe/', 'here 1002', 'nowhere 403'],
  ['http://[::ffff:169.254.169.254]/', 'nowhere 403', 'nowhere 403'],
  ['https://169.254.169.254/', 'nowhere 403', 'nowhere 403'],
  ['http://169.254.169.254:8080/', 'nowhere 403', 'nowhere 403'],
  ['http://169.254.130.2:8081/msi/token', 'nowhere 403', 'nowhere 403'],
  ['http://168.63.129.16/machine', 'nowhere 403', 'nowhere 403'],
])('of a metadata service, %s leads to ours (%s), or where the host has none it is %s', (url, ours, none) => {
  expect([wayOf(url, machine), wayOf(url, usual)]).toEqual([ours, none]);
});

it.each([
  ['https://contoso.vault.azure.net/', 'here 1001'],
  ['https://CONTOSO.vault.azure.net./', 'here 1001'],
  ['https://login.microsoftonline.com/', 'here 1001'],
  ['https://management.azure.com/', 'here 1001'],
  // The real ones answer https alone.
  ['http://contoso.vault.azure.net/', 'nowhere 502'],
  ['https://contoso.vault.azure.net:8443/', 'nowhere 502'],
  ['http://login.microsoftonline.com:443/', 'nowhere 502'],
  ['https://graph.microsoft.com/', 'nowhere 403'],
  ['http://account.blob.core.windows.net/', 'nowhere 403'],
  ['https://registry.npmjs.org/', 'secure.corporate'],
  ['http://deb.debian.org/', 'plain.corporate'],
  ['https://internal.example/', 'there'],
  ['https://a.intranet.example/', 'there'],
  ['http://10.1.2.3:8080/', 'there'],
  ['http://localhost:3000/', 'there'],
  ['http://a.localhost:3000/', 'there'],
  ['https://127.8.9.1:8443/', 'there'],
  ['http://[::1]:3000/', 'there'],
])('%s leads to %s', (url, way) => expect(wayOf(url, usual)).toBe(way));

it('a vault that nobody named is unknown, and what nobody has to pass is named', () => {
  const from = { ...usual, vaults: ['Contoso'], passThrough: ['graph.microsoft.com'] };
  expect(wayOf('https://contoso.vault.azure.net/', from)).toBe('here 1001');
  expect(wayOf('https://local.vault.azure.net/', from)).toBe('nowhere 502');
  expect(wayOf('https://graph.microsoft.com/', from)).toBe('secure.corporate');
});

it('a metadata service cannot be named to pass', () => {
  expect(wayOf('http://169.254.169.254/', { ...usual, passThrough: ['169.254.169.254'] })).toBe('nowhere 403');
});

it.each<[Record<string, string>, string | undefined, string | undefined]>([
  [{}, undefined, undefined],
  [{ HTTPS_PROXY: 'http://s:1' }, undefined, 'http://s:1/'],
  [{ HTTP_PROXY: 'http://p:1', https_proxy: 'https://s:1' }, 'http://p:1/', 'https://s:1/'],
  [{ ALL_PROXY: 'http://a:1', http_proxy: 'http://p:1' }, 'http://p:1/', 'http://a:1/'],
  [{ HTTPS_PROXY: 'proxy.example:3128' }, undefined, 'http://proxy.example:3128/'],
  [{ HTTPS_PROXY: 'socks5://s:1' }, undefined, undefined],
  [{ HTTPS_PROXY: 'http://[' }, undefined, undefined],
])("the caller's own proxies in %j are %s and %s", (variables, http, https) => {
  const read = readUpstreams(variables);
  expect([read.http?.href, read.https?.href]).toEqual([http, https]);
});
