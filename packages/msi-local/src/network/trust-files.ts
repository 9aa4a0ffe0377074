import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';

/** A folder of the stand-in's own, readable by its user alone, with the files that make programs trust it. */
export interface TrustFiles {
  /** The private authority after the caller's own extra certificates, for variables that add to the roots. */
  readonly extraCaPath: string;
  /** The same with all roots before it, for variables that replace the roots. */
  readonly bundlePath: string;
  /** Puts another file into the folder. */
  write(name: string, content: string): string;
  remove(): void;
}

/** `added` and `replacing` are the PEM files that the caller itself trusts, beside and in place of the usual roots. */
export function writeTrustFiles(caPem: string, added: readonly string[], replacing: readonly string[]): TrustFiles {
  const folder = mkdtempSync(join(tmpdir(), 'msi-local-'));
  const write = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const extra = [...added.map(readIfThere), caPem];
  return {
    extraCaPath: write('extra-ca.pem', extra.join('\n')),
    bundlePath: write(
      'bundle.pem',
      [...getCACertificates('default'), ...replacing.map(readIfThere), ...extra].join('\n'),
    ),
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
