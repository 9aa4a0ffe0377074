import { randomBytes } from 'node:crypto';

/**
 * The secret that each host gives to its programs. Every host kind has another one, so that one server can play all
 * of them at once and still know by the secret which host's rules apply.
 */
export interface HostSecrets {
  of(host: string): string;
  /** The host that a secret belongs to; undefined for a wrong or outdated one. */
  hostOf(secret: string | null): string | undefined;
  /** Gives the host a new secret, as App Service does now and then; the old one stops working. */
  rotate(host: string): string;
}

export function createHostSecrets(): HostSecrets {
  const secrets = new Map<string, string>();
  const rotate = (host: string) => {
    const secret = randomBytes(16).toString('hex').toUpperCase();
    secrets.set(host, secret);
    return secret;
  };
  return {
    rotate,
    of: (host) => secrets.get(host) ?? rotate(host),
    hostOf: (secret) => [...secrets].find(([, one]) => one === secret)?.[0],
  };
}
