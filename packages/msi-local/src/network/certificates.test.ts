import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { createClientCertificate, createSelfSignedServer, createServerIdentity } from './certificates.ts';
import { listen } from './http.ts';

/** The error of a handshake under this name, or undefined. */
async function handshake(pem: { certPem: string; keyPem: string }, ca: string, host: string): Promise<unknown> {
  const server = createServer({ cert: pem.certPem, key: pem.keyPem }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  try {
    // An address is checked against the certificate as the host; SNI is for names only.
    const socket = connect({ port, ca, host: '127.0.0.1', ...(host === '127.0.0.1' ? {} : { servername: host }) });
    await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail));
    socket.destroy();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    server.close();
  }
}

it('makes a server certificate that its authority signed, good for its names and no other', async () => {
  const identity = createServerIdentity(['*.vault.azure.net', 'localhost', '127.0.0.1']);
  const [ca, server] = [new X509Certificate(identity.caPem), new X509Certificate(identity.certPem)];
  expect([ca.ca, server.ca]).toEqual([true, false]);
  expect(server.verify(ca.publicKey) && server.checkIssued(ca)).toBe(true);
  expect(server.subjectAltName).toBe('DNS:*.vault.azure.net, DNS:localhost, IP Address:127.0.0.1');
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  for (const host of ['local.vault.azure.net', 'localhost', '127.0.0.1']) {
    expect(await handshake(identity, identity.caPem, host)).toBeUndefined();
  }
  expect(await handshake(identity, identity.caPem, 'example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

it('makes one that is over, or not yet begun', async () => {
  const at = (days: number) => new Date(Date.now() + days * 86_400_000);
  for (const [notBefore, notAfter, code] of [
    [at(-2), at(-1), 'CERT_HAS_EXPIRED'],
    [at(1), at(2), 'CERT_NOT_YET_VALID'],
  ] as const) {
    const identity = createServerIdentity(['localhost'], { notBefore, notAfter });
    expect(await handshake(identity, identity.caPem, 'localhost')).toBe(code);
  }
});

it('makes authorities that nobody can mix up', () => {
  const [one, other] = [createServerIdentity(['a.example']), createServerIdentity(['a.example'])];
  const serials = [one.caPem, one.certPem, other.caPem, other.certPem].map(
    (pem) => new X509Certificate(pem).serialNumber,
  );
  expect(new Set(serials).size).toBe(4);
  expect(new X509Certificate(one.certPem).verify(new X509Certificate(other.caPem).publicKey)).toBe(false);
});

it('makes a server certificate that is known by its thumbprint', async () => {
  const server = createSelfSignedServer(['localhost', '127.0.0.1']);
  const { raw } = new X509Certificate(server.certPem);
  expect(server.thumbprint).toBe(createHash('sha1').update(raw).digest('hex'));
  expect(await handshake(server, server.certPem, 'localhost')).toBeUndefined();
});

it('makes an RSA certificate for a service principal', async () => {
  const { certPem, keyPem } = await createClientCertificate('local');
  const certificate = new X509Certificate(certPem);
  expect(certificate.subject).toBe('CN=local');
  expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
});
