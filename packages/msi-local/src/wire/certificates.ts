import { createHash, generateKeyPair, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';

// Node signs but does not write certificates. The few DER structures of RFC 5280 that are needed fit on this page; the
// libraries that write them take longer to load than the whole stand-in takes to start.

/** A private authority and a server certificate that it signed. The authority's key is not kept. */
export interface ServerIdentity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const der = (tag: number, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
};
const sequence = (...content: Uint8Array[]) => der(0x30, ...content);
const octets = (...content: Uint8Array[]) => der(0x04, ...content);
const bits = (unused: number, content: Uint8Array) => der(0x03, Buffer.of(unused), content);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const commonName = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const utcTime = (ms: number) => der(0x17, Buffer.from(new Date(ms).toISOString().replace(/^..|[-T:]|\.\d+/g, '')));
const yes = der(0x01, Buffer.of(0xff));

const signatureAlgorithms = {
  ec: sequence(oid('2a8648ce3d040302')), // ecdsa-with-SHA256, RFC 5758 section 3.2
  rsa: sequence(oid('2a864886f70d01010b'), der(0x05)), // sha256WithRSAEncryption, RFC 4055 section 5
};

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Party {
  readonly name: string;
  readonly keys: Keys;
}

const spki = (party: Party) => party.keys.publicKey.export({ type: 'spki', format: 'der' });
const keyIdentifier = (party: Party) => createHash('sha1').update(spki(party)).digest();

const day = 86_400_000;

function certificate(subject: Party, issuer: Party, extensions: Buffer[]): string {
  const algorithm = signatureAlgorithms[issuer.keys.privateKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'];
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive and of full length
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    algorithm,
    commonName(issuer.name),
    // The real time, not the stand-in's clock: it is the program's TLS that checks it.
    sequence(utcTime(Date.now() - day), utcTime(Date.now() + 90 * day)),
    commonName(subject.name),
    spki(subject),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.keys.privateKey);
  const lines =
    sequence(body, algorithm, bits(0, signature))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Both key identifiers, because strict verifiers (Python 3.13 and newer) insist on them: RFC 5280 section 4.2.1.1. */
const keyIdentifiers = (subject: Party, issuer: Party) => [
  sequence(oid('551d0e'), octets(octets(keyIdentifier(subject)))),
  sequence(oid('551d23'), octets(sequence(der(0x80, keyIdentifier(issuer))))),
];
const basicConstraints = (ca: boolean) => sequence(oid('551d13'), yes, octets(sequence(...(ca ? [yes] : []))));
const keyUsage = (unused: number, flags: number) =>
  sequence(oid('551d0f'), yes, octets(bits(unused, Buffer.of(flags))));
const serverUse = sequence(oid('551d25'), octets(sequence(oid('2b06010505070301'))));
const dnsNames = (names: readonly string[]) =>
  sequence(oid('551d11'), octets(sequence(...names.map((name) => der(0x82, Buffer.from(name))))));

/** Makes an authority, lets it sign one server certificate for these names, and forgets its key. */
export function createServerIdentity(names: readonly string[]): ServerIdentity {
  const party = (name: string): Party => ({ name, keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
  const ca = party('msi-local development CA (made at start, key not kept)');
  const server = party('msi-local');
  return {
    caPem: certificate(ca, ca, [basicConstraints(true), keyUsage(2, 0x04), ...keyIdentifiers(ca, ca)]),
    certPem: certificate(server, ca, [
      basicConstraints(false),
      keyUsage(7, 0x80),
      serverUse,
      dnsNames(names),
      ...keyIdentifiers(server, ca),
    ]),
    keyPem: pem(server),
  };
}

/** A self-signed RSA certificate with its key, as a service principal would use it to sign in. */
export async function createClientCertificate(name: string): Promise<{ certPem: string; keyPem: string }> {
  const client = { name, keys: await promisify(generateKeyPair)('rsa', { modulusLength: 2048 }) };
  const extensions = [basicConstraints(false), keyUsage(7, 0x80), ...keyIdentifiers(client, client)];
  return { certPem: certificate(client, client, extensions), keyPem: pem(client) };
}

const pem = (party: Party) => party.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
