import { expect, test } from 'vitest';
import * as door from './index.ts';

test('the public surface is what it was', () => {
  expect(Object.keys(door).toSorted()).toEqual([
    'AuthenticationError',
    'CredentialUnavailableError',
    'diagnose',
    'formatDiagnostics',
    'getKeyVaultCredential',
  ]);
});
