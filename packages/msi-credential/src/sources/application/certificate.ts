// The file of a certificate, compared with its key before anything is sent: Entra would only say that it does not know it.
import type { Fix } from '../../codes.ts';

/** A file as `@azure/identity` reads it, or why it can't be used, as the end of "cannot be used, because". */
export type CertificateFile = { readonly pem: string } | { readonly why: string; readonly fix?: readonly Fix[] };

interface Block {
  readonly label: string;
  readonly pem: string;
}

/**
 * Puts the certificate that the key belongs to first: `@azure/identity` takes the first one for the application's own, and
 * Key Vault exports some chains with the root before it. Also mends what can only be a slip: UTF-16, `\n` in place of
 * line breaks, everything on one line.
 */
export function readCertificate(text: string, password: string | undefined): CertificateFile {
  const blocks = blocksOf(text);
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const certificates = blocks.filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label));
  if (keys.length === 0) return { why: 'it holds no private key in PEM' };
  if (certificates.length === 0) return { why: 'it holds no certificate in PEM' };
  const read = certificates.map((block) => ({ ...block, certificate: attempt(() => certificateOf(block)) }));
  for (const key of keys) {
    const loaded = attempt(() => keyOf(key, password));
    if (loaded instanceof Error) return { why: unreadable(key, password, loaded) };
    if (!/^rsa/.test(loaded.asymmetricKeyType ?? '')) return otherKind(loaded);
    const own = read.find(({ certificate: each }) => !(each instanceof Error) && each.checkPrivateKey(loaded));
    if (own === undefined) continue;
    const others = read.filter((each) => each !== own);
    return { pem: [own, ...others, key].map(({ pem }) => pem).join('') };
  }
  if (read.every(({ certificate }) => certificate instanceof Error)) return { why: "its certificate can't be read" };
  return { why: notOneOf(certificates.length), fix: otherKey };
}

/** PEM is plain ASCII, so whatever else is there came with an encoding: https://www.rfc-editor.org/rfc/rfc7468 */
function blocksOf(text: string): Block[] {
  const plain = text.replace(/[\0\uFEFF\uFFFD]/g, '').replace(/(?:\\r|\\n)+/g, '\n');
  const found = plain.matchAll(/-----BEGIN ([A-Z\d ]{1,40})-----([\s\S]*?)-----END \1-----/g);
  return [...found].map(([, label = '', body = '']) => ({ label, pem: pemOf(label, body) }));
}

/** The lines of an encrypted key of the old kind begin with headers, which stay as they are. */
function pemOf(label: string, body: string): string {
  const lines = body.includes(':') ? body.trim() : (body.replace(/\s+/g, '').match(/.{1,64}/g) ?? []).join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

const crypto = () => process.getBuiltinModule('node:crypto');
type PrivateKey = ReturnType<ReturnType<typeof crypto>['createPrivateKey']>;
const certificateOf = ({ pem }: Block) => new (crypto().X509Certificate)(pem);
const keyOf = ({ pem }: Block, passphrase: string | undefined): PrivateKey =>
  crypto().createPrivateKey({ key: pem, passphrase });

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error : new Error('unreadable');
  }
}

function unreadable({ pem }: Block, password: string | undefined, { code = 'no reason given' }: NodeJS.ErrnoException) {
  if (!pem.includes('ENCRYPTED')) return `its private key can't be read (${code})`;
  return password === undefined
    ? 'its private key is encrypted and AZURE_CLIENT_CERTIFICATE_PASSWORD is not set'
    : `its private key can't be read (${code}): AZURE_CLIENT_CERTIFICATE_PASSWORD may be another one's`;
}

const notOneOf = (count: number) =>
  count === 1
    ? "its private key isn't the certificate's"
    : `its private key belongs to none of its ${count} certificates`;

const otherKey: readonly Fix[] = [
  { text: 'Put the key and the certificate that was made with it into one file. A pair prints the same twice:' },
  { run: 'openssl pkey -in KEY.pem -pubout' },
  { run: 'openssl x509 -in CERT.pem -noout -pubkey' },
];

/** https://learn.microsoft.com/entra/identity-platform/certificate-credentials: PS256, a signature of RSA */
function otherKind({ asymmetricKeyType }: PrivateKey): CertificateFile {
  return {
    why: `its private key is of the type ${asymmetricKeyType}, and Entra takes RSA only`,
    fix: [
      {
        text: 'Make an RSA key with its certificate:',
        run: 'openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=APP -keyout KEY.pem -out CERT.pem',
      },
      {
        text: "Add the certificate's public part to the application, and put both files into one:",
        run: 'az ad app credential reset --id CLIENT_ID --cert @CERT.pem --append',
      },
    ],
  };
}
