import { describe, expect, test, vi } from 'vitest';
import {
  ask,
  detect,
  expectNoSecret,
  fileError,
  indiscreet,
  marker,
  onTheWire,
  refusal,
  vaultScope,
  world,
} from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { azureError, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { type Answer, fakeIo, forever, json, networkError, plain, start, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import { ExchangeError, type HttpReply, type Machine } from '../../io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { azureArc } from './azure-arc.ts';

const endpoint = 'http://localhost:40342/metadata/identity/oauth2/token';
const server = { IDENTITY_ENDPOINT: endpoint, IMDS_ENDPOINT: 'http://localhost:40342' };
const folder = '/var/opt/azcmagent/tokens/';
const keyFile = `${folder}4f0d4e6e-0c55-4b0a-8d6e-1c2f3a4b5c6d.key`;
const otherFile = `${folder}5f0d4e6e-0c55-4b0a-8d6e-1c2f3a4b5c6d.key`;
const key = `${marker}-of-the-key-file`;
const files = { [keyFile]: key };
const restart = 'sudo systemctl restart himdsd';
const query = 'api-version=2020-06-01&resource=https%3A%2F%2Fvault.azure.net';

const challenge = (realm: string): HttpReply =>
  refusal(401, 'unauthorized_client', 'Missing Basic Authorization header', { 'www-authenticate': realm });
const challenged = challenge(`Basic realm=${keyFile}`);

/** An agent's answer, which repeats the identity where it knows them. */
const answered = (echo: object = {}) =>
  json(200, { access_token: 'a.b.c', expires_on: String(start / 1000 + 86_396), resource: '', ...echo });

function machine(platform: string, ...present: string[]): Machine {
  const hasFile = (path: string) => present.includes(path);
  return { platform, hasFile, readText: () => undefined, hasProgram: () => false };
}

const halfSet: readonly (readonly [string, Environment, ErrorCode, names: string[], missing: string[]])[] = [
  [
    'without endpoint',
    { IMDS_ENDPOINT: server.IMDS_ENDPOINT },
    'ERR_SOURCE_INCOMPLETE',
    ['IMDS_ENDPOINT', 'IDENTITY_ENDPOINT'],
    ['IDENTITY_ENDPOINT'],
  ],
  [
    'with a blank endpoint',
    { ...server, IDENTITY_ENDPOINT: ' ' },
    'ERR_SOURCE_INCOMPLETE',
    ['IMDS_ENDPOINT', 'IDENTITY_ENDPOINT'],
    ['IDENTITY_ENDPOINT'],
  ],
  [
    'at a public address',
    { ...server, IDENTITY_ENDPOINT: 'http://tokens.example.com/' },
    'ERR_ENDPOINT_PUBLIC',
    ['IDENTITY_ENDPOINT', 'tokens.example.com'],
    [],
  ],
  [
    'with an endpoint that is none',
    { ...server, IDENTITY_ENDPOINT: 'localhost:40342' },
    'ERR_ENDPOINT_MALFORMED',
    ['IDENTITY_ENDPOINT'],
    [],
  ],
];

describe('azure-arc is', () => {
  const linux = machine('linux', '/opt/azcmagent/bin/himds');
  const windows = machine('win32', 'C:\\Program Files\\AzureConnectedMachineAgent\\himds.exe');
  const elsewhere = machine('win32', 'D:\\Apps\\AzureConnectedMachineAgent\\himds.exe');
  const agent = 'http://127.0.0.1:40342/metadata/identity/oauth2/token';

  test.each<[string, Environment, Machine | undefined]>([
    ['by its two variables', server, undefined],
    ['by them beside a blank header', { ...server, IDENTITY_HEADER: '' }, undefined],
    ['by them, whatever the machine is', server, machine('linux')],
  ])('found %s', (_, env, given) => {
    const offer = { host: 'Azure Arc', endpoints: [new URL(endpoint)], key: [new URL(endpoint), folder] };
    expect(detect(azureArc, env, {}, given)).toMatchObject({ verdict: 'found', offer });
  });

  test('found on Windows, with the folder for its key files there', async () => {
    const env = { ...server, ProgramData: 'C:\\ProgramData' };
    const path = 'C:\\ProgramData\\AzureConnectedMachineAgent\\Tokens\\a.key';
    expect(detect(azureArc, env).verdict).toBe('found');
    const answers = [challenge(`Basic realm=${path}`), answered()];
    const { token, opened } = ask(env, { answers, files: { [path]: key } });
    await token;
    expect(opened).toEqual([path]);
  });

  test.each<[string, Environment, Machine]>([
    ['its agent is installed', {}, linux],
    ['its agent is installed on Windows', {}, windows],
    ['programs are elsewhere', { ProgramFiles: 'D:\\Apps' }, elsewhere],
  ])('a candidate where %s', (_, env, given) => {
    const offer = { host: 'Azure Arc', endpoints: [new URL(agent)] };
    expect(detect(azureArc, env, {}, given)).toMatchObject({ verdict: 'unknown', offer });
  });

  test.each<[string, Environment, Machine]>([
    ['its agent is not installed', {}, machine('linux')],
    ['only its data is', {}, machine('linux', '/var/opt/azcmagent/bin/himds')],
    // The header is App Service's, and so is then the endpoint.
    ['a header stands beside its variables', { ...server, IDENTITY_HEADER: 'h' }, machine('linux')],
  ])('absent where %s', (_, env, given) => {
    expect(detect(azureArc, env, {}, given).verdict).toBe('absent');
  });

  test('unknown, and no candidate, while nobody has looked at the machine', () => {
    const detection = detect(azureArc, {});
    expect(detection.verdict).toBe('unknown');
    expect(detection).not.toHaveProperty('offer');
  });

  test.each(halfSet)('half-set %s', (_, env, code, names, missing) => {
    expect(detect(azureArc, env, {}, linux)).toMatchObject({ verdict: 'partial', missing, problem: { code } });
    for (const name of names) expect(problemOf(azureArc, env).cause).toContain(name);
  });

  test("asked at its agent's own address where no variable gives another", async () => {
    const { io, token } = ask(
      {},
      { answers: [challenged, answered()], files, machine: linux },
      { source: 'azure-arc' },
    );
    await token;
    expect(io.requests.map(onTheWire)[0]).toEqual({ line: `GET ${agent}?${query}`, headers: { metadata: 'true' } });
  });
});

describe('a candidate before others: its agent', () => {
  const withAz = { ...machine('linux', '/opt/azcmagent/bin/himds'), hasProgram: (name: string) => name === 'az' };
  test.each<[string, Answer, requests: number]>([
    ['is stopped', networkError('ECONNREFUSED'), 2],
    ['is silent', new ExchangeError('timeout', 'no answer within 1000 ms'), 2],
    ['has lost its port to another program', plain(404, 'Cannot GET /metadata'), 1],
    ['has lost its port to a page', plain(200, '<html>'), 1],
  ])('%s: the next one is asked, and the diagnosis says why', async (_, answer, requests) => {
    const tagged = { ...withAz, readText: () => 'not of Azure' };
    const { io, token, credential } = ask({}, { answers: [forever(answer)], machine: tagged });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests).toHaveLength(requests);
    const reason = expect.stringMatching(/ECONNREFUSED|no answer|404|200/);
    expect(credential.diagnostics.skipped).toEqual([{ source: 'azure-arc', reason }]);
  });

  test('is stopped, and nobody else has a token: the advice restarts it', async () => {
    const azureIdentity = fakeAzureIdentity(() => azureError('CredentialUnavailableError', "Please run 'az login'"));
    const tagged = { ...withAz, readText: () => 'not of Azure' };
    const around = { answers: [forever(networkError('ECONNREFUSED'))], machine: tagged, azureIdentity };
    const explanation = await explanationOfFailure(ask({}, around).token);
    expect(explanation.code).toBe('ERR_NO_SOURCE');
    expect(runsOf(explanation).slice(0, 3)).toEqual(['sudo systemctl restart himdsd', 'azcmagent show', 'az login']);
  });

  test.each<[string, Answer]>([
    ['fails', json(503, { error: 'busy' })],
    ['challenges with a file that is not its own', plain(401, '', { 'www-authenticate': 'Basic realm=/etc/passwd' })],
  ])('is there and %s: nobody takes its place', async (_, answer) => {
    const tagged = { ...withAz, readText: () => 'not of Azure' };
    const { token, made } = ask({}, { answers: [forever(answer)], machine: tagged });
    await expect(token).rejects.toMatchObject({ source: 'azure-arc' });
    expect(made).toEqual([]);
  });
});

describe('the golden file', () => {
  test.each(goldenRows('azure-arc'))('%s', (_, row) => expectHostExchange('azure-arc', row));
});

describe('azure-arc, asked', () => {
  test('answers the challenge with what stands in the key file', async () => {
    const { io, token, opened } = ask(server, { answers: [challenged, answered()], files });
    expect((await token).expiresOnTimestamp).toBe(start + 86_396_000);
    const line = `GET ${endpoint}?${query}`;
    expect(io.requests.map(onTheWire)).toEqual([
      { line, headers: { metadata: 'true' } },
      { line, headers: { metadata: 'true', authorization: `Basic ${key}` } },
    ]);
    expect(opened).toEqual([keyFile]);
  });

  test.each<[string, string]>([
    ['a newline', '\n'],
    ['a newline of Windows', '\r\n'],
    ['white space', ' \t\n\n'],
  ])('takes %s off the end of the key', async (_, end) => {
    const { io, token } = ask(server, { answers: [challenged, answered()], files: { [keyFile]: `${key}${end}` } });
    await token;
    expect(io.requests[1]?.headers.authorization).toBe(`Basic ${key}`);
  });

  test('takes a token that comes without a challenge', async () => {
    const { io, token, opened } = ask(server, { answers: [answered()] });
    await token;
    expect(io.requests).toHaveLength(1);
    expect(opened).toEqual([]);
  });

  test('reads the challenge whatever the body is', async () => {
    const text = { status: 401, headers: { 'www-authenticate': `Basic realm=${keyFile}` }, body: 'Unauthorized' };
    await ask(server, { answers: [text, answered()], files }).token;
  });

  test('tries once more with a fresh key when the first was stale', async () => {
    const again = challenge(`Basic realm=${otherFile}`);
    const both = { ...files, [otherFile]: 'fresh' };
    const { io, token } = ask(server, { answers: [challenged, again, answered()], files: both });
    await token;
    expect(io.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, `Basic ${key}`, 'Basic fresh']);
  });

  test.each<[string, Answer[]]>([
    ['brings a third challenge', [challenged, challenged, challenged]],
    ['brings no new challenge', [challenged, refusal(401, 'unauthorized_client')]],
  ])('gives up when the answer to its key %s', async (_, answers) => {
    const { io, token } = ask(server, { answers, files });
    await expect(token).rejects.toMatchObject({ code: 'ERR_REFUSED', status: 401 });
    expect(runsOf(await explanationOfFailure(token))).toEqual([restart]);
    expect(io.requests).toHaveLength(answers.length);
  });

  test('refuses a hostile second challenge as well', async () => {
    const { io, token } = ask(server, { answers: [challenged, challenge('Basic realm=/etc/shadow')], files });
    await expect(token).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    expect(io.requests).toHaveLength(2);
  });
});

/** A key file that is not used. */
const badFiles: readonly (readonly [string, string | Error, ErrorCode, runs: string[]])[] = [
  ['is missing', fileError('ENOENT'), 'ERR_FILE_UNREADABLE', [restart]],
  ['may not be read', fileError('EACCES'), 'ERR_FILE_UNREADABLE', ['sudo usermod -aG himds USER']],
  ['is a link', fileError('ELOOP'), 'ERR_CHALLENGE_REFUSED', []],
  ['is no file', new Error('not a regular file'), 'ERR_CHALLENGE_REFUSED', []],
  ['is too large', new Error('4097 bytes, more than 4096'), 'ERR_CHALLENGE_REFUSED', []],
  ['has another owner', new Error('owned by another user than its folder'), 'ERR_CHALLENGE_REFUSED', []],
  ['has another name elsewhere', new Error('it has another name elsewhere'), 'ERR_CHALLENGE_REFUSED', []],
  ['is in a linked folder', new Error('its folder is a link'), 'ERR_CHALLENGE_REFUSED', []],
  ['is empty', ' \n', 'ERR_CHALLENGE_REFUSED', []],
  ['has two lines', `${key}\r\nx: y`, 'ERR_CHALLENGE_REFUSED', []],
  ['is binary', '\u0000\ufffd', 'ERR_CHALLENGE_REFUSED', []],
];
const withFile = (file: string | Error) =>
  ask(server, { answers: [challenged, answered()], files: { [keyFile]: file } });

describe('a hostile challenge', () => {
  const name = keyFile.slice(folder.length);
  test.each<[string, string]>([
    ['another folder', 'Basic realm=/etc/secret.key'],
    ['a folder beneath', `Basic realm=${folder}deeper/${name}`],
    ['a way out of the folder', `Basic realm=${folder}../tokens/${name}`],
    ['a way out in the name', `Basic realm=${folder}..key`],
    ['a way out as Windows writes it', `Basic realm=${folder}..\\${name}`],
    ['a folder that looks alike', `Basic realm=/var/opt/azcmagent/tokens-evil/${name}`],
    ['a folder in other letter case', `Basic realm=${folder.toUpperCase()}${name}`],
    ['another extension', `Basic realm=${keyFile.replace('.key', '.txt')}`],
    ['no extension', `Basic realm=${folder}key`],
    ['no name', `Basic realm=${folder}.key`],
    ['a quoted path', `Basic realm="${keyFile}"`],
    ['a device of Windows', `Basic realm=${folder}NUL.key`],
    ['another one', `Basic realm=${folder}com1.a.key`],
    ['a very long name', `Basic realm=${folder}${'a'.repeat(200)}.key`],
    ['many blanks', `Basic realm=${' '.repeat(50_000)}x`],
    ['a NUL in the name', `Basic realm=${folder}a\0.key`],
    ['two parameters', `Basic realm=${keyFile}, charset=UTF-8`],
    ['an empty realm', 'Basic realm='],
    ['no realm', 'Basic'],
    ['another scheme', `Bearer realm=${keyFile}`],
    ['two schemes', `Negotiate, Basic realm=${keyFile}`],
    ['nothing', ''],
  ])('that names %s: no file is opened, no second request sent', async (_, realm) => {
    const { io, token, opened } = ask(server, { answers: [challenge(realm), answered()], files });
    await expect(token).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'ERR_CHALLENGE_REFUSED',
      source: 'azure-arc',
    });
    expect(io.requests).toHaveLength(1);
    expect(opened).toEqual([]);
  });

  test.each(['http://10.0.0.4:40342', 'https://arc.example', 'http://127.0.0.1.local', 'http://localhost.local'])(
    'from %s, which is not this machine: no file is opened, and no key sent',
    async (origin) => {
      const env = { ...server, IDENTITY_ENDPOINT: `${origin}/metadata/identity/oauth2/token` };
      const { io, token, opened } = ask(env, { answers: [challenged, answered()], files });
      await expect(token).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
      expect(io.requests).toHaveLength(1);
      expect(opened).toEqual([]);
    },
  );

  test.each(['http://localhost:40342', 'http://[::1]:40342', 'http://127.0.0.2'])('from %s: it is', async (origin) => {
    const env = { ...server, IDENTITY_ENDPOINT: `${origin}/metadata/identity/oauth2/token` };
    const { token } = ask(env, { answers: [challenged, answered()], files });
    await expect(token).resolves.toHaveProperty('token');
  });

  test('without the header', async () => {
    const { io, token } = ask(server, { answers: [refusal(401, 'unauthorized_client')], files });
    await expect(token).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    expect(io.requests).toHaveLength(1);
  });

  test.each(badFiles)('whose file %s: no second request', async (_, file, code, runs) => {
    const asked = withFile(file);
    const explanation = await explanationOfFailure(asked.token);
    expect(explanation.code).toBe(code);
    expect(runsOf(explanation)).toEqual(runs);
    expect(asked.io.requests).toHaveLength(1);
    await expectNoSecret(asked);
  });

  test('may name a file of at most 4096 bytes, which the reader is told', async () => {
    const readTrustedFile = vi.fn(() => Promise.resolve(key));
    const io = fakeIo({ answers: [challenged, answered()], readTrustedFile });
    await io.settle(credentialIn(createWorld(io), { env: server }).getToken(vaultScope));
    expect(readTrustedFile).toHaveBeenCalledWith(keyFile, 4096);
  });
});

describe('a user-assigned identity on azure-arc', () => {
  const { clientId, objectId, resourceId } = world;
  test.each<[string, CredentialOptions, string, object]>([
    ['client id', { clientId }, `client_id=${clientId}`, { client_id: clientId }],
    ['object id', { objectId }, `object_id=${objectId}`, { object_id: objectId }],
    ['resource id', { resourceId }, `msi_res_id=${encodeURIComponent(resourceId)}`, { msi_res_id: resourceId }],
    ['resource id, the other name', { resourceId }, 'msi_res_id=', { mi_res_id: resourceId }],
    ['client id in upper case', { clientId }, 'client_id=', { client_id: clientId.toUpperCase() }],
  ])('by %s is taken when the answer repeats it', async (_, options, selector, echo) => {
    const { io, token } = ask(server, { answers: [challenged, answered(echo)], files }, options);
    await token;
    for (const { url } of io.requests) expect(url.search).toContain(selector);
  });

  test.each<[string, CredentialOptions, object]>([
    ['repeats nothing', { clientId }, {}],
    ['repeats another', { clientId }, { client_id: objectId }],
    ['repeats it under another name', { clientId }, { object_id: clientId }],
    ['repeats no text', { clientId }, { client_id: 7 }],
    ['repeats only another way to name it', { resourceId }, { client_id: clientId }],
  ])('is refused when the answer %s: an older agent gave its own', async (_, options, echo) => {
    const { token } = ask(server, { answers: [challenged, answered(echo)], files }, options);
    await expect(token).rejects.toMatchObject({ code: 'ERR_IDENTITY_NOT_CONFIRMED', source: 'azure-arc' });
  });
});

const notFound = 'ERR_IDENTITY_NOT_FOUND';
const show = 'azcmagent show';
const backOff = [0, 2, 8, 22, 52];
const updated = [0, 5, 15, 25, 35, 45, 55, 65, 75];
type Refused = readonly [title: string, reply: HttpReply, code: ErrorCode, runs: string[], times: number[]];
const refusals: readonly Refused[] = [
  ['400 invalid_request', refusal(400, 'invalid_request'), notFound, [show], [0]],
  ['400 invalid_resource', refusal(400, 'invalid_resource'), 'ERR_REFUSED', [], [0]],
  ['403', refusal(403, 'forbidden'), 'ERR_REFUSED', [], [0]],
  ['404 with a code', refusal(404, 'not_found'), notFound, [show], [0]],
  ['302', refusal(302, 'elsewhere'), 'ERR_REFUSED', [], [0]],
  ['410', refusal(410, 'gone'), 'ERR_REFUSED', [], updated],
  ['429', refusal(429, 'throttled'), 'ERR_THROTTLED', [], backOff],
  ['500', refusal(500, 'unknown'), 'ERR_REFUSED', [], backOff],
  // Without a code they are somebody else's.
  ['400 without a word', plain(400), 'ERR_REFUSED', [], [0]],
  ['404 without a word', plain(404), 'ERR_REFUSED', [], [0]],
  ['404 in plain text', plain(404, '404 page not found'), 'ERR_REFUSED', [], [0]],
  ['404 with a page', plain(404, '<h1>Not Found</h1>'), 'ERR_REFUSED', [], [0]],
];

describe('azure-arc, refused', () => {
  test.each(refusals)('with %s, on either leg', async (_, reply, code, runs, times) => {
    const first = ask(server, { answers: [forever(reply)], files });
    const second = ask(server, { answers: [challenged, forever(reply)], files });
    for (const { token } of [first, second]) {
      const explanation = await explanationOfFailure(token);
      expect(explanation).toMatchObject({ code, status: reply.status });
      expect(runsOf(explanation)).toEqual(runs);
    }
    expect(first.times).toEqual(times);
    expect(second.times).toEqual([0, ...times]);
  });

  test('tries again what is passing, on both legs', async () => {
    const busy = refusal(503, 'unknown');
    const { io, token } = ask(server, { answers: [busy, challenged, busy, tokenReply()], files });
    await token;
    expect(io.requests).toHaveLength(4);
  });

  test.each(indiscreet(key).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(server, { answers: [challenged, answer], files })),
  );
});

test('the wording of each problem', async () => {
  const told = await Promise.all([
    ...halfSet.map(([title, env]) => [`half-set ${title}`, problemOf(azureArc, env)] as const),
    failing('no challenge', ask(server, { answers: [refusal(401, 'unauthorized_client')] }).token),
    failing(
      'a challenge of another folder',
      ask(server, { answers: [challenge('Basic realm=/etc/secret.key')] }).token,
    ),
    ...badFiles.map(([title, file]) => failing(`a challenge whose file ${title}`, withFile(file).token)),
    failing('a key that is not accepted', ask(server, { answers: [challenged, challenged, challenged], files }).token),
    failing(
      'an identity that is not confirmed',
      ask(server, { answers: [answered()] }, { clientId: world.clientId }).token,
    ),
    ...refusals.map(([title, reply]) => failing(title, ask(server, { answers: [forever(reply)] }).token)),
    failing('nobody listens', ask(server, { answers: [forever(networkError('ECONNREFUSED'))] }).token),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/azure-arc.txt');
});
