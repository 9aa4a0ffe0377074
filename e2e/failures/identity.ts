import { nobody, type Row } from './row.ts';

const federatedCredential = { clientId: nobody, tenantId: nobody };

/** The host is healthy, but it has not the identity that is asked for, or cannot be asked for it that way. */
export const identityRows: readonly Row[] = [
  ...(['app-service', 'app-service-2017', 'functions', 'container-apps', 'vm', 'azure-ml'] as const).map((host) => ({
    title: `${host}: a client id that the host does not have`,
    code: 'ERR_IDENTITY_NOT_FOUND',
    host,
    wish: { options: { clientId: nobody } },
  })),
  {
    title: 'app-service-2017: the same on a Windows worker',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'app-service-2017',
    world: 'windows',
    says: ['answered 400, Unable to load requested managed identity (correlation id '],
    wish: { options: { clientId: nobody } },
  },
  {
    title: 'app-service: the same from AZURE_CLIENT_ID',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'app-service',
    env: { AZURE_CLIENT_ID: nobody },
  },
  {
    title: 'container-instances: an object id that the group does not have',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'container-instances',
    wish: { options: { objectId: nobody } },
  },
  {
    title: 'app-service: only a user-assigned identity, and no name for it',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'app-service',
    world: 'user-assigned',
    env: { AZURE_CLIENT_ID: '' },
  },
  {
    title: 'vm: two user-assigned identities, and no name',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'vm',
    world: 'two-identities',
    env: { AZURE_CLIENT_ID: '' },
  },
  {
    title: 'service-fabric: an identity by client id',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'service-fabric',
    wish: { options: { clientId: nobody } },
  },
  {
    title: 'app-service-2017: an identity by object id',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'app-service-2017',
    wish: { options: { objectId: nobody } },
  },
  {
    title: 'cloud-shell: a managed identity',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'cloud-shell',
    env: { AZURE_MANAGED_IDENTITY_CLIENT_ID: nobody },
  },
  {
    title: 'azure-ml: a compute without an identity of its own',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'azure-ml',
    env: { DEFAULT_IDENTITY_CLIENT_ID: 'clientid' },
  },
  {
    title: 'azure-ml: a client id that is a name',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'azure-ml',
    wish: { options: { clientId: 'my-identity' } },
  },
  {
    title: 'a system-assigned identity as a federated credential',
    code: 'ERR_IDENTITY_UNSUPPORTED',
    host: 'app-service',
    wish: { options: { federatedCredential } },
  },
  {
    title: 'cloud-shell: a resource that it gives no tokens for',
    code: 'ERR_REFUSED',
    host: 'cloud-shell',
    wish: { scope: 'https://database.windows.net/.default' },
  },
];
