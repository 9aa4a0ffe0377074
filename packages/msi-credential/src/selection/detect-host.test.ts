import { describe, expect, test } from 'vitest';
import type { Machine } from '../io.ts';
import { detectHost } from './detect-host.ts';

const laptop: Machine = {
  platform: 'linux',
  hasFile: () => false,
  readText: () => 'No Asset Tag',
  hasProgram: () => true,
};
const azureVm: Machine = { ...laptop, readText: () => '7783-7084-3265-9085-8269-3286-77' };
const unreadable: Machine = { ...laptop, readText: () => null };
const pair = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'x' };

describe('the host', () => {
  test.each([
    ['an app without an identity', { WEBSITE_SITE_NAME: 'shop' }, laptop, 'App Service'],
    ['an app with one', { ...pair, WEBSITE_SITE_NAME: 'shop' }, laptop, 'App Service'],
    ['a container app', { CONTAINER_APP_NAME: 'shop' }, laptop, 'Container Apps'],
    ['a container app known by its replica', { CONTAINER_APP_REPLICA_NAME: 'r' }, laptop, 'Container Apps'],
    ['a job', { CONTAINER_APP_JOB_NAME: 'clean', CONTAINER_APP_REPLICA_NAME: 'r' }, laptop, 'Container Apps job'],
    ['a job known by its execution', { CONTAINER_APP_JOB_EXECUTION_NAME: 'clean-1' }, laptop, 'Container Apps job'],
    ['Flex Consumption', { FUNCTIONS_WORKER_RUNTIME: 'node', LEGION_SERVICE_HOST: 'x' }, laptop, 'Azure Functions'],
    ["Kudu's console", { WEBSITE_SITE_NAME: 'shop', KUDU_RUN_USER: 'u' }, laptop, 'App Service'],
    ['a Batch task', { AZ_BATCH_POOL_ID: 'pool' }, azureVm, 'Azure Batch'],
    ['a pod that asks its node', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, azureVm, 'AKS node'],
    ['an endpoint that names no host', pair, laptop, 'App Service'],
    [
      'a pod',
      { AZURE_FEDERATED_TOKEN_FILE: '/token', AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c' },
      laptop,
      'Kubernetes',
    ],
    ['a virtual machine', {}, azureVm, 'Azure virtual machine'],
    [
      'a virtual machine with a service principal',
      { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' },
      azureVm,
      'Azure virtual machine',
    ],
  ])('of %s', (_, env, machine, host) => expect(detectHost(env, machine)).toBe(host));

  test.each([
    ['a laptop', {}, laptop],
    ['a machine that cannot be looked at', {}, unreadable],
    ['Functions Core Tools', { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', WEBSITE_SITE_NAME: 'x' }, laptop],
    [
      'a laptop with a service principal',
      { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' },
      laptop,
    ],
  ])('is none for %s', (_, env, machine) => expect(detectHost(env, machine)).toBeUndefined());
});
