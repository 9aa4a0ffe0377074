import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createClientCertificate } from '../../../../msi-local/src/network/certificates.ts';
import { ask, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing } from '../../../test/catalogue.ts';
import { readCertificate } from './certificate.ts';

const [own, root] = await Promise.all([createClientCertificate('app'), createClientCertificate('root')]);
const { keyPem: key, certPem: leaf } = own;
const keyObject = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const password = 'p4ss w0rd';
const encrypted = (type: 'pkcs8' | 'pkcs1') =>
  keyObject.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
const path = '/run/app.pem';
const env = {
  AZURE_TENANT_ID: world.tenantId,
  AZURE_CLIENT_ID: world.applicationId,
  AZURE_CLIENT_CERTIFICATE_PATH: path,
};
/** A file as Node reads it. */
const asUtf8 = (bytes: Buffer) => bytes.toString('utf8');
const utf16 = asUtf8(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(key + leaf, 'utf16le')]));
const utf16be = asUtf8(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(key + leaf, 'utf16le').swap16()]));

const signIn = (text: string | null | undefined, more = {}) =>
  ask({ ...env, ...more }, { machine: { readText: () => text } });

describe("the key's own certificate comes first", () => {
  test.each<[string, string]>([
    ['key, certificate', key + leaf],
    ['certificate, key', leaf + key],
    ['key, root, leaf', key + root.certPem + leaf],
    ['root, leaf, key', root.certPem + leaf + key],
    ['two keys', root.keyPem + key + leaf],
    ['with what openssl writes in between', `Bag Attributes\n  localKeyID: 01\n${key}subject=CN = app\n${leaf}`],
    ['with line breaks of Windows', (key + root.certPem + leaf).replaceAll('\n', '\r\n')],
    ['with \\n in place of line breaks', (key + leaf).replaceAll('\n', '\\n')],
    ['on one line', (key + leaf).replaceAll('\n', ' ')],
    ['in UTF-16', utf16],
    ['in UTF-16, the other way round', utf16be],
    ['after a byte order mark', `\uFEFF${key}${leaf}`],
  ])('%s', async (_, text) => {
    const { token, made } = signIn(text);
    await token;
    const [{ args } = { args: [] }] = made;
    const { certificate } = args[2] as { readonly certificate: string };
    expect(new X509Certificate(certificate).fingerprint).toBe(new X509Certificate(leaf).fingerprint);
    expect(certificate).toContain(key.trim());
    expect(certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(
      text.match(/BEGIN CERTIFICATE|B\0E\0G\0I\0N\0 \0C/g)?.length ?? 1,
    );
  });

  test.each(['pkcs8', 'pkcs1'] as const)('an encrypted key, %s, is read with the password', (type) => {
    const spoiled = readCertificate(encrypted(type) + leaf, password);
    // It is read, and is another key than the certificate's.
    expect(spoiled).toMatchObject({ why: expect.stringContaining("isn't the certificate's") });
  });

  test.each([undefined, null, ''])('a file that reads as %j is left to @azure/identity', async (text) => {
    const { token, made } = signIn(text, { AZURE_CLIENT_CERTIFICATE_PASSWORD: 'pw' });
    await token;
    expect(made[0]?.args[2]).toEqual({ certificatePath: path, certificatePassword: 'pw' });
  });
});

const unusable: [title: string, text: string, names: RegExp, password?: string][] = [
  ['the key of another certificate', root.keyPem + leaf, /isn't the certificate's/],
  ['a key that is none of theirs', encrypted('pkcs8') + root.certPem + leaf, /none of its 2/, password],
  ['an EC key', ec + leaf, /type ec.*RSA/],
  ['no key', leaf, /no private key/],
  ['no certificate', key, /no certificate/],
  ['another text', 'MIIJ', /no private key/],
  ['a certificate cut short', key + leaf.replace(/\n.{64}\n/, '\n'), /certificate can't be read/],
  ['an encrypted key without its password', encrypted('pkcs8') + leaf, /AZURE_CLIENT_CERTIFICATE_PASSWORD is not set/],
  ['an encrypted key with another password', encrypted('pkcs8') + leaf, /can't be read/, 'other'],
];

const failed = ([, text, , AZURE_CLIENT_CERTIFICATE_PASSWORD]: (typeof unusable)[number]) =>
  signIn(text, { AZURE_CLIENT_CERTIFICATE_PASSWORD });

test.each(unusable)('nothing is sent with %s', async (...row) => {
  const { token, made } = failed(row);
  const { code, cause } = await explanationOfFailure(token);
  expect(code).toBe('ERR_FILE_UNREADABLE');
  expect(cause).toMatch(row[2]);
  expect(cause).toContain(path);
  expect(made).toEqual([]);
  await expect(token).rejects.toMatchObject({ source: 'service-principal' });
});

test('the wording of each', async () => {
  const told = await Promise.all(unusable.map((row) => failing(row[0], failed(row).token)));
  const said = catalogueOf(told).replace(/ERR_OSSL_\w+/g, 'ERR_OSSL_...');
  await expect(said).toMatchFileSnapshot('./__snapshots__/certificate.txt');
});
