import { describe, expect, test } from 'vitest';
import {
  ask,
  expectGolden,
  expectNoSecret,
  goldenRows,
  indiscreet,
  marker,
  onTheWire,
  refusal,
  world,
} from '../../../test/ask.ts';
import { azureError, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { type Answer, fakeIo, json, tokenReply } from '../../../test/fake-io.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { HttpReply, Machine } from '../../io.ts';
import { ExchangeError } from '../../io.ts';
import type { CredentialOptions } from '../../types.ts';
import { imds } from './imds.ts';

const tagOfAzure = '7783-7084-3265-9085-8269-3286-77';
const endpoint = 'http://169.254.169.254/metadata/identity/oauth2/token';
const pod = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:8000' };
const plain = (status: number, body: string): HttpReply => ({ status, headers: {}, body });

/** A machine with this text in the file of its chassis's tag. */
function chassis(tag: string | null | undefined, platform = 'linux'): Machine {
  const readText = (path: string) => (path === '/sys/class/dmi/id/chassis_asset_tag' ? tag : undefined);
  return { platform, readText, hasFile: () => false, hasProgram: () => false };
}

describe("imds, by the machine's own fingerprint, is", () => {
  test.each<[string, Machine | undefined, string, object]>([
    [
      "a candidate with Azure's tag, without probe",
      chassis(`${tagOfAzure}\n`),
      'unknown',
      { settings: { probe: false } },
    ],
    ['absent with another tag', chassis('Default string\n'), 'absent', {}],
    ['a candidate with an empty tag, to be probed', chassis('\n'), 'unknown', { settings: { probe: true } }],
    ['a candidate with an unreadable tag, to be probed', chassis(null), 'unknown', { settings: { probe: true } }],
    ['a candidate without tag, to be probed', chassis(undefined), 'unknown', { settings: { probe: true } }],
    ['never on macOS', chassis(tagOfAzure, 'darwin'), 'absent', {}],
    ['a candidate on Windows, to be probed', chassis(undefined, 'win32'), 'unknown', { settings: { probe: true } }],
    ['unknown while nobody has looked at the machine', undefined, 'unknown', {}],
  ])('%s', (_, machine, verdict, more) => {
    expect(imds.detect({}, {}, machine)).toMatchObject({ verdict, ...more });
  });

  test('a candidate on Container Instances (Linux), whose chassis tells nothing', () => {
    const env = { IDENTITY_HEADER: 'h', IDENTITY_SERVER_THUMBPRINT: 't', IDENTITY_API_VERSION: '2020-05-01' };
    const detection = imds.detect(env, {}, chassis('of an inner machine'));
    expect(detection).toMatchObject({ verdict: 'unknown', host: 'Container Instances', settings: { probe: true } });
  });
});

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
  ])('found: %s', (_, AZURE_POD_IDENTITY_AUTHORITY_HOST, url) => {
    const detection = imds.detect({ AZURE_POD_IDENTITY_AUTHORITY_HOST }, {}, chassis('x', 'darwin'));
    expect(detection).toMatchObject({ verdict: 'found', settings: { probe: false } });
    expect(String((detection as { settings?: { url: URL } }).settings?.url)).toBe(url);
  });

  test.each<[string, string, string]>([
    ['no URL', 'localhost:8000', 'ERR_ENDPOINT_MALFORMED'],
    ['another scheme', 'ftp://127.0.0.1', 'ERR_ENDPOINT_MALFORMED'],
    ['a user name', 'http://me@127.0.0.1', 'ERR_ENDPOINT_MALFORMED'],
    ['a query', 'http://127.0.0.1/?a=b', 'ERR_ENDPOINT_MALFORMED'],
    ['a fragment', 'http://127.0.0.1/#a', 'ERR_ENDPOINT_MALFORMED'],
    ['a public address on plain http', 'http://metadata.example.com', 'ERR_ENDPOINT_PUBLIC'],
  ])('half-set: %s', (_, AZURE_POD_IDENTITY_AUTHORITY_HOST, code) => {
    const problem = { code, message: expect.stringContaining('AZURE_POD_IDENTITY_AUTHORITY_HOST') };
    expect(imds.detect({ AZURE_POD_IDENTITY_AUTHORITY_HOST }, {})).toMatchObject({ verdict: 'partial', problem });
  });

  test('not said by a blank', () => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: '  ' };
    expect(imds.detect(env, {}, chassis('Default string')).verdict).toBe('absent');
  });
});

describe('the golden file', () => {
  test.each(goldenRows('imds'))('%s', (_, row) => expectGolden('imds', row));
});

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

  const found = 'ERR_IDENTITY_NOT_FOUND';
  const backOff = [0, 2, 8, 22, 52];
  const html = '<html>Forbidden by the company</html>';
  test.each<[string, Answer, string, number[], string]>([
    ['400, not assigned', refusal(400, 'invalid_request', 'Identity not found'), found, [0], 'az vm identity assign'],
    [
      '400, several',
      refusal(400, 'invalid_request', 'Multiple user assigned identities exist, please specify'),
      found,
      [0],
      'name one: AZURE_CLIENT_ID',
    ],
    ['400, plain text', plain(400, 'The client_id parameter is required.'), found, [0], 'name one'],
    ['400, resource', refusal(400, 'invalid_resource', 'AADSTS500011: no'), 'ERR_REFUSED', [0], ''],
    ['401, source', refusal(401, 'unknown_source'), 'ERR_REFUSED', [0], ''],
    ['403, pod', plain(403, 'azureidentity is not configured for the pod'), found, [0], 'AzureIdentityBinding'],
    ['403, proxy', plain(403, html), 'ERR_REFUSED', [0], ''],
    ['403, Docker Desktop', plain(403, 'connecting to 169.254: unreachable network'), 'ERR_PROBE_FAILED', [0], ''],
    ['405', refusal(405, 'method_not_allowed'), 'ERR_REFUSED', [0], ''],
    ['302', { status: 302, headers: { location: 'http://a.example' }, body: '' }, 'ERR_REFUSED', [0], 'Redirects'],
    ['404, being updated', json(404, { error: 'Not found' }), 'ERR_REFUSED', backOff, ''],
    ['404, binding not ready', plain(404, 'no AzureAssignedIdentity found for pod:a/b'), 'ERR_REFUSED', backOff, ''],
    ['429', refusal(429, 'invalid_request', 'Temporarily throttled'), 'ERR_THROTTLED', backOff, 'Wait'],
    ['429, wait 10 s', refusal(429, 'x', 'y', { 'retry-after': '10' }), 'ERR_THROTTLED', [0, 10, 20, 34, 64], ''],
    ['429, wait an hour', refusal(429, 'x', 'y', { 'retry-after': '3600' }), 'ERR_THROTTLED', [0], ''],
    ['500, of Entra', refusal(500, 'unknown', 'Failed to retrieve token'), 'ERR_REFUSED', backOff, ''],
    ['500, restarting', plain(500, 'restarting'), 'ERR_REFUSED', backOff, ''],
    ['502, proxy', plain(502, html), 'ERR_REFUSED', backOff, ''],
  ])('status %s', async (_, answer, code, expected, hint) => {
    const { token, times } = ask(pod, { answers: [answer] });
    await expect(token).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(times).toEqual(expected);
  });

  test('asks for longer than the 70 s for which it may answer 410', async () => {
    const { token, times } = ask(pod, { answers: [plain(410, '')] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_REFUSED', status: 410 });
    expect(times).toEqual([0, 5, 15, 25, 35, 45, 55, 65, 75]);
  });

  test.each<[string, Answer[]]>([
    ['404', [json(404, {}), json(404, {}), tokenReply()]],
    ['410 for 70 s', [...Array.from({ length: 7 }, () => plain(410, '')), tokenReply()]],
    ['429 with a date', [refusal(429, 'x', 'y', { 'retry-after': 'Mon, 23 Nov 2026 00:00:30 GMT' }), tokenReply()]],
    ['5xx', [plain(500, ''), plain(503, ''), tokenReply()]],
    ['a connection that was refused', [Object.assign(new Error(), { code: 'ECONNREFUSED' }), tokenReply()]],
    ['each of them', [plain(410, ''), json(404, {}), plain(500, ''), plain(410, ''), tokenReply()]],
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
  const timeout = Object.assign(new Error('no answer within 1000 ms'), { name: 'ExchangeError' });

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

  test.each<[string, Answer]>([
    ['nobody answers', timeout],
    ['the network is unreachable', Object.assign(new Error(), { code: 'ENETUNREACH' })],
    ['a proxy answers for it', plain(403, '<html>')],
    ['a proxy does not find it', plain(502, '')],
    ['Docker Desktop answers for it', plain(403, 'connecting to 169.254.169.254:80: dial tcp: unreachable host')],
  ])('lets the next candidate try when %s, after one request', async (_, answer) => {
    const { io, token, made } = ask({}, { answers: [answer], machine: unreadable });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests).toHaveLength(1);
    expect(made.map(({ credential }) => credential)).toEqual(['AzureCliCredential']);
  });

  test.each<[string, Answer]>([
    ['400', plain(400, '')],
    ['404 of the service itself', { ...plain(404, ''), headers: { server: 'IMDS/150.870.65.1475' } }],
    ['429 of the service itself', { ...plain(429, ''), headers: { server: 'IMDS/150.870.65.1475' } }],
  ])('takes %s for an answer', async (_, answer) => {
    const { io, token } = ask({}, { answers: [answer, tokenReply()], machine: unreadable });
    await token;
    expect(io.requests).toHaveLength(2);
  });

  test('is not sent where the fingerprint or the environment has spoken', async () => {
    for (const [env, machine] of [
      [{}, chassis(tagOfAzure)],
      [pod, unreadable],
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

test.each<[string, Error]>([
  ['refused', Object.assign(new Error(), { code: 'ECONNREFUSED' })],
  ['unknown', Object.assign(new Error(), { code: 'ENOTFOUND' })],
  ['silent', new ExchangeError('timeout', 'no answer')],
])('an address that is %s is told with the variable that it comes from', async (_, answer) => {
  await expect(ask(pod, { answers: [answer] }).token).rejects.toMatchObject({
    hint: expect.stringContaining('AZURE_POD_IDENTITY_AUTHORITY_HOST: correct it, or unset it'),
  });
  const { hint } = await ask({}, { answers: [answer], machine: chassis(tagOfAzure) }).token.catch((error) => error);
  expect(hint).not.toContain('AZURE_POD');
});

describe('"identity not found"', () => {
  const nobody = refusal(400, 'invalid_request', 'Identity not found');
  const machine = { ...chassis(tagOfAzure), hasProgram: (name: string) => name === 'az' };

  test('of a mere candidate lets the next one try', async () => {
    expect((await ask({}, { answers: [nobody], machine }).token).token).toBe('from-azure-identity');
  });

  test('of a candidate is kept when nobody else has a token', async () => {
    const azureIdentity = fakeAzureIdentity(() => azureError('CredentialUnavailableError', "Please run 'az login'"));
    await expect(ask({}, { answers: [nobody], machine, azureIdentity }).token).rejects.toMatchObject({
      code: 'ERR_NO_SOURCE',
      message: expect.stringMatching(/Identity not found.*az login/s),
      errors: [{ code: 'ERR_IDENTITY_NOT_FOUND' }, { code: 'ERR_TOOL_UNAVAILABLE' }],
    });
  });

  test.each<[string, Record<string, string>, CredentialOptions]>([
    ['of a pinned source', {}, { source: 'imds' }],
    ['of an announced source', pod, {}],
  ])('%s is final', async (_, env, options) => {
    const { token, made } = ask(env, { answers: [nobody], machine }, options);
    await expect(token).rejects.toMatchObject({ code: 'ERR_IDENTITY_NOT_FOUND', status: 400, source: 'imds' });
    expect(made).toEqual([]);
  });
});
