import { describe, expect, test } from 'vitest';
import { ask, detect, expectNoSecret, indiscreet, marker, onTheWire, refusal, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { azureError, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { type Answer, fakeIo, forever, json, networkError, plain, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import { formatDiagnostics } from '../../diagnosis/report.ts';
import type { HttpReply, Machine } from '../../io.ts';
import { ExchangeError } from '../../io.ts';
import type { CredentialOptions } from '../../types.ts';
import { imds } from './imds.ts';

const tagOfAzure = '7783-7084-3265-9085-8269-3286-77';
const endpoint = 'http://169.254.169.254/metadata/identity/oauth2/token';
const pod = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:8000' };

/** A machine with this text in the file of its chassis's tag. */
function chassis(tag: string | null | undefined, platform = 'linux'): Machine {
  const readText = (path: string) => (path === '/sys/class/dmi/id/chassis_asset_tag' ? tag : undefined);
  return { platform, readText, hasFile: () => false, hasProgram: () => false };
}

describe("imds, by the machine's own fingerprint, is", () => {
  const tags: readonly (readonly [string, Machine, requests: number])[] = [
    ["with Azure's tag, without probe", chassis(`${tagOfAzure}\n`), 1],
    ['with an empty tag, to be probed', chassis('\n'), 2],
    ['with an unreadable tag, to be probed', chassis(null), 2],
    ['without tag, to be probed', chassis(undefined), 2],
    ['on Windows, to be probed', chassis(undefined, 'win32'), 2],
  ];

  test.each(tags)('a candidate %s', async (_, machine, requests) => {
    const offer = { endpoints: [new URL(endpoint)], identityKeys: ['clientId', 'objectId', 'resourceId'] };
    expect(detect(imds, {}, {}, machine)).toMatchObject({ verdict: 'unknown', offer });
    const { io, token } = ask({}, { answers: [plain(400), tokenReply()].slice(-requests), machine });
    await token;
    expect(io.requests).toHaveLength(requests);
  });

  test.each([
    ['with another tag', chassis('Default string\n')],
    ['on macOS', chassis(tagOfAzure, 'darwin')],
  ])('absent %s', (_, machine) => {
    expect(detect(imds, {}, {}, machine).verdict).toBe('absent');
  });

  test('unknown, and no candidate, while nobody has looked at the machine', () => {
    const detection = detect(imds, {});
    expect(detection.verdict).toBe('unknown');
    expect(detection).not.toHaveProperty('offer');
  });

  test('a candidate on Container Instances (Linux), whose chassis tells nothing, and waited for while it starts', async () => {
    const env = { IDENTITY_HEADER: 'h', IDENTITY_SERVER_THUMBPRINT: 't', IDENTITY_API_VERSION: '2020-05-01' };
    const machine = chassis('of an inner machine');
    const detection = detect(imds, env, {}, machine);
    expect(detection).toMatchObject({ verdict: 'unknown', offer: { host: 'Container Instances' } });
    const starting = Array.from({ length: 5 }, () => networkError('ECONNREFUSED'));
    const { io, token } = ask(env, { answers: [...starting, tokenReply()], machine });
    await token;
    expect(io.requests.map(onTheWire).at(-1)?.line).toContain(`GET ${endpoint}?`);
  });
});

const halfSet: readonly (readonly [string, AZURE_POD_IDENTITY_AUTHORITY_HOST: string, ErrorCode])[] = [
  ['no URL', 'localhost:8000', 'ERR_ENDPOINT_MALFORMED'],
  ['another scheme', 'ftp://127.0.0.1', 'ERR_ENDPOINT_MALFORMED'],
  ['a user name', 'http://me@127.0.0.1', 'ERR_ENDPOINT_MALFORMED'],
  ['a query', 'http://127.0.0.1/?a=b', 'ERR_ENDPOINT_MALFORMED'],
  ['a fragment', 'http://127.0.0.1/#a', 'ERR_ENDPOINT_MALFORMED'],
  ['a public address on plain http', 'http://metadata.example.com', 'ERR_ENDPOINT_PUBLIC'],
];

describe('imds at another address is', () => {
  test.each<[string, string, string]>([
    ['that of the metadata service', 'http://169.254.169.254', endpoint],
    ['a proxy on this machine', 'http://localhost:8000', 'http://localhost:8000/metadata/identity/oauth2/token'],
    ['with a slash at its end', 'http://127.0.0.1:8000/', 'http://127.0.0.1:8000/metadata/identity/oauth2/token'],
    ['with a path', 'http://127.0.0.1:8000/a//', 'http://127.0.0.1:8000/a/metadata/identity/oauth2/token'],
    [
      'with a path like a host',
      'http://127.0.0.1//a.example',
      'http://127.0.0.1//a.example/metadata/identity/oauth2/token',
    ],
    ['https', 'https://metadata.example.com', 'https://metadata.example.com/metadata/identity/oauth2/token'],
  ])('found: %s, without probe', async (_, AZURE_POD_IDENTITY_AUTHORITY_HOST, url) => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST };
    const detection = detect(imds, env, {}, chassis('x', 'darwin'));
    expect(detection).toMatchObject({ verdict: 'found', offer: { endpoints: [new URL(url)] } });
    const { io, token } = ask(env, { answers: [tokenReply()] });
    await token;
    expect(io.requests.map((request) => request.url.href.split('?')[0])).toEqual([url]);
  });

  test.each(halfSet)('half-set: %s', (_, AZURE_POD_IDENTITY_AUTHORITY_HOST, code) => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST };
    expect(detect(imds, env)).toMatchObject({ verdict: 'partial', missing: [], problem: { code } });
    expect(problemOf(imds, env).cause).toContain('AZURE_POD_IDENTITY_AUTHORITY_HOST');
  });

  test('not said by a blank', () => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: '  ' };
    expect(detect(imds, env, {}, chassis('Default string')).verdict).toBe('absent');
  });
});

describe('the golden file', () => {
  test.each(goldenRows('imds'))('%s', (_, row) => expectHostExchange('imds', row));
});

const found = 'ERR_IDENTITY_NOT_FOUND';
const assign = 'az vm identity assign -g GROUP -n VM';
const addVault = 'az ad sp create --id cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
const listTrust = 'az ad app federated-credential list --id CLIENT_ID';
const backOff = [0, 2, 8, 22, 52];
const create =
  'az ad app federated-credential create --id CLIENT_ID --parameters \'{"name":"msi-credential","issuer":"ISSUER","subject":"SUBJECT","audiences":["api://AzureADTokenExchange"]}\'';
/** https://github.com/Azure/azure-workload-identity/blob/main/pkg/proxy/proxy.go */
const relayed = "failed to acquire token: AADSTS700213: No matching record for assertion subject 'system:x'.";
const html = '<html>Forbidden by the company</html>';
const notAssigned = refusal(400, 'invalid_request', 'Identity not found');
const several = refusal(400, 'invalid_request', 'Multiple user assigned identities exist, please specify');
type Refused = readonly [string, HttpReply, ErrorCode, runs: string[], times: number[], options?: CredentialOptions];
const refusals: readonly Refused[] = [
  ['400, no system-assigned identity', notAssigned, found, [assign], [0]],
  ['400, not assigned', notAssigned, found, [`${assign} --identities RESOURCE_ID`], [0], { clientId: world.clientId }],
  ['400, several', several, found, [assign], [0]],
  ['400, plain text', plain(400, 'Identity not found.'), found, [assign], [0]],
  ['400, without a client id', plain(400, 'The client_id parameter is required.'), found, [], [0]],
  ['400, resource', refusal(400, 'invalid_resource', 'AADSTS500011: no'), 'ERR_REFUSED', [addVault], [0]],
  ['400, resource of old', refusal(400, 'invalid_resource', 'AADSTS50001: no'), 'ERR_REFUSED', [addVault], [0]],
  ['400, resource in other words', refusal(400, 'invalid_resource', 'no'), 'ERR_REFUSED', [], [0]],
  ['401, source', refusal(401, 'unknown_source'), 'ERR_REFUSED', [], [0]],
  ['403, pod', plain(403, 'azureidentity is not configured for the pod'), found, [], [0]],
  ['403, pod, in newer words', plain(403, 'no AzureAssignedIdentity found for pod:a/b'), found, [], [0]],
  ['403, proxy', plain(403, html), 'ERR_REFUSED', [], [0]],
  [
    '403, Docker Desktop',
    plain(403, 'connecting to 169.254: unreachable network'),
    'ERR_PROBE_FAILED',
    ['az login'],
    [0],
  ],
  ['405', refusal(405, 'method_not_allowed'), 'ERR_REFUSED', [], [0]],
  ['302', plain(302, '', { location: 'http://a.example' }), 'ERR_REFUSED', [], [0]],
  ['404, being updated', json(404, { error: 'Not found' }), 'ERR_REFUSED', [], backOff],
  ['404, binding not ready', plain(404, 'no AzureAssignedIdentity found for pod:a/b'), 'ERR_REFUSED', [], backOff],
  ['429', refusal(429, 'invalid_request', 'Temporarily throttled'), 'ERR_THROTTLED', [], backOff],
  ['429, wait 10 s', refusal(429, 'x', 'y', { 'retry-after': '10' }), 'ERR_THROTTLED', [], [0, 10, 20, 34, 64]],
  ['429, wait an hour', refusal(429, 'x', 'y', { 'retry-after': '3600' }), 'ERR_THROTTLED', [], [0]],
  ['500, of Entra', refusal(500, 'unknown', 'Failed to retrieve token'), 'ERR_REFUSED', [], backOff],
  ['500, restarting', plain(500, 'restarting'), 'ERR_REFUSED', [], backOff],
  ['500, a proxy hands on what Entra has refused', plain(500, relayed), 'ERR_REFUSED', [listTrust, create], [0]],
  ['500, a proxy hands on what may pass', plain(500, 'AADSTS90033: transient'), 'ERR_REFUSED', [], backOff],
  ['502, proxy', plain(502, html), 'ERR_REFUSED', [], backOff],
];
const refused = ([, answer, , , , options]: Refused) => ask(pod, { answers: [forever(answer)] }, options);

describe('imds, asked', () => {
  test.each<[string, CredentialOptions, string]>([
    ['the system-assigned identity', {}, ''],
    ['one by client id', { clientId: world.clientId }, `&client_id=${world.clientId}`],
    ['one by object id', { objectId: world.objectId }, `&object_id=${world.objectId}`],
    ['one by resource id', { resourceId: world.resourceId }, `&msi_res_id=${encodeURIComponent(world.resourceId)}`],
  ])('for %s sends one GET', async (_, options, selector) => {
    const { io, token } = ask({}, { answers: [tokenReply()], machine: chassis(tagOfAzure) }, options);
    await token;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET ${endpoint}?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net${selector}`,
        headers: { metadata: 'true' },
      },
    ]);
  });

  test.each(refusals.map((row) => [row[0], row] as const))('status %s', async (_, row) => {
    const [, answer, code, runs, expected] = row;
    const { token, times } = refused(row);
    const explanation = await explanationOfFailure(token);
    expect(explanation).toMatchObject({ code, status: answer.status });
    expect(runsOf(explanation)).toEqual(runs);
    expect(times).toEqual(expected);
  });

  test('asks for longer than the 70 s for which it may answer 410', async () => {
    const { token, times } = ask(pod, { answers: [forever(plain(410))] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_REFUSED', status: 410 });
    expect(times).toEqual([0, 5, 15, 25, 35, 45, 55, 65, 75]);
  });

  test.each<[string, Answer[]]>([
    ['404', [json(404, {}), json(404, {}), tokenReply()]],
    ['410 for 70 s', [...Array.from({ length: 7 }, () => plain(410)), tokenReply()]],
    ['429 with a date', [refusal(429, 'x', 'y', { 'retry-after': 'Mon, 23 Nov 2026 00:00:30 GMT' }), tokenReply()]],
    ['5xx', [plain(500), plain(503), tokenReply()]],
    ['a connection that was refused', [networkError('ECONNREFUSED'), tokenReply()]],
    ['each of them', [plain(410), json(404, {}), plain(500), plain(410), tokenReply()]],
  ])('gets its token after %s', async (_, answers) => {
    const { io, token } = ask(pod, { answers });
    await token;
    expect(io.requests).toHaveLength(answers.length);
  });

  test.each(indiscreet(`eyJ${marker}.eyJ.c2ln`).map((answer) => [answer]))('repeats no token after %o', (answer) =>
    expectNoSecret(ask(pod, { answers: [answer] })),
  );
});

describe('the probe', () => {
  const unreadable = { ...chassis(null), hasProgram: (name: string) => name === 'az' };
  const timeout = new ExchangeError('timeout', 'no answer within 1000 ms');

  test('is one GET without the Metadata header and a query, a second long at most', async () => {
    const answers = [refusal(400, 'invalid_request', 'Required metadata header not specified'), tokenReply()];
    const { io, token } = ask({}, { answers, machine: unreadable });
    await token;
    expect(io.requests.map(({ timeoutMs, ...request }) => [onTheWire(request as never), timeoutMs])).toEqual([
      [{ line: `GET ${endpoint}`, headers: {} }, 1_000],
      [
        {
          line: `GET ${endpoint}?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net`,
          headers: { metadata: 'true' },
        },
        10_000,
      ],
    ]);
  });

  const onHardware = { ...chassis(tagOfAzure), hasProgram: unreadable.hasProgram };

  test.each<[string, Answer, requests: number, atMost: number, reason: string]>([
    ['refuses', networkError('ECONNREFUSED'), 2, 0.5, 'ECONNREFUSED'],
    ['is silent', timeout, 2, 0.5, 'no answer'],
    ['is blocked', networkError('ETIMEDOUT'), 2, 0.5, 'ETIMEDOUT'],
    ['hangs up', networkError('ECONNRESET'), 2, 0.5, 'ECONNRESET'],
    ['has no route', networkError('EHOSTUNREACH'), 1, 0, 'EHOSTUNREACH'],
    ['knows no such pod', plain(404, 'no identity for this pod'), 1, 0, '404'],
    ['knows no such pod, in other words', plain(403, 'no AzureAssignedIdentity found for pod a/b'), 1, 0, '403'],
    ['is a sign-in page', plain(200, html), 1, 0, '200'],
    ['is a proxy that fails', plain(503, 'upstream connect error'), 1, 0, '503'],
    ["is a proxy's page that asks for a pause", plain(429, html, { 'retry-after': '30' }), 1, 0, '429'],
  ])("lets the next candidate try on Azure's hardware, too, where the address %s", async (...row) => {
    const [, answer, requests, atMost, reason] = row;
    const { io, token, times, credential } = ask({}, { answers: [forever(answer)], machine: onHardware });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests).toHaveLength(requests);
    expect(times.at(-1)).toBeLessThanOrEqual(atMost);
    expect(credential.diagnostics).toMatchObject({ status: 'chosen', selected: { source: 'azure-cli' } });
    expect(credential.diagnostics.skipped).toEqual([{ source: 'imds', reason: expect.stringContaining(reason) }]);
    expect(formatDiagnostics(credential.diagnostics)).toMatch(new RegExp(`Skipped: imds.*${reason}`));
  });

  test('lets the next candidate try where only the request for a token shows that it is another service', async () => {
    const answers = [plain(400, 'metadata header not specified'), plain(404, 'no identity for this pod')];
    const { token, times, credential } = ask({}, { answers, machine: onHardware });
    expect((await token).token).toBe('from-azure-identity');
    expect(times).toEqual([0, 0]);
    expect(credential.diagnostics.skipped).toEqual([
      { source: 'imds', reason: expect.stringContaining('no identity for this pod') },
    ]);
  });

  const server = { server: 'IMDS/150.870.65.1475' };
  test.each<[string, Answer[], code: ErrorCode]>([
    ['503 under its own name', [() => plain(503, '', server)], 'ERR_REFUSED'],
    ['404 under its own name', [() => plain(404, '', server)], 'ERR_REFUSED'],
    ['410 under its own name', [() => plain(410, '', server)], 'ERR_REFUSED'],
    ['429 without a name', [() => plain(429)], 'ERR_THROTTLED'],
    ['500 in its own words', [() => refusal(500, 'unknown', 'Failed to retrieve token')], 'ERR_REFUSED'],
    ["500 with Entra's own refusal", [() => plain(500, relayed)], 'ERR_REFUSED'],
    ['silence after it was there', [plain(400), () => networkError('ECONNRESET')], 'ERR_UNREACHABLE'],
    ['no time after it was there', [plain(400), () => timeout], 'ERR_TIMEOUT'],
  ])('never lets the next candidate try in an outage: %s', async (_, answers, code) => {
    const given = answers.map((answer) => (typeof answer === 'function' ? forever(answer) : answer));
    for (const machine of [onHardware, unreadable]) {
      const { token, made } = ask({}, { answers: [...given], machine }, { timeoutMs: 200_000 });
      await expect(token).rejects.toMatchObject({ code, source: 'imds' });
      expect(made).toEqual([]);
    }
  });

  test.each<[string, Answer]>([
    ['nobody answers', timeout],
    ['the network is unreachable', networkError('ENETUNREACH')],
    ['a proxy answers for it', plain(403, '<html>')],
    ['a proxy does not find it', plain(502)],
    ['Docker Desktop answers for it', plain(403, 'connecting to 169.254.169.254:80: dial tcp: unreachable host')],
  ])('lets the next candidate try when %s, after one request', async (_, answer) => {
    const { io, token, made } = ask({}, { answers: [answer], machine: unreadable });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests).toHaveLength(1);
    expect(made.map(({ credential }) => credential)).toEqual(['AzureCliCredential']);
  });

  test.each<[string, Answer]>([
    ['400', plain(400)],
    ['404 of the service itself', plain(404, '', { server: 'IMDS/150.870.65.1475' })],
    ['429 of the service itself', plain(429, '', { server: 'IMDS/150.870.65.1475' })],
  ])('takes %s for an answer', async (_, answer) => {
    const { io, token } = ask({}, { answers: [answer, tokenReply()], machine: unreadable });
    await token;
    expect(io.requests).toHaveLength(2);
  });

  test('is not sent where the fingerprint or the environment has spoken', async () => {
    for (const [env, machine] of [
      [{}, chassis(tagOfAzure)],
      [pod, onHardware],
    ] as const) {
      const { io, token } = ask(env, { answers: [tokenReply()], machine });
      await token;
      expect(io.requests).toHaveLength(1);
    }
  });

  test('is not remembered when it failed', async () => {
    const io = fakeIo({ answers: [timeout], machine: chassis(null) });
    const credential = credentialIn(createWorld(io), { env: {}, source: 'imds' });
    await expect(io.settle(credential.getToken('https://vault.azure.net/.default'))).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_PROBE_FAILED',
    });
    io.answers = [refusal(400, 'invalid_request'), tokenReply()];
    await io.settle(credential.getToken('https://vault.azure.net/.default'));
  });
});

const silences: readonly (readonly [string, Error, ErrorCode])[] = [
  ['refused', networkError('ECONNREFUSED'), 'ERR_UNREACHABLE'],
  ['unknown', networkError('ENOTFOUND'), 'ERR_UNREACHABLE'],
  ['silent', new ExchangeError('timeout', 'no answer'), 'ERR_TIMEOUT'],
];
const onAzure = (answer: Answer) => ask({}, { answers: [forever(answer)], machine: chassis(tagOfAzure) });

test.each(silences)('an address that is %s is told with the variable that it comes from', async (_, answer, code) => {
  await expect(ask(pod, { answers: [forever(answer)] }).token).rejects.toMatchObject({
    code,
    hint: expect.stringContaining('AZURE_POD_IDENTITY_AUTHORITY_HOST'),
  });
  const { hint } = await onAzure(answer).token.catch((error) => error);
  expect(hint).not.toContain('AZURE_POD');
});

/** What the service says to a question without its header. */
const probed = refusal(400, 'invalid_request', 'Required metadata header not specified');

describe('"identity not found"', () => {
  const machine = { ...chassis(tagOfAzure), hasProgram: (name: string) => name === 'az' };

  test('of a mere candidate lets the next one try', async () => {
    expect((await ask({}, { answers: [probed, notAssigned], machine }).token).token).toBe('from-azure-identity');
  });

  test('of a candidate is kept when nobody else has a token', async () => {
    const azureIdentity = fakeAzureIdentity(() => azureError('CredentialUnavailableError', "Please run 'az login'"));
    await expect(ask({}, { answers: [probed, notAssigned], machine, azureIdentity }).token).rejects.toMatchObject({
      code: 'ERR_NO_SOURCE',
      message: expect.stringMatching(/Identity not found.*az login/s),
      errors: [{ code: 'ERR_IDENTITY_NOT_FOUND' }, { code: 'ERR_TOOL_UNAVAILABLE' }],
    });
  });

  test.each<[string, Record<string, string>, CredentialOptions]>([
    ['of a pinned source', {}, { source: 'imds' }],
    ['of an announced source', pod, {}],
  ])('%s is final', async (_, env, options) => {
    const { token, made } = ask(env, { answers: [notAssigned], machine }, options);
    await expect(token).rejects.toMatchObject({ code: 'ERR_IDENTITY_NOT_FOUND', status: 400, source: 'imds' });
    expect(made).toEqual([]);
  });
});

test('the wording of each problem', async () => {
  const noToken = azureError('CredentialUnavailableError', "Please run 'az login'");
  const machine = { ...chassis(tagOfAzure), hasProgram: (name: string) => name === 'az' };
  const azureIdentity = fakeAzureIdentity(() => noToken);
  const probing = (answer: Answer) => ask({}, { answers: [answer], machine: chassis(null) }, { source: 'imds' });
  const told = await Promise.all([
    ...halfSet.map(
      ([title, address]) =>
        [`half-set: ${title}`, problemOf(imds, { AZURE_POD_IDENTITY_AUTHORITY_HOST: address })] as const,
    ),
    ...refusals.map((row) => failing(row[0], refused(row).token)),
    ...silences.map(([title, answer]) =>
      failing(`an address that is ${title}`, ask(pod, { answers: [forever(answer)] }).token),
    ),
    ...silences.map(([title, answer]) => failing(`Azure's own address is ${title}`, onAzure(answer).token)),
    failing('a probe without an answer', probing(networkError('ENETUNREACH')).token),
    failing('a probe that something else answers', probing(plain(403, '<html>')).token),
    failing('no candidate has a token', ask({}, { answers: [probed, notAssigned], machine, azureIdentity }).token),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/imds.txt');
});
