// Node makes keys and signs, but does not write certificates; @peculiar/asn1-x509 writes their structures. That takes
// 34 ms of each start, bundled, loading included. @peculiar/x509, the layer above, would save some of these lines for
// 55 ms, but can only be awaited and patches the global Reflect of whatever program imports us; selfsigned loads
// @peculiar/x509 and pkijs together.

import {
  createHash,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';

/** A certificate with its private key. */
export interface CertificateAndKey {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A private authority and a server certificate that it signed. The authority's key is not kept. */
export interface ServerIdentity extends CertificateAndKey {
  readonly caPem: string;
}

/** A server certificate that no authority signed: programs know it by its thumbprint. */
export interface SelfSignedServer extends CertificateAndKey {
  /** The SHA-1 hash of the certificate, as 40 lower-case hexadecimal digits. */
  readonly thumbprint: string;
}

interface Party {
  readonly name: string;
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

const signatureAlgorithms = {
  // ecdsa-with-SHA256, RFC 5758 section 3.2
  ec: new x509.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' }),
  // sha256WithRSAEncryption, RFC 4055 section 5, with parameters that are there and NULL
  rsa: new x509.AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.11', parameters: null }),
};

const spki = (party: Party) => party.keys.publicKey.export({ type: 'spki', format: 'der' });
const keyIdentifier = (party: Party) => createHash('sha1').update(spki(party)).digest();
const keyPem = (party: Party) => party.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function distinguishedName(commonName: string): x509.Name {
  const value = new x509.AttributeValue({ utf8String: commonName });
  return new x509.Name([
    new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type: '2.5.4.3', value })]),
  ]);
}

function extension(extnID: string, value: object, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

const use = x509.KeyUsageFlags;
const day = 86_400_000;

/** From a day ago for 90 days: the real time, not the stand-in's clock, since it is the program's TLS that checks it. */
const usualDates = () => ({ notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 90 * day) });

/** What every certificate here says: strict verifiers (Python 3.13 and newer) insist on both key identifiers. */
function certificate(
  subject: Party,
  issuer: Party,
  keyUsage: number,
  more: readonly x509.Extension[] = [],
  dates = usualDates(),
) {
  const signature = signatureAlgorithms[issuer.keys.privateKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'];
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive and of full length
  const cA = keyUsage === use.keyCertSign;
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array(serial).buffer,
    signature,
    issuer: distinguishedName(issuer.name),
    validity: new x509.Validity(dates),
    subject: distinguishedName(subject.name),
    subjectPublicKeyInfo: AsnConvert.parse(spki(subject), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([
      extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA }), true),
      extension(x509.id_ce_keyUsage, new x509.KeyUsage(keyUsage), true),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdentifier(subject))),
      extension(
        x509.id_ce_authorityKeyIdentifier,
        new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(keyIdentifier(issuer)) }),
      ),
      ...more,
    ]),
  });
  const signed = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), issuer.keys.privateKey);
  const whole = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: signature,
    signatureValue: new Uint8Array(signed).buffer,
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(whole)));
}

const ecParty = (name: string): Party => ({ name, keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }) });

/** A certificate for a TLS server under these names and IPv4 addresses. */
function serverCertificate(server: Party, issuer: Party, names: readonly string[], dates = usualDates()) {
  const subjects = names.map((name) => new x509.GeneralName(isIPv4(name) ? { iPAddress: name } : { dNSName: name }));
  const extensions = [
    extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
    extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(subjects)),
  ];
  return certificate(server, issuer, use.digitalSignature, extensions, dates);
}

/** Makes an authority, lets it sign one server certificate for these names and dates, and forgets its key. */
export function createServerIdentity(names: readonly string[], dates = usualDates()): ServerIdentity {
  const ca = ecParty('msi-local development CA (made at start, key not kept)');
  const server = ecParty('msi-local');
  return {
    caPem: certificate(ca, ca, use.keyCertSign).toString(),
    certPem: serverCertificate(server, ca, names, dates).toString(),
    keyPem: keyPem(server),
  };
}

/** A server certificate that signs itself, for hosts whose programs compare its thumbprint. */
export function createSelfSignedServer(names: readonly string[]): SelfSignedServer {
  const server = ecParty(names[0] ?? 'localhost');
  const made = serverCertificate(server, server, names);
  const thumbprint = made.fingerprint.replaceAll(':', '').toLowerCase();
  return { certPem: made.toString(), keyPem: keyPem(server), thumbprint };
}

/** A self-signed RSA certificate with its key, as a service principal would use it to sign in. */
export async function createClientCertificate(name: string): Promise<CertificateAndKey> {
  const client = { name, keys: await promisify(generateKeyPair)('rsa', { modulusLength: 2048 }) };
  return { certPem: certificate(client, client, use.digitalSignature).toString(), keyPem: keyPem(client) };
}
