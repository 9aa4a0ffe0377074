import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServerIdentity } from './certificates.ts';
import { writeTrustFiles } from './trust-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trust-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const der = (pem: string) => new X509Certificate(pem).raw;

it("Java's store has the usual roots, the caller's own and ours, each once, and nothing that cannot be read", () => {
  const [ours, own] = [createServerIdentity(['a.example']).caPem, createServerIdentity(['b.example']).caPem];
  const [root = ''] = getCACertificates('default');
  const garbage = '-----BEGIN CERTIFICATE-----\nR0FSQkFHRQ==\n-----END CERTIFICATE-----';
  const path = join(folder, 'own.pem');
  writeFileSync(path, [root.replaceAll('\n', '\r\n'), `# Corporate\n${own}`, garbage].join('\n'));
  const files = writeTrustFiles(ours, [path, join(folder, 'missing.pem')], [path]);
  try {
    const store = readFileSync(files.trustStorePath);
    const times = (one: Buffer) => store.toString('latin1').split(one.toString('latin1')).length - 1;
    expect([der(ours), der(own), der(root), Buffer.from('GARBAGE')].map(times)).toEqual([1, 1, 1, 0]);
  } finally {
    files.remove();
  }
});
