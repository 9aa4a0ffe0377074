import { getKeyVaultCredential } from 'msi-credential';
import { type Local, startLocal } from 'msi-local';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const scope = 'https://vault.azure.net/.default';
let local: Local;

beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.stop());
beforeEach(() => local.requests.clear());

/** What one call does with the variables of a host, some of them changed. */
const ask = (host: Parameters<Local['variables']>[0], changes: NodeJS.ProcessEnv = {}, options = {}) =>
  getKeyVaultCredential({ env: { ...local.variables(host), ...changes }, ...options }).getToken(scope);

describe("Service Fabric's certificate", () => {
  test('is compared with the thumbprint before anything is sent', async () => {
    const wrong = { IDENTITY_SERVER_THUMBPRINT: '0'.repeat(40) };
    await expect(ask('service-fabric', wrong)).rejects.toMatchObject({
      code: 'ERR_RESPONSE_MALFORMED',
      message: expect.stringContaining('thumbprint'),
    });
    expect(local.requests.all).toEqual([]);
  });

  test.each([
    ['in upper case', (text: string) => text.toUpperCase()],
    ['with colons', (text: string) => text.match(/../g)?.join(':') ?? ''],
  ])('matches a thumbprint %s', async (_, spell) => {
    const { IDENTITY_SERVER_THUMBPRINT = '' } = local.variables('service-fabric');
    await expect(
      ask('service-fabric', { IDENTITY_SERVER_THUMBPRINT: spell(IDENTITY_SERVER_THUMBPRINT) }),
    ).resolves.toHaveProperty('token');
  });
});

describe('100 concurrent calls over 5 credentials', () => {
  test('make one request at the endpoint', async () => {
    // An identity of its own, so that no other test has its token in the process's cache.
    const env = {
      ...local.variables('app-service'),
      AZURE_MANAGED_IDENTITY_CLIENT_ID: local.world.userAssigned.clientId,
    };
    const credentials = Array.from({ length: 5 }, () => getKeyVaultCredential({ env }));
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, index) => credentials[index % 5]?.getToken(scope)),
    );
    expect(new Set(tokens.map((each) => each?.token)).size).toBe(1);
    expect(local.requests.all).toHaveLength(1);
  });
});

describe('the identity that is asked for', () => {
  test.each(['app-service', 'vm', 'container-apps', 'azure-ml'] as const)(
    'is the one that the token bears, on %s',
    async (host) => {
      const { clientId, objectId } = local.world.userAssigned;
      const credential = getKeyVaultCredential({ env: local.variables(host), clientId });
      const { principal, warnings } = await credential.check();
      expect(principal).toMatchObject({ applicationId: clientId, objectId });
      expect(warnings).toEqual([]);
    },
  );

  test('that the host has not is refused by it', async () => {
    const clientId = 'b0000000-0000-4000-8000-0000000000ff';
    for (const host of ['app-service', 'vm', 'container-apps'] as const) {
      await expect(ask(host, {}, { clientId })).rejects.toMatchObject({ code: 'ERR_IDENTITY_NOT_FOUND', status: 400 });
    }
  });
});
