import { readFileSync } from 'node:fs';
import { diagnose } from 'msi-credential';
import { describe, expect, test } from 'vitest';
import { compile, writeExamples } from './examples.ts';
import { runLocal } from './run-local.ts';

// The new lines of docs/migration.md, taken from the document itself.

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const world = JSON.parse(read('../protocols/world.json'));

/** What the words in capitals stand for here. */
const values: Readonly<Record<string, string>> = {
  CLIENT_ID: world.userAssigned.clientId,
  OBJECT_ID: world.userAssigned.objectId,
  RESOURCE_ID: world.userAssigned.resourceId,
  APPLICATION_ID: world.servicePrincipal.clientId,
  TENANT_ID: world.tenantId,
};

interface Example {
  readonly file: string;
  readonly program: string;
  /** The flags of `msi-local run`, and whose token it gets there. */
  readonly runs: readonly { readonly flags: string; readonly principal: string }[];
}

/** Each block that shows a change, with the comments above it that say how it runs. */
const examples: readonly Example[] = [
  ...read('../docs/migration.md').matchAll(/((?:<!-- run .+ -->\n)*)```diff\n([\s\S]*?)```/g),
].map(([, comments = '', diff = ''], index) => ({
  file: `change-${index + 1}.ts`,
  program: programOf(diff),
  runs: [...comments.matchAll(/<!-- run (.+): (\w+) -->/g)].map(([, flags = '', principal = '']) => ({
    flags,
    principal,
  })),
}));

/** The file after the change, which then tells whose token it has. */
function programOf(diff: string): string {
  const lines = diff.split('\n').filter((line) => !line.startsWith('-'));
  const changed = lines.map((line) => line.slice(1)).join('\n');
  const filled = changed.replace(/'([A-Z_]+)'/g, (word, name) => (values[name] ? `'${values[name]}'` : word));
  const entry = "import { getKeyVaultCredential } from 'msi-credential';\n";
  const named = filled.includes("from 'msi-credential'") ? filled : entry + filled;
  return `${named}\nconsole.log(JSON.stringify((await credential.check()).principal));\n`;
}

const folder = writeExamples('migration', Object.fromEntries(examples.map(({ file, program }) => [file, program])));

test('every change compiles', async () => {
  expect(examples.length).toBeGreaterThan(15);
  expect(await compile(folder)).toBe('');
});

test('every change is run', () => {
  expect(examples.filter(({ runs }) => runs.length === 0)).toEqual([]);
});

const runs = examples.flatMap(({ file, runs }) =>
  runs.map(({ flags, principal }) => [file, flags, principal] as const),
);
test.concurrent.each(runs)('%s gets a token, run %s, of %s', async (file, flags, principal) => {
  const { stdout, stderr } = await runLocal(
    ['--secret', 'secret=xyzzy', ...flags.split(' ')],
    [`../.tmp/migration/${file}`],
  );
  const last = stdout.trim().split('\n').at(-1) || '{}';
  expect({ stderr, principal: JSON.parse(last) }).toMatchObject({
    principal: { applicationId: world[principal].clientId, objectId: world[principal].objectId },
  });
});

describe('what the document says is different', () => {
  const managedIdentity = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'made-up' };
  const application = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: values.APPLICATION_ID };
  const servicePrincipal = { ...application, AZURE_CLIENT_SECRET: 'made-up' };
  const both = { ...managedIdentity, ...servicePrincipal };

  test("a host's identity comes before a service principal, and the diagnosis tells that the peer disagrees", () => {
    const { selected, defaultAzureCredential } = diagnose({ env: both });
    expect(selected).toMatchObject({ source: 'app-service', identity: 'system-assigned' });
    expect(defaultAzureCredential).toContain('EnvironmentCredential');
  });

  test('a pinned service principal stays', () => {
    expect(diagnose({ env: both, source: 'service-principal' }).selected?.source).toBe('service-principal');
  });

  test('AZURE_CLIENT_ID names a managed identity where it has no secret', () => {
    const { selected } = diagnose({ env: { ...managedIdentity, AZURE_CLIENT_ID: values.CLIENT_ID } });
    expect(selected?.identity).toContain(values.CLIENT_ID);
  });

  test.each([
    ['half-set variables', { IDENTITY_ENDPOINT: managedIdentity.IDENTITY_ENDPOINT }, 'ERR_SOURCE_INCOMPLETE'],
    ['App Service without an identity', { WEBSITE_SITE_NAME: 'shop' }, 'ERR_HOST_WITHOUT_IDENTITY'],
    [
      'a credential that is not offered',
      { ...managedIdentity, AZURE_TOKEN_CREDENTIALS: 'VisualStudioCodeCredential' },
      'ERR_SETTING_INVALID',
    ],
  ])('%s is an error', (_, env, code) => {
    expect(diagnose({ env }).problem?.code).toBe(code);
  });

  test('half-set variables do not stand in the way of a complete source', () => {
    const env = { IDENTITY_ENDPOINT: managedIdentity.IDENTITY_ENDPOINT, ...servicePrincipal };
    expect(diagnose({ env }).selected?.source).toBe('service-principal');
  });

  test.each(['managedIdentityClientId', 'managedIdentityResourceId'])('%s is refused', (name) => {
    expect(() => diagnose({ env: managedIdentity, [name]: 'x' })).toThrow('ERR_OPTION_INVALID');
  });
});
