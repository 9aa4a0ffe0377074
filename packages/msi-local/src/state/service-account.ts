import { randomUUID } from 'node:crypto';
import type { State } from '../types.ts';
import { seconds } from './clock.ts';
import { cluster } from './federations.ts';

/**
 * What the cluster puts into the file that AZURE_FEDERATED_TOKEN_FILE names; an hour. The kubelet writes no newline, and clients such
 * as Go's send the file as it is. https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken
 */
export function serviceAccountToken(state: State): string {
  const now = seconds(state.clock);
  return state.issuers.aks.sign({
    // Kubernetes writes a list, of one.
    aud: [cluster.audience],
    exp: now + 3600,
    iat: now,
    nbf: now,
    iss: cluster.issuer(state.world),
    jti: randomUUID(),
    sub: cluster.subject,
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'local', uid: randomUUID() } },
  });
}

/** The file with that token. */
export interface ServiceAccountFile {
  /** Where it is. It is written when this is first asked, and kept fresh from then on. */
  path(): string;
  /** Writes a new token and returns it. */
  renew(): string;
  stop(): void;
}

export function createServiceAccountFile(
  state: State,
  write: (name: string, content: string) => string,
): ServiceAccountFile {
  let path = '';
  let renewal: NodeJS.Timeout | undefined;
  const renew = () => {
    const token = serviceAccountToken(state);
    path = write('azure-identity-token', token);
    return token;
  };
  return {
    path() {
      if (renewal === undefined) renew();
      // As the kubelet does, when four fifths of the hour are over.
      renewal ??= setInterval(renew, 48 * 60_000).unref();
      return path;
    },
    renew,
    stop: () => clearInterval(renewal),
  };
}
