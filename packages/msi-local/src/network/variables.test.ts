import { describe, expect, it } from 'vitest';
import { routeVariables } from './variables.ts';

const route = {
  proxyUrl: 'http://127.0.0.1:4242',
  extraCaPath: '/ca',
  bundlePath: '/bundle',
  trustStorePath: '/trust.p12',
  vault: 'local',
  node: '24.5.0',
};

describe('what leads the traffic here', () => {
  it("keeps the caller's NO_PROXY, save entries that cover a service of Azure", () => {
    const azure =
      '.azure.net,*,login.microsoftonline.com,contoso.vault.azure.net,microsoft.com,*.blob.core.windows.net';
    const inherited = { NO_PROXY: `internal.example, ${azure} management.azure.com,net` };
    const set = routeVariables(route, inherited);
    expect(set.NO_PROXY).toBe('localhost,127.0.0.1,::1,internal.example');
    expect(set.no_proxy).toBe(set.NO_PROXY);
  });

  it('leads plain http here too, under both spellings', () => {
    const proxyUrl = route.proxyUrl;
    const set = routeVariables(route, { http_proxy: 'http://corporate:3128' });
    expect(set).toMatchObject({
      HTTP_PROXY: proxyUrl,
      http_proxy: proxyUrl,
      HTTPS_PROXY: proxyUrl,
      https_proxy: proxyUrl,
    });
  });

  it.each([
    '169.254.169.254',
    '169.254.169.254:80',
    '169.254.0.0/16',
    '0.0.0.0/0',
    '169.254.*',
    '169.*',
    '*.254',
    '.254',
  ])("%s in the caller's NO_PROXY leads nobody to the machine's own metadata service", (entry) =>
    expect(routeVariables(route, { NO_PROXY: entry }).NO_PROXY).toBe('localhost,127.0.0.1,::1'),
  );

  it.each(['10.0.0.0/8', '192.168.*', '169.253.1.1', 'host:8080', '10.169.254.169', '2540.example', 'fd00::/8'])(
    "%s stays in the caller's NO_PROXY",
    (entry) => expect(routeVariables(route, { NO_PROXY: entry }).NO_PROXY).toBe(`localhost,127.0.0.1,::1,${entry}`),
  );

  it('adds to the roots in one place and replaces them in the others', () => {
    expect(routeVariables(route, { CURL_CA_BUNDLE: '/corporate' })).toMatchObject({
      NODE_EXTRA_CA_CERTS: '/ca',
      SSL_CERT_FILE: '/bundle',
      REQUESTS_CA_BUNDLE: '/bundle',
      CURL_CA_BUNDLE: '/bundle',
    });
    expect(routeVariables(route, {})).not.toHaveProperty('CURL_CA_BUNDLE');
  });

  it.each([
    ['22.21.0', undefined, '--disable-warning=UNDICI-EHPA'],
    ['22.21.0', '--max-old-space-size=99', '--max-old-space-size=99 --disable-warning=UNDICI-EHPA'],
    ['24.5.0', '--max-old-space-size=99', undefined],
  ])("hides Node %s's own warning of that, and no other (%s)", (node, inherited, NODE_OPTIONS) => {
    expect(routeVariables({ ...route, node }, { NODE_OPTIONS: inherited }).NODE_OPTIONS).toBe(NODE_OPTIONS);
  });
});

describe('what Java reads', () => {
  const options = (inherited = {}, changes = {}) =>
    routeVariables({ ...route, ...changes }, inherited).JAVA_TOOL_OPTIONS;

  it('is the proxy for both schemes, what needs none, and a trust store', () => {
    expect(options()?.split(' ')).toEqual([
      '-Dhttp.proxyHost=127.0.0.1',
      '-Dhttp.proxyPort=4242',
      '-Dhttps.proxyHost=127.0.0.1',
      '-Dhttps.proxyPort=4242',
      '-Dhttp.nonProxyHosts=localhost|127.*|[::1]',
      '-Djavax.net.ssl.trustStore=/trust.p12',
      '-Djavax.net.ssl.trustStoreType=PKCS12',
    ]);
  });

  it("comes after the caller's own, so that it counts", () => {
    expect(options({ JAVA_TOOL_OPTIONS: '-Xmx64m -Dhttps.proxyHost=corporate' })).toMatch(
      /^-Xmx64m -Dhttps\.proxyHost=corporate -Dhttp\.proxyHost=127/,
    );
  });

  it.each([
    ['internal.example', 'internal.example|*.internal.example'],
    ['.internal.example', 'internal.example|*.internal.example'],
    ['*.internal.example', 'internal.example|*.internal.example'],
    ['10.1.2.3', '10.1.2.3'],
    ['192.168.*', '192.168.*'],
    ['host:8080', 'host|*.host'],
    ['10.0.0.0/8', ''],
    ['.azure.net', ''],
  ])("has %s of the caller's NO_PROXY as Java writes it: %s", (NO_PROXY, patterns) => {
    const expected = ['localhost|127.*|[::1]', patterns].filter(Boolean).join('|');
    expect(options({ NO_PROXY })).toContain(`-Dhttp.nonProxyHosts=${expected} `);
  });

  it('has quotes around a path with white space, since the JVM splits there', () => {
    expect(options({}, { trustStorePath: 'C:\\Users\\A B\\t.p12' })).toContain(
      ' "-Djavax.net.ssl.trustStore=C:\\Users\\A B\\t.p12" ',
    );
  });
});
