import { describe, expect, test } from 'vitest';
import { ask, detect, expectNoSecret, indiscreet, marker, onTheWire, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure } from '../../../test/catalogue.ts';
import { detectionsOf } from '../../../test/detections.ts';
import { type Answer, forever, json } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectSignIn } from '../../../test/golden-application.ts';
import type { Explanation } from '../../codes.ts';
import type { HttpReply } from '../../io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { azurePipelines } from './azure-pipelines.ts';

const edgeRef = 'Ref A: 0123456789ABCDEF0123456789ABCDEF Ref B: AMS231020512051 Ref C: 2026-11-23T10:00:00Z';
const uri = 'https://dev.azure.com/contoso/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';
const connection = 'a0000000-0000-4000-8000-0000000000b3';
const job = {
  SYSTEM_OIDCREQUESTURI: uri,
  SYSTEM_ACCESSTOKEN: `${marker}-of-the-job`,
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: connection,
  AZURESUBSCRIPTION_TENANT_ID: world.tenantId,
  AZURESUBSCRIPTION_CLIENT_ID: world.applicationId,
};
const usual = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.applicationId };
const assertion = json(200, { oidcToken: 'header.claims.signature' });
const plain = (status: number, body: string, headers = {}): HttpReply => ({ status, headers, body });

const { AZURESUBSCRIPTION_TENANT_ID: _, AZURESUBSCRIPTION_CLIENT_ID: __, ...bare } = job;
const detections: [title: string, Environment, CredentialOptions, verdict: string, more: object][] = [
  ['found by its five variables', job, {}, 'found', { offer: { tenantId: world.tenantId } }],
  ['found with the usual ids', { ...bare, ...usual }, {}, 'found', { offer: { clientId: world.applicationId } }],
  ['found with the ids as options', bare, { tenantId: 'contoso.com', clientId: world.clientId }, 'found', {}],
  [
    'found with its own ids before the usual ones',
    { ...job, AZURE_CLIENT_ID: world.clientId },
    {},
    'found',
    { offer: { clientId: world.applicationId } },
  ],
  [
    'absent without the mapped token',
    { ...job, SYSTEM_ACCESSTOKEN: '' },
    {},
    'absent',
    { remedy: expect.stringContaining('SYSTEM_ACCESSTOKEN: $(System.AccessToken)') },
  ],
  [
    'half-set without tenant',
    { ...job, AZURESUBSCRIPTION_TENANT_ID: ' ' },
    {},
    'partial',
    { missing: ['AZURESUBSCRIPTION_TENANT_ID'] },
  ],
  [
    'half-set without client',
    { ...job, AZURESUBSCRIPTION_CLIENT_ID: undefined },
    {},
    'partial',
    { missing: ['AZURESUBSCRIPTION_CLIENT_ID'] },
  ],
  [
    'half-set with a uri that is none',
    { ...job, SYSTEM_OIDCREQUESTURI: 'dev.azure.com' },
    {},
    'partial',
    { problem: { code: 'ERR_ENDPOINT_MALFORMED', cause: expect.stringContaining('SYSTEM_OIDCREQUESTURI') } },
  ],
  [
    'half-set with plain http to a public address',
    { ...job, SYSTEM_OIDCREQUESTURI: 'http://dev.azure.com/x' },
    {},
    'partial',
    { problem: { code: 'ERR_ENDPOINT_PUBLIC' } },
  ],
  [
    'half-set with a token that HTTP cannot carry',
    { ...job, SYSTEM_ACCESSTOKEN: `${marker}\u0000` },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID' } },
  ],
  [
    'half-set with a tenant that is none',
    { ...job, AZURESUBSCRIPTION_TENANT_ID: 'a/b' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID' } },
  ],
  [
    'absent, but near, without a service connection',
    { ...job, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: '' },
    {},
    'absent',
    {
      remedy: expect.stringContaining('AzureCLI@2'),
      reason: expect.stringContaining('AZURESUBSCRIPTION_SERVICE_CONNECTION_ID'),
    },
  ],
  ['absent outside of a pipeline', { ...job, SYSTEM_OIDCREQUESTURI: '' }, {}, 'absent', {}],
  ['absent with nothing', {}, {}, 'absent', {}],
];

describe('azure-pipelines is', () => {
  test.each(detections)('%s', (_title, given, options, verdict, more) => {
    const detection = detect(azurePipelines, given, options);
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict === 'partial') {
      for (const name of detection.missing) expect(detection.problem.cause).toContain(name);
      expect(JSON.stringify(detection)).not.toContain(marker);
    }
  });
});

describe('the golden file', () => {
  test.each(goldenRows('azure-pipelines'))('%s', (_, row) => expectSignIn('azure-pipelines', row));
});

const ids = ['e2e00000-0000-4000-8000-000000000001', 'e2e00000-0000-4000-8000-000000000002'] as const;
const federation = 'workload identity federation';
/** What the service answers, how often it is asked, and what the explanation names. */
const refusals: [title: string, Answer, code: string, requests: number, names: readonly string[]][] = [
  ['401 without a word', plain(401, '', { 'x-vss-e2eid': ids[0] }), 'ERR_REFUSED', 1, [ids[0], federation]],
  ['404 without a word', plain(404, '', { 'x-vss-e2eid': ids[1] }), 'ERR_REFUSED', 1, [ids[1], federation]],
  [
    '404 with the other id',
    plain(404, '', { 'x-msedge-ref': edgeRef }),
    'ERR_REFUSED',
    1,
    [`(x-msedge-ref ${edgeRef})`, federation],
  ],
  [
    '404 with something else in its place',
    plain(404, '', { 'x-msedge-ref': `${edgeRef} ${marker}` }),
    'ERR_REFUSED',
    1,
    ['404', 'SYSTEM_OIDCREQUESTURI'],
  ],
  [
    '302',
    plain(302, '', { location: 'https://dev.azure.com/_signin' }),
    'ERR_REFUSED',
    1,
    ['302', 'SYSTEM_ACCESSTOKEN'],
  ],
  ['200 of the sign-in page', plain(200, '<html>'), 'ERR_RESPONSE_MALFORMED', 1, ['200', 'SYSTEM_ACCESSTOKEN']],
  ['203 of the sign-in page', plain(203, '<html>'), 'ERR_RESPONSE_MALFORMED', 1, ['203', 'SYSTEM_ACCESSTOKEN']],
  ['200 without a word', plain(200, ''), 'ERR_RESPONSE_MALFORMED', 5, ['200', federation]],
  ['200 without oidcToken', json(200, {}), 'ERR_RESPONSE_MALFORMED', 1, ['200', federation]],
  ['429', plain(429, ''), 'ERR_THROTTLED', 4, ['429']],
  ['500', plain(500, ''), 'ERR_REFUSED', 4, ['500', 'https://status.dev.azure.com']],
];

describe('azure-pipelines, asked', () => {
  test('posts nothing to the address of the given environment, and hands the token to Entra', async () => {
    const { io, token, made } = ask(job, { answers: [assertion] });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `POST ${uri}?api-version=7.1&serviceConnectionId=${connection}`,
        headers: {
          authorization: `Bearer ${job.SYSTEM_ACCESSTOKEN}`,
          'content-type': 'application/json',
          'content-length': '0',
          'x-tfs-fedauthredirect': 'Suppress',
        },
      },
    ]);
    const [tenantId, clientId, getAssertion] = (made[0]?.args ?? []) as unknown as [
      string,
      string,
      () => Promise<string>,
    ];
    expect([made[0]?.credential, tenantId, clientId, await getAssertion()]).toEqual([
      'ClientAssertionCredential',
      world.tenantId,
      world.applicationId,
      'header.claims.signature',
    ]);
  });

  test('encodes the id of the service connection', async () => {
    const given = { ...job, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'a&b=c' };
    const { io, token } = ask(given, { answers: [assertion] });
    await token;
    expect(io.requests[0]?.url.search).toBe('?api-version=7.1&serviceConnectionId=a%26b%3Dc');
  });

  test.each(refusals)(
    '%s: the code, the ids that support asks for, and Entra is not asked',
    async (title, answer, code, requests, names) => {
      const asked = ask(job, { answers: [forever(answer)] });
      const { io, token, made } = asked;
      await expect(token).rejects.toMatchObject({
        code,
        source: 'azure-pipelines',
        status: Number.parseInt(title, 10),
      });
      for (const name of names) await expect(token).rejects.toThrow(name);
      await expectNoSecret(asked);
      expect(io.requests).toHaveLength(requests);
      expect(made).toEqual([]);
    },
  );

  test('asks in another tenant only where that is allowed, and before any request', async () => {
    const { io, token } = ask(job, { answers: [assertion], request: { tenantId: world.otherTenantId } });
    await expect(token).rejects.toMatchObject({ code: 'ERR_TENANT_NOT_ALLOWED' });
    expect(io.requests).toEqual([]);
  });

  test.each(indiscreet(job.SYSTEM_ACCESSTOKEN).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(job, { answers: [answer] })),
  );
});

test('the wording of each', async () => {
  const found = detections.map(([title, given, options]) => [title, detect(azurePipelines, given, options)] as const);
  const told: [string, Explanation][] = [];
  for (const [title, answer] of refusals) {
    told.push([title, await explanationOfFailure(ask(job, { answers: [forever(answer)] }).token)]);
  }
  const catalogue = [detectionsOf(found), catalogueOf(told)].join('\n');
  await expect(catalogue).toMatchFileSnapshot('./__snapshots__/azure-pipelines.txt');
});
