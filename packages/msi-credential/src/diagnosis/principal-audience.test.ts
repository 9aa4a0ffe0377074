import { expect, test } from 'vitest';
import { jwt } from '../../test/fake-io.ts';
import { principalOf } from './principal.ts';

test.each<[unknown, string | undefined]>([
  ['https://vault.azure.net', 'https://vault.azure.net'],
  [['https://vault.azure.net'], 'https://vault.azure.net'],
  [['https://graph.microsoft.com', 'https://vault.azure.net'], 'https://graph.microsoft.com, https://vault.azure.net'],
  [['https://vault.azure.net', 5, 'p4ss w0rd'], 'https://vault.azure.net'],
  [[], undefined],
  [5, undefined],
])('the audience %j of a token is shown as %s', (aud, shown) => {
  expect(principalOf(jwt({ aud }), {}).audience).toBe(shown);
});
