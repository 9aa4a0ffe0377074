import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isExpression, parseArm } from './templates/arm.ts';
import { deploymentType, parseBicep } from './templates/bicep.ts';
import { deployArm, deployBicep, idOf, type Resource, type Template, userAssigned } from './templates/deployment.ts';
import { evaluate, type World } from './templates/evaluate.ts';
import type { Expression } from './templates/expression.ts';

const folder = new URL('../packages/example-app/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const template: Template = JSON.parse(read('azuredeploy.json'));
const fileOf = (path: string) => parseBicep(read(`infra/${path}`));
const bicep = fileOf('main.bicep');
/** The template without what stands in its inner deployment, and that one. */
const inner = template.resources.flatMap(({ type, properties }) =>
  type === deploymentType ? [(properties as { template: Template }).template] : [],
)[0] as Template;
const outer: Template = {
  ...template,
  resources: template.resources.map((resource) =>
    resource.type === deploymentType
      ? { ...resource, properties: { ...(resource.properties as object), template: undefined } }
      : resource,
  ),
};

/** Every expression of the template, with the place where it stands. */
const expressions = (value: unknown, place = 'template'): [place: string, expression: Expression][] => {
  if (isExpression(value)) return [[place, parseArm(value)]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => expressions(each, `${place}.${key}`));
};
const callsIn = (expression: Expression): (Expression & { kind: 'call' })[] => {
  if (expression.kind === 'member') return callsIn(expression.of);
  return expression.kind === 'call' ? [expression, ...expression.args.flatMap(callsIn)] : [];
};
/** The names that are handed to a function such as `parameters`. */
const namesGivenTo = (name: string, value: unknown) =>
  expressions(value)
    .flatMap(([, expression]) => callsIn(expression))
    .filter((each) => each.name === name)
    .map(({ args: [first] }) => (first?.kind === 'literal' ? first.value : first));
const unique = (values: readonly unknown[]) => [...new Set(values)].sort();

const modes = [false, true].flatMap((useAccessPolicies) =>
  ['', userAssigned.id].map((userAssignedIdentityResourceId) => ({
    mode: `${useAccessPolicies ? 'access policies' : 'roles'}, ${userAssignedIdentityResourceId ? 'user' : 'system'}-assigned`,
    parameters: { useAccessPolicies, userAssignedIdentityResourceId, keyVaultSecret: 'planted-secret' },
  })),
);

describe('azuredeploy.json', () => {
  test('has the shape of a template', () => {
    expect(template).toMatchObject({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: expect.stringMatching(/^\d+(\.\d+){3}$/),
    });
    const topLevel = ['$schema', 'contentVersion', 'metadata', 'parameters', 'variables', 'resources', 'outputs'];
    expect(Object.keys(template)).toEqual(topLevel);
    for (const { type } of Object.values(template.parameters))
      expect(['string', 'securestring', 'bool']).toContain(type);
  });

  test.each(template.resources.map((resource) => [resource.type, resource] as const))(
    '%s is of a stable version, and somewhere',
    (type, { apiVersion, name, location }) => {
      expect(apiVersion).toMatch(/^20(2[2-9]|[3-9]\d)-\d\d-\d\d$/);
      expect(name).not.toBe('');
      const hasParent = type.split('/').length > 2 || /^Microsoft\.(Authorization|Resources)\//.test(type);
      expect(location).toBe(hasParent ? undefined : "[parameters('location')]");
    },
  );

  test('uses what it declares, and declares what it uses', () => {
    for (const each of [outer, inner]) {
      expect(unique(namesGivenTo('parameters', each))).toEqual(Object.keys(each.parameters).sort());
      expect(unique(namesGivenTo('variables', each))).toEqual(Object.keys(each.variables ?? {}).sort());
    }
  });

  test('waits for every resource that it asks for its state or names', () => {
    for (const { dependsOn = [], ...resource } of outer.resources) {
      const idsIn = (value: unknown) =>
        expressions(value)
          .flatMap(([, expression]) => callsIn(expression))
          .filter(({ name }) => name === 'resourceId')
          .map((each) => JSON.stringify(each));
      expect(unique(idsIn(dependsOn)), resource.type).toEqual(expect.arrayContaining(unique(idsIn(resource))));
    }
  });

  test('lets its inner deployment see only what it is given', () => {
    // In the outer scope the name would need the principal before the deployment starts.
    const nested = template.resources.filter(({ type }) => type === deploymentType);
    expect(nested.map(({ properties }) => properties)).toEqual([
      expect.objectContaining({ mode: 'Incremental', expressionEvaluationOptions: { scope: 'inner' } }),
    ]);
  });

  test('gives away neither the secret nor a key', () => {
    expect(namesGivenTo('parameters', template.outputs)).not.toContain('keyVaultSecret');
    expect(JSON.stringify(template)).not.toMatch(/"\[[^"]*\blist\w*\(/);
    const { keyVaultSecret, ...others } = template.parameters;
    expect(keyVaultSecret).toMatchObject({ type: 'securestring' });
    expect(keyVaultSecret).not.toHaveProperty('defaultValue');
    expect(Object.values(others).map(({ type }) => type)).not.toContain('securestring');
  });

  test('has a default for all but the secret, within the limits of names', () => {
    const world: World = {
      parameter: () => '',
      variable: () => '',
      symbol: () => '',
      state: () => ({ properties: {} }),
    };
    for (const [name, { defaultValue, minLength = 0, maxLength = 1_000, allowedValues }] of Object.entries(
      template.parameters,
    )) {
      if (name === 'keyVaultSecret') continue;
      const value = isExpression(defaultValue) ? evaluate(parseArm(defaultValue), world) : defaultValue;
      if (typeof value === 'string') {
        expect(value.length, name).toBeGreaterThanOrEqual(minLength as number);
        expect(value.length, name).toBeLessThanOrEqual(maxLength as number);
      }
      if (allowedValues) expect(allowedValues).toContain(value);
      if (name.endsWith('Name')) expect(value).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    }
  });
});

describe.each(modes)('for $mode', ({ parameters }) => {
  const deployment = deployArm(template, parameters);
  const one = (type: string) => deployment.resources.find((resource) => resource.type === type) as Resource;
  const [site, vault] = [one('Microsoft.Web/sites'), one('Microsoft.KeyVault/vaults')];
  const { useAccessPolicies, userAssignedIdentityResourceId: identity } = parameters;
  const principalId = identity ? 'principal-of-user-assigned' : 'principal-of-app';

  test('main.bicep asks for the same as azuredeploy.json', () => {
    const other = deployBicep(bicep, parameters, fileOf);
    expect(other.resources).toEqual(deployment.resources);
    expect(other.outputs).toEqual(deployment.outputs);
  });

  test('every id is that of a resource', () => {
    const declared = new Set(deployment.resources.map(idOf));
    expect([...deployment.mentioned].filter((id) => !declared.has(id))).toEqual([]);
  });

  test('the identity may read secrets, and nothing more', () => {
    expect(vault.properties).toMatchObject({ enableRbacAuthorization: !useAccessPolicies, accessPolicies: [] });
    const role = one('Microsoft.Authorization/roleAssignments');
    const policy = one('Microsoft.KeyVault/vaults/accessPolicies');
    expect([role === undefined, policy === undefined]).toEqual([useAccessPolicies, !useAccessPolicies]);
    if (useAccessPolicies) {
      expect(policy).toMatchObject({ name: `${vault.name}/add` });
      expect(policy.properties).toEqual({
        accessPolicies: [{ tenantId: expect.any(String), objectId: principalId, permissions: { secrets: ['get'] } }],
      });
    } else {
      expect(role.scope).toBe(idOf(vault));
      // An app that was deleted and created again has another principal, and so another assignment.
      const { roleDefinitionId } = role.properties as { roleDefinitionId: string };
      const nameFor = (principalId: string) =>
        deployArm(inner, { vaultName: vault.name, principalId, roleDefinitionId }).resources[0]?.name;
      expect(nameFor(principalId)).toBe(role.name);
      expect(nameFor('another')).not.toBe(role.name);
      expect(role.properties).toEqual({
        roleDefinitionId: expect.stringMatching(/roleDefinitions\/4633458b-17de-408a-b874-0445c86b69e6$/),
        principalId,
        principalType: 'ServicePrincipal',
      });
    }
  });

  test('the web app has its identity, its settings, and no open door', () => {
    expect(site.identity).toEqual(
      identity ? { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } : { type: 'SystemAssigned' },
    );
    const { siteConfig, ...properties } = site.properties as { siteConfig: Record<string, unknown> };
    expect(properties).toMatchObject({ httpsOnly: true, serverFarmId: idOf(one('Microsoft.Web/serverfarms')) });
    expect(siteConfig).toMatchObject({
      linuxFxVersion: 'NODE|24-lts',
      appCommandLine: 'node src/server.ts',
      minTlsVersion: '1.2',
      scmMinTlsVersion: '1.2',
      ftpsState: 'Disabled',
      healthCheckPath: '/ping',
    });
    const policies = deployment.resources.filter(({ type }) => type.endsWith('/basicPublishingCredentialsPolicies'));
    expect(policies.map(({ name, properties }) => [name, properties])).toEqual([
      [`${site.name}/scm`, { allow: false }],
      [`${site.name}/ftp`, { allow: false }],
    ]);
    expect(one('Microsoft.KeyVault/vaults/secrets').properties).toMatchObject({ contentType: 'text/plain' });
    expect(siteConfig.appSettings).toEqual([
      { name: 'KEY_VAULT_URL', value: `https://${vault.name}.vault.azure.net/` },
      { name: 'SCM_DO_BUILD_DURING_DEPLOYMENT', value: 'false' },
      ...(identity ? [{ name: 'AZURE_CLIENT_ID', value: 'client-of-user-assigned' }] : []),
    ]);
  });

  test('the secret goes into the vault and nowhere else', () => {
    const secret = one('Microsoft.KeyVault/vaults/secrets');
    expect(secret).toMatchObject({ name: `${vault.name}/secret`, properties: { value: 'planted-secret' } });
    const others = deployment.resources.filter((resource) => resource !== secret);
    expect(JSON.stringify([others, deployment.outputs])).not.toContain('planted-secret');
    expect(deployment.outputs).toEqual({
      webAppUrl: `https://${site.name}.azurewebsites.net`,
      webAppName: site.name,
      vaultName: vault.name,
      principalId,
    });
  });
});

describe('infra/main.bicep', () => {
  test('has the parameters of azuredeploy.json, with their types, limits and words', () => {
    const decorators: Record<string, string> = {
      description: 'description',
      minLength: 'minLength',
      maxLength: 'maxLength',
      allowed: 'allowedValues',
    };
    const nothing: World = {
      parameter: () => undefined,
      variable: () => undefined,
      symbol: () => undefined,
      state: () => ({ properties: {} }),
    };
    const settled = (value: Expression | undefined) => value && evaluate(value, nothing);
    const found = Object.entries(bicep.parameters).map(([name, { type, defaultValue, decorators: given }]) => {
      const entries = Object.entries(given).filter(([decorator]) => decorator !== 'secure');
      const limits = entries.map(([decorator, value]) => [decorators[decorator], settled(value)]);
      const { description, ...rest } = Object.fromEntries(limits);
      const secure = 'secure' in given;
      return [
        name,
        {
          type: secure ? `secure${type}` : type,
          ...rest,
          ...(defaultValue && { defaultValue: settled(defaultValue) }),
          metadata: { description },
        },
      ];
    });
    const expected = Object.entries(template.parameters).map(([name, { defaultValue, ...rest }]) => {
      const value = isExpression(defaultValue) ? evaluate(parseArm(defaultValue), nothing) : defaultValue;
      return [name, { ...rest, ...(value !== undefined && { defaultValue: value }) }];
    });
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(found.map(([name]) => name)).toEqual(Object.keys(template.parameters));
  });

  test('has the types and versions, also of resources that are not created in every case', () => {
    const kinds = (resources: readonly { type: string; apiVersion: string }[]) =>
      resources.map(({ type, apiVersion }) => `${type}@${apiVersion}`);
    expect(kinds(bicep.resources)).toEqual(kinds(template.resources));
    const types = Object.entries(template.outputs ?? {}).map(([name, { type }]) => [name, type]);
    expect(Object.entries(bicep.outputs).map(([name, { type }]) => [name, type])).toEqual(types);
  });
});

test("the guide's button leads to the template", () => {
  const [, encoded = ''] =
    /portal\.azure\.com\/#create\/Microsoft\.Template\/uri\/([^)]+)\)/.exec(read('../../docs/deploy.md')) ?? [];
  const raw =
    'https://raw.githubusercontent.com/msi-credential/msi-credential/main/packages/example-app/azuredeploy.json';
  expect(decodeURIComponent(encoded)).toBe(raw);
  expect(encoded).toBe(encodeURIComponent(raw));
});

test("the guide's table names every parameter and its default", () => {
  const rows = [...read('../../docs/deploy.md').matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|.*\| ([^|]+?) +\|$/gm)];
  const table = rows.flatMap(([, names = '', value]) => [...names.matchAll(/\w+/g)].map(([name]) => [name, value]));
  const documented = Object.fromEntries(table.filter(([name = '']) => name in template.parameters));
  expect(Object.keys(documented).sort()).toEqual(Object.keys(template.parameters).sort());
  expect(documented).toMatchObject({ nodeVersion: '`24-lts`', planSku: 'B1', useAccessPolicies: '`false`' });
  expect(template.parameters).toMatchObject({
    nodeVersion: { defaultValue: '24-lts' },
    planSku: { defaultValue: 'B1' },
    useAccessPolicies: { defaultValue: false },
  });
});

describe('the readers of this test', () => {
  test.each(["[concat('a']", "[concat('a', ]", "[parameters('a'))]", '[a]', "[concat('a' 'b')]", "['a]"])(
    'refuse %s',
    (text) => {
      expect(() => parseArm(text)).toThrow(SyntaxError);
    },
  );

  test('refuse functions and names that do not exist', () => {
    const broken = (change: (text: string) => string) => () =>
      deployArm(JSON.parse(change(JSON.stringify(template))), { keyVaultSecret: 'x' });
    expect(broken((text) => text.replace('[not(', '[nott('))).toThrow('no such function: nott');
    expect(broken((text) => text.replace("parameters('planSku')", "parameters('sku')"))).toThrow('sku is not declared');
    expect(broken((text) => text.replaceAll(').vaultUri', ').url'))).toThrow('nothing is called url');
  });
});
