import { describe, expect, it } from 'vitest';
import { isOfAzure, siteOfName, touchesAzure } from './clouds.ts';

describe('a name', () => {
  it.each([
    ['contoso.vault.azure.net', 'key-vault', true],
    ['x.vault.usgovcloudapi.net', 'key-vault', true],
    ['LOGIN.microsoftonline.com', 'entra', true],
    ['management.azure.com', 'resource-manager', true],
    ['management.usgovcloudapi.net', undefined, true],
    ['graph.microsoft.com', undefined, true],
    ['account.blob.core.windows.net', undefined, true],
    ['bus.servicebus.windows.net', undefined, true],
    ['shop.azurewebsites.net', undefined, true],
    ['registry.azurecr.io', undefined, true],
    ['vault.azure.net.evil.example', undefined, false],
    ['notazure.com', undefined, false],
    ['learn.microsoft.com', undefined, false],
    ['registry.npmjs.org', undefined, false],
    ['playwright.azureedge.net', undefined, false],
  ])('%s is played by %s, and may be sent a token of Azure: %s', (name, site, takesTokens) => {
    expect([siteOfName(name), isOfAzure(name)]).toEqual([site, takesTokens]);
  });

  it.each([
    ...['*', 'com', '.azure.com', 'microsoft.com', 'login.microsoft.com', '*.core.windows.net', 'x.vault.azure.net'],
    ...['graph.microsoft.com', 'partner.microsoftonline.cn'],
  ])('%s in NO_PROXY would lead programs to Azure', (entry) => expect(touchesAzure(entry)).toBe(true));

  it.each(['localhost', '127.0.0.1', 'internal.example', 'npmjs.org', 'docs.microsoft.com'])(
    '%s in NO_PROXY would not',
    (entry) => expect(touchesAzure(entry)).toBe(false),
  );
});
