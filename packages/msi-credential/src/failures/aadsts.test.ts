import { describe, expect, test } from 'vitest';
import { formatFix } from '../codes.ts';
import { type AadstsContext, aadstsNumbers, explainAadsts } from './aadsts.ts';

const clientId = '33333333-aaaa-4bbb-8ccc-000000000003';
const tenantId = '11111111-aaaa-4bbb-8ccc-000000000001';
const known = { clientId, tenantId };
/** Everything that is advised, with its commands. */
const advice = (number: string, context?: AadstsContext) => formatFix(explainAadsts(number, context)?.fix ?? []);
const commands = (number: string, context?: AadstsContext) =>
  explainAadsts(number, context)?.fix.flatMap(({ run }) => run ?? []) ?? [];

describe('a refusal of Entra', () => {
  test.each([
    ['7000215', `az ad app credential reset --id ${clientId} --append`],
    ['7000222', `az ad app credential list --id ${clientId}`],
    ['7000218', 'AZURE_CLIENT_SECRET'],
    ['700016', `az ad sp create --id ${clientId}`],
    ['700038', 'AZURE_CLIENT_ID'],
    ['7000112', `az ad sp update --id ${clientId} --set accountEnabled=true`],
    ['90002', tenantId],
    ['900023', 'az account show --query tenantId'],
    ['90038', 'AZURE_AUTHORITY_HOST'],
    ['50001', 'az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
    ['500011', 'az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
    ['70011', 'https://vault.azure.net/.default'],
    ['70021', `az ad app federated-credential create --id ${clientId}`],
    ['700211', `az ad app federated-credential list --id ${clientId}`],
    ['700212', 'api://AzureADTokenExchange'],
    ['700213', `az ad app federated-credential create --id ${clientId}`],
    ['7002137', `az ad app federated-credential list --id ${clientId}`],
    ['7002138', `az ad app federated-credential list --id ${clientId}`],
    ['700024', 'timedatectl'],
    ['50027', 'JWT'],
    ['50049', 'AZURE_AUTHORITY_HOST'],
    ['65001', `az ad app permission admin-consent --id ${clientId}`],
    ['700027', `az ad app credential reset --id ${clientId} --cert @cert.pem --append`],
    ['50034', tenantId],
    ['50126', `az login --tenant ${tenantId}`],
    ['50076', `az login --tenant ${tenantId}`],
    ['50079', `az login --tenant ${tenantId}`],
    ['50020', `az login --tenant ${tenantId}`],
    ['50059', 'AZURE_TENANT_ID'],
    ['53003', 'Conditional Access'],
    ['700229', 'managed identity'],
    ['70003', 'grant_type=client_credentials'],
    ['70025', `az ad app federated-credential create --id ${clientId}`],
    ['700222', 'user-assigned managed identity'],
    ['700226', 'user-assigned managed identity'],
    ['700231', `az ad app federated-credential create --id ${clientId}`],
    ['700236', "application's own tenant"],
    ['7002381', tenantId],
    ['70023', 'an hour'],
    ['700021', `AZURE_CLIENT_ID (${clientId})`],
    ['700023', `AZURE_TENANT_ID (${tenantId})`],
    ['7000229', `az ad sp create --id ${clientId}`],
    ['7000232', 'Unset AZURE_CLIENT_SECRET'],
    ['700025', `az ad app update --id ${clientId} --is-fallback-public-client false`],
    ['900382', 'https://login.microsoftonline.us'],
    ['500014', 'az ad sp update --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093 --set accountEnabled=true'],
    ['501051', 'app roles'],
    ['1000502', `az ad app credential reset --id ${clientId} --cert @CERT.pem --append`],
    ['7000214', `az ad app credential reset --id ${clientId} --cert @CERT.pem --append`],
    ['7000274', 'openssl x509'],
    ['7000277', `az ad app credential reset --id ${clientId} --cert @CERT.pem --append`],
  ])('AADSTS%s says what it means and gives the fix with its ids', (number, fix) => {
    expect(explainAadsts(number, known)?.meaning).toMatch(/^[A-Z].*[^.]$/);
    expect(advice(number, known)).toContain(fix);
    for (const { text } of explainAadsts(number, known)?.fix ?? []) expect(text).toMatch(/^[A-Z].*[.:]$/);
    expect(explainAadsts(number, known)).toEqual(explainAadsts(`AADSTS${number}`, known));
    expect(aadstsNumbers).toContain(number);
  });

  test('the table reads as it was reviewed', async () => {
    const shown = aadstsNumbers.map((number) => {
      const { meaning, fix } = explainAadsts(number) ?? { meaning: '', fix: [] };
      const steps = fix.flatMap(({ text, run }) => [text && `- ${text}`, run && `  $ ${run}`]);
      return [`AADSTS${number}: ${meaning}.`, ...steps].filter(Boolean).join('\n');
    });
    expect(shown.join('\n')).not.toMatch(/undefined|\{\w+\}/);
    await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('./__snapshots__/aadsts.txt');
  });

  test('no number is without a case above', () => expect(aadstsNumbers).toHaveLength(51));

  test.each(['AADSTS1', '', 'constructor', 'AADSTS', '7000215 '])('%j is not explained', (code) => {
    expect(explainAadsts(code, known)).toBeUndefined();
  });

  test('the platform decides what a federated credential has to name', () => {
    const source = 'workload-identity';
    expect(commands('700213', { source: 'github-actions' })[1]).toContain('repo:ORG/REPO:ref:refs/heads/main');
    expect(commands('700213', { source })[1]).toContain('az aks show');
    expect(commands('70025', { source })[1]).toContain('az aks show');
    expect(advice('700024', { source })).not.toBe(advice('700024'));
    expect(advice('70023', { source })).toContain('/var/run/secrets/azure/tokens/azure-identity-token');
    expect(commands('50027', { source })[0]).toBe('awk -F. \'{print NF}\' "$AZURE_FEDERATED_TOKEN_FILE"');
  });

  test('the settings are those that the ids came from', () => {
    const settings = { clientId: 'CLIENT_SETTING', tenantId: 'TENANT_SETTING' };
    const adviceFor = (number: string) => advice(number, { ...known, settings });
    expect(adviceFor('700016')).toContain(`CLIENT_SETTING (${clientId})`);
    for (const number of ['700016', '90002']) expect(adviceFor(number)).toContain(`TENANT_SETTING (${tenantId})`);
    expect(adviceFor('700038')).toContain('Set CLIENT_SETTING to');
    for (const number of ['900023', '50059']) expect(adviceFor(number)).toContain('Set TENANT_SETTING to');
  });

  test.each([
    ['https://vault.azure.net/.default', ' https://vault.azure.net/.default,'],
    ['https://contoso.vault.azure.net/.default', ' https://vault.azure.net/.default,'],
    ['https://storage.azure.con/.default', ' https://storage.azure.con/.default.'],
    ['p4ss w0rd', '/.default.'],
  ])('the scope %s', (scope, expected) => {
    for (const number of ['500011', '70011']) {
      const hint = advice(number, { scope });
      expect(hint).toContain(expected);
      expect(hint.includes('vault')).toBe(scope.includes('vault'));
      expect(hint.includes('cfa8b339')).toBe(number === '500011' && scope.includes('vault'));
      expect(hint).not.toContain('p4ss');
    }
  });

  test('the command that adds a federated credential has what is known of the assertion', () => {
    const assertion = { issuer: 'https://oidc.example', subject: 'a:b', audience: 'api://x' };
    expect(commands('700213', { clientId, source: 'github-actions', assertion })).toContain(
      `az ad app federated-credential create --id ${clientId} --parameters '{"name":"msi-credential","issuer":"https://oidc.example","subject":"a:b","audiences":["api://x"]}'`,
    );
    expect(commands('700213', { source: 'github-actions', assertion: { subject: 'a:b' } })[1]).toContain(
      '"issuer":"https://token.actions.githubusercontent.com","subject":"a:b","audiences":["api://AzureADTokenExchange"]',
    );
  });

  test.each(aadstsNumbers)('%s repeats nothing that is not an id', (number) => {
    const marker = 'm4rk3r~"; rm -rf $HOME';
    expect(advice(number, { clientId: marker, tenantId: marker })).not.toContain('m4rk3r');
  });
});
