import { SecretClient } from '@azure/keyvault-secrets';
import { type Diagnostics, getKeyVaultCredential } from 'msi-credential';

/** Which secret of which vault. */
export interface SecretSettings {
  readonly vaultUrl: string;
  readonly secretName: string;
}

/** The secret, and whose token it was read with. */
export interface SecretRead {
  readonly value: string | undefined;
  readonly diagnostics: Diagnostics;
}

/** Reads the latest version of a secret, each time anew. */
export type ReadSecret = () => Promise<SecretRead>;

/** What the app does with Azure. */
export interface SecretReader {
  readonly read: ReadSecret;
  /** The diagnosis as of now; sends nothing. */
  readonly diagnostics: () => Diagnostics;
  /** Gets a token, or keeps the one that is there, without touching the vault. */
  readonly check: (abortSignal?: AbortSignal) => Promise<Diagnostics>;
}

/** The whole of what the seed's sample shows: a credential that fits anywhere, handed to the vault's own client. */
export function secretReader({ vaultUrl, secretName }: SecretSettings): SecretReader {
  const credential = getKeyVaultCredential();
  const client = new SecretClient(vaultUrl, credential);
  return {
    async read() {
      const { value } = await client.getSecret(secretName);
      return { value, diagnostics: credential.diagnostics };
    },
    diagnostics: () => credential.diagnostics,
    check: (abortSignal) => credential.check(abortSignal ? { abortSignal } : {}),
  };
}
