import { describe, expect, test } from 'vitest';
import {
  ask,
  expectGolden,
  expectNoSecret,
  goldenRows,
  indiscreet,
  marker,
  onTheWire,
  world,
} from '../../../test/ask.ts';
import { type Answer, json } from '../../../test/fake-io.ts';
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

describe('azure-pipelines is', () => {
  const { AZURESUBSCRIPTION_TENANT_ID: _, AZURESUBSCRIPTION_CLIENT_ID: __, ...bare } = job;
  test.each<[string, Environment, CredentialOptions, string, object]>([
    ['found by its five variables', job, {}, 'found', { settings: { tenantId: world.tenantId } }],
    ['found with the usual ids', { ...bare, ...usual }, {}, 'found', { settings: { clientId: world.applicationId } }],
    ['found with the ids as options', bare, { tenantId: 'contoso.com', clientId: world.clientId }, 'found', {}],
    [
      'found with its own ids before the usual ones',
      { ...job, AZURE_CLIENT_ID: world.clientId },
      {},
      'found',
      { settings: { clientId: world.applicationId } },
    ],
    [
      'absent without the mapped token',
      { ...job, SYSTEM_ACCESSTOKEN: '' },
      {},
      'absent',
      { near: expect.stringContaining('SYSTEM_ACCESSTOKEN: $(System.AccessToken)') },
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
      { problem: { code: 'ERR_ENDPOINT_MALFORMED', message: expect.stringContaining('SYSTEM_OIDCREQUESTURI') } },
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
        near: expect.stringContaining('AzureCLI@2'),
        reason: expect.stringContaining('AZURESUBSCRIPTION_SERVICE_CONNECTION_ID'),
      },
    ],
    ['absent outside of a pipeline', { ...job, SYSTEM_OIDCREQUESTURI: '' }, {}, 'absent', {}],
    ['absent with nothing', {}, {}, 'absent', {}],
  ])('%s', (_title, given, options, verdict, more) => {
    const detection = azurePipelines.detect(given, options);
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict === 'partial') {
      for (const name of detection.missing) expect(detection.problem.message).toContain(name);
      expect(JSON.stringify(detection)).not.toContain(marker);
    }
  });
});

describe('the golden file', () => {
  test.each(goldenRows('azure-pipelines'))('%s', (_, row) => expectGolden('azure-pipelines', row));
});

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

  test.each<[string, Answer, string, number, string, string?]>([
    [
      '401 without a word',
      plain(401, '', { 'x-vss-e2eid': 'e2e00000-0000-4000-8000-000000000001' }),
      'ERR_REFUSED',
      1,
      'e2e00000-0000-4000-8000-000000000001',
    ],
    [
      '404 without a word',
      plain(404, '', { 'x-vss-e2eid': 'e2e00000-0000-4000-8000-000000000002' }),
      'ERR_REFUSED',
      1,
      'e2e00000-0000-4000-8000-000000000002',
    ],
    [
      '404 with the other id',
      plain(404, '', { 'x-msedge-ref': edgeRef }),
      'ERR_REFUSED',
      1,
      `(x-msedge-ref ${edgeRef})`,
    ],
    [
      '404 with something else in its place',
      plain(404, '', { 'x-msedge-ref': `${edgeRef} ${marker}` }),
      'ERR_REFUSED',
      1,
      'answered 404 with no details.',
      'SYSTEM_OIDCREQUESTURI',
    ],
    [
      '302',
      plain(302, '', { location: 'https://dev.azure.com/_signin' }),
      'ERR_REFUSED',
      1,
      '302',
      'SYSTEM_ACCESSTOKEN',
    ],
    ['200 of the sign-in page', plain(200, '<html>'), 'ERR_RESPONSE_MALFORMED', 1, '200', 'SYSTEM_ACCESSTOKEN'],
    ['203 of the sign-in page', plain(203, '<html>'), 'ERR_RESPONSE_MALFORMED', 1, '203', 'SYSTEM_ACCESSTOKEN'],
    ['200 without a word', plain(200, ''), 'ERR_RESPONSE_MALFORMED', 1, '200'],
    ['200 without oidcToken', json(200, {}), 'ERR_RESPONSE_MALFORMED', 1, '200'],
    ['429', plain(429, ''), 'ERR_THROTTLED', 4, '429', '429'],
    ['500', plain(500, ''), 'ERR_REFUSED', 4, '500', 'https://status.dev.azure.com'],
  ])(
    '%s: the code, the ids that support asks for, and Entra is not asked',
    async (title, answer, code, requests, words, name = 'workload identity federation') => {
      const asked = ask(job, { answers: [answer] });
      const { io, token, made } = asked;
      await expect(token).rejects.toMatchObject({
        code,
        source: 'azure-pipelines',
        status: Number.parseInt(title, 10),
      });
      for (const each of [words, name]) await expect(token).rejects.toThrow(each);
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
