import { describe, expect, test, vi } from 'vitest';
import { detect } from '../../test/ask.ts';
import { catalogueOf } from '../../test/catalogue.ts';
import { fakeIo } from '../../test/fake-io.ts';
import { seeded } from '../../test/seeded.ts';
import { createWorld, credentialIn } from '../credential.ts';
import type { Machine } from '../io.ts';
import { sources } from '../sources/index.ts';
import type { Environment, Problem, SelectOptions, Source, SourceName } from '../types.ts';
import { identityOf } from './identity.ts';
import { observedVariables, select, steeringVariables } from './select.ts';

const nothing: Machine = {
  platform: 'darwin',
  hasFile: () => false,
  readText: () => undefined,
  hasProgram: () => false,
};
const withAz: Machine = { ...nothing, hasProgram: (name) => name === 'az' };
const guid = 'a0000000-0000-4000-8000-0000000000c2';

const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'h' };
const servicePrincipal = { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid, AZURE_CLIENT_SECRET: 's' };

const sourceNamed = (name: SourceName) => sources.find((each) => each.name === name) as Source;

/** The choice in one word: a source, `candidates: ...`, or a code. */
function chosen(env: Environment, options: SelectOptions = {}, machine = nothing): string {
  const { choice } = select(env, options, machine);
  if (choice.kind === 'chosen') return choice.candidate.source.name;
  if (choice.kind === 'candidates')
    return `candidates: ${choice.candidates.map(({ source }) => source.name).join(', ')}`;
  return choice.problem.code;
}

function problemIn(env: Environment, options: SelectOptions = {}, machine = nothing): Problem {
  const { choice } = select(env, options, machine);
  if (choice.kind !== 'problem') throw new Error(`It is ${choice.kind}.`);
  return choice.problem;
}

/** What limits the choice; what the cause names, whose advice is given, and how the limit ends. */
const limits: [
  title: string,
  Environment,
  SelectOptions,
  { names: readonly string[]; advised: readonly SourceName[]; lift: readonly string[] },
][] = [
  ['nothing', {}, {}, { names: [], advised: ['app-service', 'azure-cli', 'service-principal'], lift: [] }],
  [
    'AZURE_TOKEN_CREDENTIALS',
    { AZURE_TOKEN_CREDENTIALS: 'DEV' },
    {},
    {
      names: ['AZURE_TOKEN_CREDENTIALS=dev', ': azure-cli, azure-developer-cli, azure-powershell.'],
      advised: ['azure-cli'],
      lift: ['unset AZURE_TOKEN_CREDENTIALS'],
    },
  ],
  [
    'AZURE_TOKEN_CREDENTIALS to one that has its own advice',
    { AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential' },
    {},
    {
      names: ['AZURE_TOKEN_CREDENTIALS=WorkloadIdentityCredential', ': workload-identity.'],
      advised: ['workload-identity'],
      lift: ['unset AZURE_TOKEN_CREDENTIALS'],
    },
  ],
  [
    'the option source, which comes first',
    { AZURE_TOKEN_CREDENTIALS: 'dev' },
    { source: 'app-service' },
    { names: ['option source', ': app-service.'], advised: ['app-service'], lift: ['the option source'] },
  ],
];

describe('the choice', () => {
  test.each<[string, Environment, string]>([
    ['one found', appService, 'app-service'],
    ['the first of two found', { ...servicePrincipal, ...appService }, 'app-service'],
    ['a found one behind a half-set one', { ...servicePrincipal, WEBSITE_SITE_NAME: 'shop' }, 'service-principal'],
    ['a half-set one where none is found', { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi' }, 'ERR_SOURCE_INCOMPLETE'],
    [
      'the first of two half-set ones',
      { WEBSITE_SITE_NAME: 'shop', AZURE_CLIENT_SECRET: 's' },
      'ERR_HOST_WITHOUT_IDENTITY',
    ],
    ['a secret without its tenant', { ...servicePrincipal, AZURE_TENANT_ID: '' }, 'ERR_SOURCE_INCOMPLETE'],
    ['a lone client id', { AZURE_CLIENT_ID: guid }, 'ERR_NO_SOURCE'],
    ['nothing at all', {}, 'ERR_NO_SOURCE'],
  ])('%s', (_, env, expected) => {
    expect(chosen(env)).toBe(expected);
  });

  test('falls to the developer tools only when the environment is silent', () => {
    expect(chosen({}, {}, withAz)).toBe('candidates: azure-cli');
    expect(chosen(servicePrincipal, {}, withAz)).toBe('service-principal');
    expect(chosen({ WEBSITE_SITE_NAME: 'shop' }, {}, withAz)).toBe('ERR_HOST_WITHOUT_IDENTITY');
  });

  test('does not look at the machine when the environment has announced a source', () => {
    const untouchable = new Proxy(nothing, { get: () => expect.unreachable('the machine was looked at') });
    expect(chosen(appService, {}, untouchable)).toBe('app-service');
  });

  test('names what is nearly there', () => {
    const { code, cause, fix } = problemIn({ AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid });
    expect([code, fix.length]).toEqual(['ERR_NO_SOURCE', 1]);
    for (const name of ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH']) {
      expect(cause).toContain(name);
      expect(fix[0]?.text).toContain(name);
    }
  });

  test("leads with the host's own advice where the same ids could be a service principal's", () => {
    const { fix } = problemIn({ GITHUB_ACTIONS: 'true', AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid });
    const leads = fix.map(({ text = '' }) => text.split(':')[0]);
    expect(leads).toEqual([sourceNamed('github-actions').title, sourceNamed('service-principal').title]);
  });

  // What limits the choice is named, and nothing is advised that it would not let through.
  test.each(limits)('limited by %s and empty-handed', (_, env, options, { names, advised, lift }) => {
    const { code, cause, fix } = problemIn(env, options);
    expect(code).toBe('ERR_NO_SOURCE');
    for (const name of names) expect(cause).toContain(name);
    // Without the first letter, which may be a capital.
    const steps = [...advised.map((name) => sourceNamed(name).advice), ...lift.map((text) => ({ text }))];
    expect(fix).toEqual(steps.map(({ text, ...run }) => ({ text: expect.stringContaining(text.slice(1)), ...run })));
  });

  test.each<[string, string]>([
    ['dev', 'candidates: azure-cli'],
    ['DEV', 'candidates: azure-cli'],
    ['prod', 'app-service'],
    ['EnvironmentCredential', 'service-principal'],
    ['managedidentitycredential', 'app-service'],
    ['AzureCliCredential', 'candidates: azure-cli'],
    [' ', 'app-service'],
    ['VisualStudioCodeCredential', 'ERR_SETTING_INVALID'],
    ['brokercredential', 'ERR_SETTING_INVALID'],
    ['constructor', 'ERR_SETTING_INVALID'],
    ['__proto__', 'ERR_SETTING_INVALID'],
  ])('AZURE_TOKEN_CREDENTIALS=%s', (AZURE_TOKEN_CREDENTIALS, expected) => {
    expect(chosen({ ...appService, ...servicePrincipal, AZURE_TOKEN_CREDENTIALS }, {}, withAz)).toBe(expected);
  });

  // What DefaultAzureCredential of @azure/identity takes: all are known here, though not all are offered.
  test('AZURE_TOKEN_CREDENTIALS is never a value of the Azure SDKs that is "not known"', async () => {
    const { readFile } = await import('node:fs/promises');
    const { createRequire } = await import('node:module');
    const entry = createRequire(import.meta.url).resolve('@azure/identity');
    const text = await readFile(new URL('credentials/defaultAzureCredential.js', `file://${entry}`), 'utf8');
    const values = [...text.matchAll(/^\s+case "(\w+)":$/gm)].map((match) => match[1] as string);
    expect(values).toContain('visualstudiocodecredential');
    for (const AZURE_TOKEN_CREDENTIALS of values) {
      const { code, cause } = problemIn({ AZURE_TOKEN_CREDENTIALS });
      // One that is not known is not repeated, since it may be anything.
      if (code === 'ERR_SETTING_INVALID') expect(cause.toLowerCase()).toContain(AZURE_TOKEN_CREDENTIALS);
    }
  });

  test('tells of a credential that is not offered what to use instead', () => {
    const env = { AZURE_TOKEN_CREDENTIALS: ' visualstudiocodecredential' };
    expect(problemIn(env, {}, withAz)).toMatchObject({
      code: 'ERR_SETTING_INVALID',
      cause: expect.stringContaining('VisualStudioCodeCredential'),
      fix: [{ text: expect.stringContaining('AZURE_TOKEN_CREDENTIALS=dev') }],
    });
  });

  test('repeats no value of AZURE_TOKEN_CREDENTIALS that it does not know', () => {
    const problem = problemIn({ AZURE_TOKEN_CREDENTIALS: 'MARKER' });
    expect(problem.code).toBe('ERR_SETTING_INVALID');
    expect(JSON.stringify(problem)).not.toContain('MARKER');
  });

  test('can be pinned to one source, or to a list in its order', () => {
    const both = { ...appService, ...servicePrincipal };
    expect(chosen(both, { source: 'service-principal' })).toBe('service-principal');
    expect(chosen(both, { source: ['service-principal', 'app-service'] })).toBe('service-principal');
    expect(chosen(appService, { source: 'service-principal' })).toBe('ERR_NO_SOURCE');
    expect(() => chosen(both, { source: 'nonsense' as 'imds' })).toThrow(TypeError);
  });
});

describe('a federated credential', () => {
  const federatedCredential = { clientId: guid, tenantId: 'contoso.com' };
  const chassis: Machine = { ...nothing, platform: 'linux', readText: () => '7783-7084-3265-9085-8269-3286-77' };

  test('does not make its own source one that is passed over', () => {
    const options = { federatedCredential, clientId: guid };
    expect(credentialIn(createWorld(fakeIo()), { env: appService, ...options }).diagnostics.shadowed).toEqual([]);
  });

  test.each<[string, Environment, SelectOptions, string]>([
    ['is chosen with a user-assigned identity', appService, { federatedCredential, clientId: guid }, 'app-service'],
    ['needs a user-assigned identity', appService, { federatedCredential }, 'ERR_IDENTITY_UNSUPPORTED'],
    ['needs one on a virtual machine too', {}, { federatedCredential }, 'ERR_IDENTITY_UNSUPPORTED'],
    ['is a candidate on a virtual machine', {}, { federatedCredential, clientId: guid }, 'candidates: imds'],
    ['needs a managed identity', servicePrincipal, { federatedCredential, clientId: guid }, 'ERR_IDENTITY_UNSUPPORTED'],
    [
      'needs a tenant that can be one',
      appService,
      { federatedCredential: { clientId: guid, tenantId: 'a/b' }, clientId: guid },
      'ERR_SETTING_INVALID',
    ],
  ])('%s', (_, env, options, expected) => {
    expect(chosen(env, options, chassis)).toBe(expected);
  });
});

describe('the identity', () => {
  test.each<[string, Environment, SelectOptions, object]>([
    ['is the system-assigned one by default', {}, {}, { kind: 'system-assigned' }],
    [
      'is named by an option',
      { AZURE_CLIENT_ID: 'x' },
      { resourceId: '/r' },
      { by: 'resourceId', id: '/r', from: 'the option resourceId' },
    ],
    [
      'is named by its own variable first',
      { AZURE_CLIENT_ID: 'x', AZURE_MANAGED_IDENTITY_CLIENT_ID: 'y' },
      {},
      { by: 'clientId', id: 'y' },
    ],
    ['is named by AZURE_CLIENT_ID', { AZURE_CLIENT_ID: 'x' }, {}, { by: 'clientId', id: 'x', from: 'AZURE_CLIENT_ID' }],
    ['is not the application of a secret', servicePrincipal, {}, { kind: 'system-assigned' }],
    [
      'is not the application of a certificate',
      { AZURE_CLIENT_ID: 'x', AZURE_CLIENT_CERTIFICATE_PATH: '/c' },
      {},
      { kind: 'system-assigned' },
    ],
    ['is not a blank', { AZURE_CLIENT_ID: ' ' }, {}, { kind: 'system-assigned' }],
  ])('%s', (_, env, options, expected) => {
    expect(identityOf(env, options)).toMatchObject(expected);
  });

  test.each<SelectOptions>([{ clientId: 'a', objectId: 'b' }, { objectId: 'a', resourceId: 'b' }, { clientId: '' }])(
    '%j is misuse',
    (options) => {
      expect(() => identityOf({}, options)).toThrow(TypeError);
    },
  );
});

describe('every source', () => {
  test.each(sources.map((source) => [source.name, source] as const))(
    '%s has the same members in the same order',
    async (name, source) => {
      const members = ['name', 'title', 'family', 'variables', 'advice', 'announced', 'onMachine'];
      // Not every source looks at the machine.
      expect(Object.keys(source)).toEqual(source.onMachine ? members : members.slice(0, -1));
      const file = Object.values(await import(`../sources/${source.family}/${name}.ts`)) as unknown[];
      expect(file).toContain(source);
    },
  );

  test.each(sources.map((source) => [source.name, source] as const))(
    '%s is silent about an empty environment',
    (_, source) => {
      expect(['absent', 'unknown']).toContain(detect(source, {}, {}, nothing).verdict);
    },
  );
});

describe('the variables that are listed', () => {
  /** A value that each can have on a host; the paths also decide what the machine is asked. */
  const values: Record<string, readonly string[]> = {
    IDENTITY_ENDPOINT: ['http://127.0.0.1:1/msi', 'https://localhost:1/msi'],
    MSI_ENDPOINT: ['http://127.0.0.1:1/msi'],
    AZURE_POD_IDENTITY_AUTHORITY_HOST: ['http://127.0.0.1:1'],
    SYSTEM_OIDCREQUESTURI: ['https://localhost:1/oidc'],
    ACTIONS_ID_TOKEN_REQUEST_URL: ['https://localhost:1/oidc'],
    AZURE_AUTHORITY_HOST: ['https://login.microsoftonline.us'],
    AZURE_KUBERNETES_TOKEN_PROXY: ['https://localhost:1'],
    AZURE_FUNCTIONS_ENVIRONMENT: ['Development', 'Production'],
    IDENTITY_SERVER_THUMBPRINT: ['a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'],
    AZURE_FEDERATED_TOKEN_FILE: ['/token'],
    AZURE_TOKEN_CREDENTIALS: ['dev', 'prod', 'nonsense'],
    AZUREML_RUN_ID: ['run'],
  };
  const listed = [...sources.flatMap(({ variables }) => variables), ...steeringVariables];
  const names = [...new Set([...listed, 'AZUREML_RUN_ID'])].filter((name) => !name.endsWith('*'));

  const random = seeded(1);
  const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)] as T;
  /** Of three in four rows few variables are set, of the others most. */
  const rows: readonly Environment[] = Array.from({ length: 4000 }, (_, row) => {
    const share = row % 4 === 0 ? 0.8 : 0.15;
    const set = names.filter(() => random() < share);
    return Object.fromEntries(set.map((name) => [name, pick(values[name] ?? [guid])]));
  });

  /** What is read of it, by name or by going through all names. */
  function recording(env: Environment, read: Set<string>): Environment {
    const noted = (name: string) => {
      read.add(name.replace(/^AZUREML_.*/, 'AZUREML_*'));
      return env;
    };
    return new Proxy(env, {
      get: (_, name: string) => noted(name)[name],
      has: (_, name: string) => name in noted(name),
      ownKeys: () => Reflect.ownKeys(noted('AZUREML_*')),
    });
  }
  const machines = [
    { platform: 'linux', readText: () => '7783-7084-3265-9085-8269-3286-77' },
    { platform: 'linux' },
    { platform: 'win32' },
  ].map((machine) => ({
    ...nothing,
    ...machine,
    hasProgram: (_: string, env: Environment) => env.PATH !== undefined,
  }));

  test.each(sources.map((source) => [source.name, source] as const))(
    'of %s are all that it reads, and no others',
    (_, source) => {
      const read = new Set<string>();
      for (const env of rows) {
        for (const machine of [undefined, ...machines]) detect(source, recording(env, read), {}, machine);
      }
      expect([...read].toSorted()).toEqual([...source.variables].toSorted());
    },
  );

  test('are all that the choice reads', () => {
    const read = new Set<string>();
    for (const env of rows) for (const machine of machines) select(recording(env, read), {}, machine);
    expect([...read].toSorted()).toEqual([...new Set([...listed, ...observedVariables])].toSorted());
  });
});

test('the wording of each problem', async () => {
  const federatedCredential = { clientId: guid, tenantId: 'contoso.com' };
  const rows: [string, Environment, SelectOptions?][] = [
    ['ids without a secret', { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid }],
    ['a job without a token', { GITHUB_ACTIONS: 'true', AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid }],
    ...limits.map(([title, env, options]): [string, Environment, SelectOptions] => [
      `limited by ${title}`,
      env,
      options,
    ]),
    ['a credential that is not offered', { AZURE_TOKEN_CREDENTIALS: 'VisualStudioCodeCredential' }],
    ['a credential that is not known', { AZURE_TOKEN_CREDENTIALS: 'nonsense' }],
    ['a federated credential of the system-assigned identity', appService, { federatedCredential }],
    ['a federated credential of an application', servicePrincipal, { federatedCredential, clientId: guid }],
  ];
  const told = rows.map(([title, env, options]) => [title, problemIn(env, options)] as const);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/select.txt');
});

describe('after the first source found', () => {
  const environment = () => ({ ...appService }) as Record<string, string | undefined>;

  test('no other is asked, until somebody reads the diagnosis', () => {
    const asked: SourceName[] = [];
    const spies = sources.map((source) => {
      const { announced } = source;
      return vi.spyOn(source, 'announced').mockImplementation((env, options) => {
        asked.push(source.name);
        return announced(env, options);
      });
    });
    const selection = select(environment(), {}, nothing);
    expect(asked).toEqual(['service-fabric', 'app-service']);
    expect(selection.detections.map(({ source }) => source)).toEqual(sources);
    expect(selection.detections).toBe(selection.detections);
    expect(asked).toEqual(sources.map(({ name }) => name));
    for (const spy of spies) spy.mockRestore();
  });

  test.each<[what: string, then: (env: Record<string, string | undefined>) => void, before: Environment]>([
    ['a variable that is set later', (env) => Object.assign(env, servicePrincipal), {}],
    ['a variable that is unset later', (env) => delete env.AZURE_CLIENT_SECRET, servicePrincipal],
    ['a variable known by its prefix', (env) => Object.assign(env, { AZUREML_RUN_ID: 'r' }), {}],
    ['the variable that limits the choice', (env) => Object.assign(env, { AZURE_TOKEN_CREDENTIALS: 'dev' }), {}],
  ])('the diagnosis does not see %s', (_, change, before) => {
    const io = fakeIo({});
    const env = { ...environment(), ...before };
    const credential = credentialIn(createWorld(io), { env });
    const expected = credentialIn(createWorld(io), { env: { ...env } }).diagnostics;
    change(env);
    expect(credential.diagnostics).toEqual(expected);
  });
});
