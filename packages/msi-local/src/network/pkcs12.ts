// A trust store as Java reads it: PKCS #12 (RFC 7292) without a password, like the one that OpenJDK 18 and newer brings along
// (https://bugs.openjdk.org/browse/JDK-8076190). Nothing in it is secret, so there is nothing to encrypt.

/** One value in DER (X.690): tag, length, content. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const digits = length.subarray(length.findIndex((byte) => byte > 0));
  const short = content.length < 0x80;
  const head = short ? [tag, content.length] : [tag, 0x80 + digits.length, ...digits];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...contents: readonly Buffer[]) => der(0x30, ...contents);
const set = (...contents: readonly Buffer[]) => der(0x31, ...contents);
const explicit = (content: Buffer) => der(0xa0, content);
const octets = (content: Buffer) => der(0x04, content);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));

const data = oid('2a864886f70d010701'); // 1.2.840.113549.1.7.1
const certificateBag = oid('2a864886f70d010c0a0103'); // 1.2.840.113549.1.12.10.1.3
const x509Certificate = oid('2a864886f70d01091601'); // 1.2.840.113549.1.9.22.1
const friendlyName = oid('2a864886f70d010914'); // 1.2.840.113549.1.9.20
// Java trusts only what says so: its own attribute, with the key usage "any".
const trustedKeyUsage = oid('6086480186f966adca7b0101'); // 2.16.840.1.113894.746875.1.1
const anyExtendedKeyUsage = oid('551d2500'); // 2.5.29.37.0

/** Writes a trust store with these certificates, each in DER. */
export function trustStore(certificates: readonly Buffer[]): Buffer {
  const bags = certificates.map((certificate, index) => {
    const name = der(0x1e, Buffer.from(`ca-${index}`, 'utf16le').swap16());
    return sequence(
      certificateBag,
      explicit(sequence(x509Certificate, explicit(octets(certificate)))),
      set(sequence(friendlyName, set(name)), sequence(trustedKeyUsage, set(anyExtendedKeyUsage))),
    );
  });
  const wrapped = (content: Buffer) => sequence(data, explicit(octets(content)));
  return sequence(der(0x02, Buffer.from([3])), wrapped(sequence(wrapped(sequence(...bags)))));
}
