import { describe, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import { explanationOfFailure, runsOf } from '../../test/catalogue.ts';
import { networkError } from '../../test/fake-io.ts';

const env = { IDENTITY_ENDPOINT: 'https://10.0.0.1/msi/token', IDENTITY_HEADER: 'host-secret' };

describe('what another try cannot change is told at once', () => {
  test.each([
    ['ERR_ACCESS_DENIED', 'node --permission --allow-net app.js'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'],
    ['CERT_HAS_EXPIRED', undefined],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined],
    ['ENETUNREACH', undefined],
  ])('%s: %s', async (code, run) => {
    const error = Object.assign(networkError(code), code === 'ERR_ACCESS_DENIED' && { permission: 'Net' });
    const { token, io } = ask(env, { answers: [error] });
    const explanation = await explanationOfFailure(token);
    expect(explanation.code).toBe('ERR_UNREACHABLE');
    expect(explanation.cause).toContain(code);
    expect(runsOf(explanation)).toEqual(run === undefined ? [] : [run]);
    expect(io.requests).toHaveLength(1);
  });
});
