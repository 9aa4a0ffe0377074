import { describe, expect, test } from 'vitest';
import { oneScope } from './scope.ts';

const graph = 'https://graph.microsoft.com';

/** What is advised for scopes that are not one. */
function hintFor(scopes: unknown): string {
  try {
    oneScope(scopes);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SCOPE', name: 'TypeError' });
    return (error as { hint: string }).hint;
  }
  throw new Error('It is one.');
}

describe('several scopes', () => {
  test.each([
    ['of Graph', [`${graph}/User.Read`, `${graph}/Mail.Read`], `${graph}/.default`],
    ['of Graph, by their short names', ['User.Read', 'Mail.ReadWrite.Shared'], `${graph}/.default`],
    ['of Graph, in both forms', ['User.Read', `${graph}/Mail.Read`], `${graph}/.default`],
    ['of an API', ['api://shop/read', 'api://shop/write'], 'api://shop/.default'],
    [
      'of one vault, twice',
      ['https://vault.azure.net/.default', 'https://vault.azure.net/x'],
      'https://vault.azure.net/.default',
    ],
  ])('%s are one: %o', (_, scopes, all) => expect(hintFor(scopes)).toContain(`Ask for ${all}:`));

  test.each([
    ['of two resources', [`${graph}/.default`, 'https://vault.azure.net/.default']],
    ['that are none', ['p4ss~w0rd', 'p4ss~w0rd']],
    ['of other kinds', [1, {}]],
    ['none', []],
  ])('%s are not: %o', (_, scopes) => {
    expect(hintFor(scopes)).toContain('Ask once for each resource');
    expect(hintFor(scopes)).not.toContain('p4ss');
  });
});
