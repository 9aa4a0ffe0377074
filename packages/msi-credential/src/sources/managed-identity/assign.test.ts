import { describe, expect, test } from 'vitest';
import type { Environment } from '../../types.ts';
import { assignCommandsOf, assignToMachine } from './assign.ts';

const site = {
  WEBSITE_SITE_NAME: 'Shop',
  WEBSITE_HOSTNAME: 'shop.azurewebsites.net',
  WEBSITE_RESOURCE_GROUP: 'Shop_rg',
  WEBSITE_OWNER_NAME: 'a0000000-0000-4000-8000-0000000000a1+Shop_rg-WestEuropewebspace-Linux',
};
const slot = { ...site, WEBSITE_SLOT_NAME: 'staging', WEBSITE_HOSTNAME: 'shop-staging.azurewebsites.net' };
const containerApp = { CONTAINER_APP_NAME: 'shop', CONTAINER_APP_HOSTNAME: 'shop--r1.blue.azurecontainerapps.io' };

describe('the command that enables an identity', () => {
  test.each<[string, string, Environment, string]>([
    ['an app', 'App Service', site, 'webapp identity assign --name Shop --resource-group Shop_rg'],
    ['a function app', 'Azure Functions', site, 'functionapp identity assign --name Shop --resource-group Shop_rg'],
    [
      'the production slot',
      'App Service',
      { ...site, WEBSITE_SLOT_NAME: 'Production' },
      'webapp identity assign --name Shop --resource-group Shop_rg',
    ],
    ['a slot', 'App Service', slot, 'webapp identity assign --name Shop --resource-group Shop_rg --slot staging'],
    [
      'a slot with a host name that is unique',
      'App Service',
      { ...slot, WEBSITE_HOSTNAME: 'shop-staging-a1b2c3d4e5f6.westeurope-01.azurewebsites.net' },
      'webapp identity assign --name Shop --resource-group Shop_rg --slot staging',
    ],
    [
      'a container app',
      'Container Apps',
      containerApp,
      'containerapp identity assign --name shop --resource-group GROUP --system-assigned',
    ],
    [
      'a job',
      'Container Apps job',
      { CONTAINER_APP_JOB_NAME: 'clean-up', CONTAINER_APP_JOB_EXECUTION_NAME: 'clean-up-iwpi4il' },
      'containerapp job identity assign --name clean-up --resource-group GROUP --system-assigned',
    ],
    [
      'a job that nothing confirms',
      'Container Apps job',
      { CONTAINER_APP_JOB_NAME: 'clean-up' },
      'containerapp job identity assign --name JOB --resource-group GROUP --system-assigned',
    ],
    ['an app that names nothing', 'App Service', {}, 'webapp identity assign --name APP --resource-group GROUP'],
    [
      "an app whose plan is in another group, which the webspace's name shows",
      'App Service',
      { ...site, WEBSITE_OWNER_NAME: 'a0000000-0000-4000-8000-0000000000a1+plans-WestEuropewebspace' },
      'webapp identity assign --name Shop --resource-group GROUP',
    ],
    [
      'names that no second variable confirms',
      'App Service',
      { ...slot, WEBSITE_HOSTNAME: 'other.azurewebsites.net', WEBSITE_OWNER_NAME: '' },
      'webapp identity assign --name APP --resource-group GROUP --slot SLOT',
    ],
    [
      'names that a shell would not take as they are',
      'App Service',
      { WEBSITE_SITE_NAME: 'a$(id)', WEBSITE_HOSTNAME: 'a$(id).azurewebsites.net' },
      'webapp identity assign --name APP --resource-group GROUP',
    ],
  ])('of %s', (_, host, env, command) => {
    expect(assignCommandsOf(host, env)?.system).toBe(`az ${command}`);
  });

  test('or assigns one that there is, by its resource id', () => {
    expect(assignCommandsOf('App Service', site)?.user).toMatch(/ --identities RESOURCE_ID$/);
    expect(assignCommandsOf('Container Apps', containerApp)?.user).toMatch(/ GROUP --user-assigned RESOURCE_ID$/);
  });

  test('is not known for Azure Automation', () => {
    expect(assignCommandsOf('Azure Automation', site)).toBeUndefined();
  });
});

describe('a virtual machine gets an identity', () => {
  test.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['by itself', 'Azure virtual machine', 'az vm identity assign -g GROUP -n VM', ' --identities RESOURCE_ID'],
    ['where the host is not known', undefined, 'az vm identity assign -g GROUP -n VM', ' --identities RESOURCE_ID'],
    ['by its pool', 'Azure Batch', undefined, undefined],
    ['by its cluster', 'AKS node', undefined, undefined],
    [
      'by its container group',
      'Container Instances',
      'az container create --resource-group GROUP --name NAME --assign-identity',
      ' RESOURCE_ID',
    ],
  ])('%s', (_, host, system, more) => {
    expect(assignToMachine(host, 'system-assigned').run).toBe(system);
    expect(assignToMachine(host, 'user-assigned').run).toBe(system && system + more);
  });
});
