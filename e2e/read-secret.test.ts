import { describe, expect, test } from 'vitest';
import { runLocal } from './run-local.ts';

const secret = ['--secret', 'secret=from the vault'];

/** What the unmodified peer does on the same host: `reads` the secret, or why it fails. */
const hosts: readonly [
  host: string,
  flags: readonly string[],
  source: string,
  peer: 'reads' | { readonly fails: string },
][] = [
  ['app-service', [], 'app-service', 'reads'],
  // With MSI_ENDPOINT and MSI_SECRET alone the peer speaks Azure ML's protocol, which the same endpoint answers.
  ['app-service-2017', [], 'app-service', 'reads'],
  ['app-service-2017', ['--windows'], 'app-service', 'reads'],
  ['app-service', ['--user-assigned'], 'app-service', 'reads'],
  ['functions', [], 'app-service', 'reads'],
  ['container-apps', [], 'app-service', 'reads'],
  // Documented: "validate the thumbprint". The peer does not pin, so it refuses the self-signed certificate that every
  // cluster has (AzureAD/microsoft-authentication-library-for-js#6888).
  ['service-fabric', [], 'service-fabric', { fails: 'Network unreachable' }],
  // The peer takes Container Instances for Service Fabric and adds a second api-version (Azure/azure-sdk-for-net#45547).
  ['container-instances', [], 'service-fabric', { fails: 'ManagedIdentityCredential' }],
  ['azure-ml', [], 'azure-ml', 'reads'],
  ['cloud-shell', [], 'cloud-shell', 'reads'],
  ['aks', [], 'workload-identity', 'reads'],
  ['service-principal', [], 'service-principal', 'reads'],
  ['service-principal', ['--certificate'], 'service-principal', 'reads'],
  // DefaultAzureCredential has neither: there the peer's program has to know where it runs.
  ['github-actions', [], 'github-actions', 'reads'],
  ['azure-pipelines', [], 'azure-pipelines', 'reads'],
  ['vm', [], 'imds', 'reads'],
];

describe('an unmodified SecretClient reads the secret', () => {
  test.concurrent.each(hosts)('as %s %j with msi-credential', async (host, flags, source) => {
    const { stdout, stderr, exitCode } = await runLocal(
      ['--as', host, ...flags, ...secret],
      ['read-secret.js', 'msi-credential'],
    );
    expect({ stderr, stdout: JSON.parse(stdout) }).toMatchObject({ stdout: { value: 'from the vault', source } });
    expect(exitCode).toBe(0);
  });

  test.concurrent.each(hosts)(
    'as %s %j with @azure/identity, or it fails for a known reason',
    async (host, flags, _, peer) => {
      const { stdout } = await runLocal(['--as', host, ...flags, ...secret], ['read-secret.js', 'azure-identity']);
      const expected =
        peer === 'reads' ? { value: 'from the vault' } : { message: expect.stringContaining(peer.fails) };
      expect(JSON.parse(stdout)).toMatchObject(expected);
    },
  );

  test('as arc with both, or the stand-in says which rights it lacks', async () => {
    for (const library of ['msi-credential', 'azure-identity']) {
      const { stdout, stderr, exitCode } = await runLocal(['--as', 'arc', ...secret], ['read-secret.js', library]);
      // The agent's folder belongs to root: only its own error may stand in the way.
      if (exitCode === 125) expect(stderr).toContain('sudo');
      else expect(JSON.parse(stdout)).toMatchObject({ value: 'from the vault' });
    }
  });
});

describe('a proxy in the environment', () => {
  test('never sees the call to the identity endpoint', async () => {
    // Node's own switch and both variables point at a port where nobody listens: whoever used them would fail.
    const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' };
    const { stdout } = await runLocal(['--as', 'app-service', ...secret], ['read-secret.js', 'msi-credential'], proxy);
    expect(JSON.parse(stdout)).toMatchObject({ value: 'from the vault' });
  });
});

describe('what goes wrong is told', () => {
  test.concurrent.each([
    [
      'on a laptop without any tool',
      ['--as', 'laptop', ...secret],
      'secret',
      // `dev` leaves the tools: the metadata service is not to be asked for from a test.
      { PATH: '', AZURE_TOKEN_CREDENTIALS: 'dev' },
      { error: 'ERR_NO_SOURCE' },
    ],
    ['without permission, by RBAC', ['--deny', ...secret], 'secret', {}, { error: 'Forbidden', status: 403 }],
    [
      'without permission, by policy',
      ['--deny', '--access-policies', ...secret],
      'secret',
      {},
      { error: 'Forbidden', status: 403 },
    ],
    ['a secret that is not there', secret, 'other', {}, { error: 'SecretNotFound', status: 404 }],
  ])('%s', async (_, flags, name, env, expected) => {
    const { stdout, exitCode } = await runLocal(flags, ['read-secret.js', 'msi-credential', name], env);
    expect(JSON.parse(stdout)).toMatchObject(expected);
    expect(exitCode).toBe(1);
  });
});
