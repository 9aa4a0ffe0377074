import { describe, expect, test } from 'vitest';
import { stepOf } from './steps.ts';

describe('a fix', () => {
  test.each([
    ['az login --tenant T', { command: 'az login --tenant T' }],
    [
      'az role assignment create --scope "$(az keyvault show -n V --query id -o tsv)"',
      { command: 'az role assignment create --scope "$(az keyvault show -n V --query id -o tsv)"' },
    ],
    [
      'Find OBJECT_ID: `az ad sp show --id C --query id -o tsv`',
      { text: 'Find OBJECT_ID:', command: 'az ad sp show --id C --query id -o tsv' },
    ],
    ['If it prints true: az keyvault list', { text: 'If it prints true:', command: 'az keyvault list' }],
    [
      'Enable it (az webapp identity assign --name APP --resource-group GROUP), then restart the app.',
      {
        text: 'Enable it, then restart the app.',
        command: 'az webapp identity assign --name APP --resource-group GROUP',
      },
    ],
  ])('gives its command to copy: %s', (fix, expected) => expect(stepOf(fix)).toEqual(expected));

  test.each([
    'Wait: a new role assignment takes up to ten minutes to reach the vault.',
    'Set KEY_VAULT_URL (az keyvault list --query "[].properties.vaultUri" -o tsv lists them).',
    'If the vault was deleted: az keyvault recover -n V (az keyvault list-deleted shows them)',
    'Or make room: az keyvault secret delete -n S, then az keyvault secret purge -n S',
    'Compare tenant and audience: az keyvault show -n V; scope https://vault.azure.net/.default',
    'Run `az login` with an account of that tenant.',
  ])('stays a sentence where words go on behind the command: %s', (fix) => expect(stepOf(fix)).toEqual({ text: fix }));
});
