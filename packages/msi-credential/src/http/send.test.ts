import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ask, type Surroundings } from '../../test/ask.ts';
import { explanationOfFailure, runsOf } from '../../test/catalogue.ts';
import { type Answer, forever, networkError, plain, start, tokenReply } from '../../test/fake-io.ts';
import type { Environment } from '../types.ts';

const env = { IDENTITY_ENDPOINT: 'https://10.0.0.1/msi/token', IDENTITY_HEADER: 'host-secret' };

describe('what another try cannot change is told at once', () => {
  test.each([
    ['ERR_ACCESS_DENIED', 'node --permission --allow-net app.js'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['CERT_HAS_EXPIRED', 'timedatectl'],
    ['CERT_NOT_YET_VALID', 'timedatectl'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined],
    ['ENETUNREACH', undefined],
  ])('%s: %s', async (code, run) => {
    const { token, io } = ask(env, { answers: [networkError(code)] });
    const explanation = await explanationOfFailure(token);
    expect(explanation.code).toBe('ERR_UNREACHABLE');
    expect(explanation.cause).toContain(code);
    expect(runsOf(explanation)).toEqual(run === undefined ? [] : [run]);
    expect(io.requests).toHaveLength(1);
  });
});

test("an error of Node's own realm, which is another one in Jest, keeps its code and its advice", async () => {
  const foreign = runInNewContext("Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })");
  expect(foreign).not.toBeInstanceOf(Error);
  const answers = [forever(() => Promise.reject(foreign))];
  const { cause, fix } = await explanationOfFailure(ask(env, { answers }).token);
  expect(cause).toContain('failed with ECONNREFUSED');
  expect(fix[0]?.text).toContain('Nothing listens');
});

describe('a pause before another try lasts as long as is asked, and up to twice that by chance', () => {
  const failing = forever(plain(500));
  const asked = (seconds: number) => plain(429, '', { 'retry-after': String(seconds) });
  test.each<[string, Surroundings['answers'], number, number[]]>([
    ['the least', [failing], 0, [0, 0.4, 1.2, 2.8]],
    ['the middle', [failing], 0.5, [0, 0.6, 1.8, 4.2]],
    ['of no answer', [forever(networkError('ENOTFOUND'))], 0.5, [0, 0.3, 1.2, 3]],
    ['of a service that is not up', [forever(networkError('ECONNREFUSED'))], 0, [0, 0.2, 0.6, 1.4, 3, 6.2, 12.6, 16]],
    ['of one that hangs up', [forever(networkError('ECONNRESET'))], 0.5, [0, 0.3, 0.9, 2.1, 4.5, 9.3, 17.6]],
    ['of a success without a body', [forever(plain(200, ' \n'))], 0, [0, 0.2, 0.8, 2]],
    ['of Retry-After', [asked(10), tokenReply()], 0.25, [0, 12.5]],
    ['of a Retry-After that is shorter than our own', [asked(0), tokenReply()], 0.5, [0, 0.6]],
    ['of the longest Retry-After', [asked(60), tokenReply()], 0.5, [0, 90]],
  ])('%s', async (_, answers = [], random, expected) => {
    const { token, times } = ask(env, { answers, random });
    await token.catch(() => {});
    expect(times).toEqual(expected);
  });

  // https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance
  test.each([0, 0.5, 0.999])(
    'a metadata service that is updated for 70 s keeps nobody over 100 s (%s)',
    async (random) => {
      const updated: Answer = () => (io.now() < start + 70_000 ? plain(410) : tokenReply());
      const machine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' };
      const { token, io } = ask(machine, { answers: [forever(updated)], random });
      await expect(token).resolves.toHaveProperty('token');
    },
  );
});

describe('a service that starts after the program', () => {
  const at =
    (ms: number): Answer =>
    () =>
      io.now() < start + ms ? networkError('ECONNREFUSED') : tokenReply();
  let io: ReturnType<typeof ask>['io'];
  const asked = (answer: Answer, timeoutMs?: number, env: Environment = hosts.appService) => {
    const asking = ask(env, { answers: [forever(answer)] }, { timeoutMs });
    io = asking.io;
    return asking;
  };
  const hosts = {
    appService: env,
    metadata: { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' },
    arc: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/x', IMDS_ENDPOINT: 'http://127.0.0.1:1' },
    shell: { MSI_ENDPOINT: 'http://127.0.0.1:1/x' },
  };

  test.each([3_000, 7_000, 15_000])('by %i ms is waited for', async (ms) => {
    const { token } = asked(at(ms));
    await token;
    expect(io.now() - start).toBeLessThan(2 * ms + 1_000);
  });

  test.each(Object.entries(hosts))('is waited for on each host: %s', async (_, host) => {
    const { token } = asked(at(15_000), undefined, host);
    await token;
  });

  test('by more is told as not up yet, with the last failure', async () => {
    const { cause } = await explanationOfFailure(asked(at(60_000)).token);
    expect(cause).toContain('failed with ECONNREFUSED (8 tries in 16 s), so the service is not up yet');
  });

  test.each([
    ['ECONNREFUSED', /not up yet, the last try failed \(ECONNREFUSED\)/],
    ['ENOTFOUND', /; the last try failed \(ENOTFOUND\)/],
  ])('by more than the caller waits is told, too: %s', async (code, told) => {
    const { token } = asked(networkError(code), 1_000);
    const explanation = await explanationOfFailure(token);
    expect(explanation).toMatchObject({ code: 'ERR_TIMEOUT', cause: expect.stringMatching(told) });
    expect(io.now() - start).toBe(1_000);
  });
});

test('a success without a body is tried again, and the token after it counts', async () => {
  const { token, io } = ask(env, { answers: [plain(200), plain(200, '\uFEFF'), tokenReply()] });
  await token;
  expect(io.requests).toHaveLength(3);
});
