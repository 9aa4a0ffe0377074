import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServerIdentity } from './certificates.ts';
import { trustStore } from './pkcs12.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkcs12-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const isThere = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const makeMany = (count: number) =>
  Array.from({ length: count }, () => new X509Certificate(createServerIdentity(['localhost']).caPem));

/** A store with that many certificates, and their fingerprints. */
function written(count: number) {
  const certificates = makeMany(count);
  const path = join(folder, `${count}.p12`);
  writeFileSync(path, trustStore(certificates.map(({ raw }) => raw)));
  return { path, fingerprints: certificates.map(({ fingerprint256 }) => fingerprint256).sort() };
}

// One that is shorter than 128 bytes, and lengths of two and three bytes.
it.skipIf(!isThere('keytool', '-help')).each([0, 1, 200])(
  'Java trusts all of %i certificates (needs keytool)',
  (count) => {
    const { path, fingerprints } = written(count);
    const args = ['-J-Duser.language=en', '-list', '-keystore', path, '-storetype', 'PKCS12', '-storepass', 'any'];
    const { stdout } = spawnSync('keytool', args, { encoding: 'utf8' });
    expect(stdout).toContain('Keystore type: PKCS12');
    expect(stdout.match(/trustedCertEntry/g) ?? []).toHaveLength(count);
    expect((stdout.match(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g) ?? []).sort()).toEqual(fingerprints);
  },
);

it.skipIf(!isThere('openssl', 'version')).each([1, 200])(
  'OpenSSL reads all of %i certificates (needs openssl)',
  (count) => {
    const { path, fingerprints } = written(count);
    const { stdout } = spawnSync('openssl', ['pkcs12', '-in', path, '-nokeys', '-nomac', '-passin', 'pass:'], {
      encoding: 'utf8',
    });
    const pems = stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    expect(pems.map((pem) => new X509Certificate(pem).fingerprint256).sort()).toEqual(fingerprints);
  },
);
