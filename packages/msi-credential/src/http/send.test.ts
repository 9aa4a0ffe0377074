import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ask, type Surroundings } from '../../test/ask.ts';
import { explanationOfFailure, runsOf } from '../../test/catalogue.ts';
import { type Answer, forever, networkError, plain, start, tokenReply } from '../../test/fake-io.ts';

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
    ['of no answer', [forever(networkError('ECONNREFUSED'))], 0.5, [0, 0.3, 1.2, 3]],
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
