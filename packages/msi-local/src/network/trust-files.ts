import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { ownFolder } from '../leftovers.ts';
import { trustStore } from './pkcs12.ts';

/** A folder of the stand-in's own, readable by its user alone, with the files that make programs trust it. */
export interface TrustFiles {
  /** The private authority after the caller's own extra certificates, for variables that add to the roots. */
  readonly extraCaPath: string;
  /** The same with all roots before it, for variables that replace the roots. */
  readonly bundlePath: string;
  /** The same bundle as a trust store of Java's. */
  readonly trustStorePath: string;
  /** Puts another file into the folder. */
  write(name: string, content: string | Buffer): string;
  remove(): void;
}

/** `added` and `replacing` are the PEM files that the caller itself trusts, beside and in place of the usual roots. */
export function writeTrustFiles(caPem: string, added: readonly string[], replacing: readonly string[]): TrustFiles {
  const folder = ownFolder();
  const write = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const extra = [...added.map(readIfThere), caPem];
  const roots = getCACertificates('default');
  const others = [...replacing.map(readIfThere), ...extra];
  return {
    extraCaPath: write('extra-ca.pem', extra.join('\n')),
    bundlePath: write('bundle.pem', [...roots, ...others].join('\n')),
    trustStorePath: write('trust-store.p12', trustStore(certificatesIn(roots, others.join('\n')))),
    write,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A variable that names a missing file is the caller's affair; every program only warns about it. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * All of them once, in DER, without what nobody can read: one such would spoil the whole store for Java. To try them takes half
 * a millisecond each, so Node's own roots, some 150, are taken as they are.
 */
function certificatesIn(roots: readonly string[], others: string): Buffer[] {
  const found = others.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const known = new Set(roots.map(base64Of));
  const added = new Set(found.map(base64Of).filter((one) => !known.has(one)));
  return [...known, ...[...added].filter(isReadable)].map((one) => Buffer.from(one, 'base64'));
}

const base64Of = (pem: string) => pem.replaceAll(/-----[^-]+-----|\s/g, '');

function isReadable(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}
