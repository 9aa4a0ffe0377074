import { describe, expect, test } from 'vitest';
import { azureError, fakeAzureIdentity } from '../../test/fake-azure-identity.ts';
import { fakeIo } from '../../test/fake-io.ts';
import { createWorld, credentialIn } from '../credential.ts';
import { azureCli } from './azure-cli.ts';

const machine = (installed: boolean) => ({
  platform: 'darwin',
  hasFile: () => false,
  readText: () => undefined,
  hasProgram: (name: string) => installed && name === 'az',
});
const scope = 'https://vault.azure.net/.default';

describe('azure-cli', () => {
  test.each([
    ['a candidate where az is on PATH', machine(true), 'unknown'],
    ['absent where it is not', machine(false), 'absent'],
    ['unknown while nobody has looked', undefined, 'unknown'],
  ])('is %s', (_, given, verdict) => {
    expect(azureCli.detect({ PATH: '/usr/bin' }, {}, given).verdict).toBe(verdict);
  });

  test('is asked once, for all who want the same', async () => {
    const fake = fakeAzureIdentity();
    const io = fakeIo({ azureIdentity: fake.azureIdentity, machine: machine(true) });
    const credential = credentialIn(createWorld(io), { env: {}, tenantId: 'contoso.com' });
    await Promise.all(Array.from({ length: 20 }, () => credential.getToken(scope)));
    expect(fake.made).toMatchObject([
      { credential: 'AzureCliCredential', args: [{ tenantId: 'contoso.com' }], asked: [{ scope }] },
    ]);
  });

  test('says what to run when nobody is signed in', async () => {
    const fake = fakeAzureIdentity(() => azureError('CredentialUnavailableError', "Please run 'az login'"));
    const io = fakeIo({ azureIdentity: fake.azureIdentity, machine: machine(true) });
    await expect(credentialIn(createWorld(io), { env: {} }).getToken(scope)).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_TOOL_UNAVAILABLE',
      hint: expect.stringContaining('az login'),
    });
  });
});
