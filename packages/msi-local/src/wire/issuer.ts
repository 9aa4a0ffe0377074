import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type Jwt, verifySignature } from './tokens.ts';

/** An issuer of tokens outside the tenant: a cluster, a pipeline service. Its tokens are RS256; Entra takes no other. */
export interface Issuer {
  /** At once, unlike the tenant's: a pod's token file is there before its program starts. */
  sign(claims: object): string;
  /** Whether its key signed this token, with RS256 and under the key's own id. */
  verifies(jwt: Jwt): boolean;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The key is made at the first use: most programs never meet any of these issuers. Tells each token that it has signed. */
export function createIssuer(signed: (token: string) => void = () => {}): Issuer {
  let made: ReturnType<typeof makeKey> | undefined;
  const key = () => {
    made ??= makeKey();
    return made;
  };
  return {
    sign(claims) {
      const { kid, privateKey } = key();
      const content = `${encode({ alg: 'RS256', kid, typ: 'JWT' })}.${encode(claims)}`;
      const token = `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
      signed(token);
      return token;
    },
    verifies: (jwt) => jwt.header.kid === key().kid && verifySignature(jwt, key().publicKey, ['RS256']),
  };
}

function makeKey() {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { ...pair, kid: createHash('sha256').update(spki).digest('base64url') };
}
