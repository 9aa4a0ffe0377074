import { checkNode } from '../../check-node.ts';
import type { Explanation } from '../../codes.ts';
import { cloudFor, vaultSuffixOf } from '../../sources/application/clouds.ts';
import type { Environment } from '../../types.ts';
import { explain } from '../explain/codes.ts';
import { KeyVaultError } from '../explain/error.ts';
import { getKeyVaultSecret, type ResolvedSecretOptions, type SecretOptions } from '../secret/secret.ts';
import { KeyVaultReferencesError, type ReferenceStatus, statusOf } from './failures.ts';
import { isReference, readReference, type SecretReference } from './syntax.ts';

/**
 * Options of `resolveKeyVaultReferences`: the credential's options, and what to do with a reference that cannot be resolved.
 * The option `env` (default: `process.env`) names the identity and the cloud, not the values to resolve.
 */
export interface ReferenceOptions extends Omit<SecretOptions, 'vaultUrl' | 'version'> {
  /** `throw` (default): reject with all failures; `keep`: leave the reference as the value, as App Service does. */
  readonly onError?: 'throw' | 'keep' | undefined;
}

/** The options with the environment to read, which the door fills in. */
export type ResolvedReferenceOptions = ReferenceOptions & { readonly env: Environment };

/** What became of one reference. */
type Outcome =
  | { readonly value: string }
  | { readonly status: ReferenceStatus; readonly explanation: Explanation; readonly error: unknown };

/** See the door, `index.ts`. */
export async function resolveKeyVaultReferences(
  values: Environment,
  { onError = 'throw', ...options }: ResolvedReferenceOptions,
): Promise<Record<string, string>> {
  checkNode();
  // Of a map that names a vault, its references are about the same cloud.
  const { KEY_VAULT_URL = values.KEY_VAULT_URL, KEY_VAULT_URI = values.KEY_VAULT_URI } = options.env;
  const cloud = cloudFor({ ...options.env, KEY_VAULT_URL, KEY_VAULT_URI }, options.authorityHost);
  const fetched = new Map<string, Promise<Outcome>>();
  const resolve = (text: string): Promise<Outcome> => {
    const reference = readReference(text, vaultSuffixOf(cloud));
    if ('mistake' in reference) return Promise.resolve(unreadable(reference.mistake));
    const key = [reference.vaultUrl, reference.secretName, reference.version].join(' ').toLowerCase();
    const outcome = fetched.get(key) ?? fetch(reference, options);
    fetched.set(key, outcome);
    return outcome;
  };
  const outcomes = await Promise.all(
    referencesIn(values).map(async ([variable, text]) => ({ variable, text, outcome: await resolve(text) })),
  );
  const failed = outcomes.flatMap(({ variable, outcome }) => ('status' in outcome ? [{ variable, ...outcome }] : []));
  if (failed.length > 0 && onError === 'throw') {
    throw new KeyVaultReferencesError(
      failed.map(({ variable, status, explanation }) => ({ variable, status, explanation })),
      failed.map(({ error }) => error),
    );
  }
  return Object.fromEntries(
    outcomes.map(({ variable, text, outcome }) => [variable, 'value' in outcome ? outcome.value : text]),
  );
}

/** App Service's report on its references, which repeats them: https://learn.microsoft.com/azure/app-service/reference-app-settings */
const report = 'WEBSITE_KEYVAULT_REFERENCES';

function referencesIn(values: Environment): [variable: string, text: string][] {
  return Object.entries(values).flatMap(([variable, text]) =>
    variable !== report && text !== undefined && isReference(text) ? [[variable, text]] : [],
  );
}

function unreadable(mistake: string): Outcome {
  const explanation = explain('KV_REFERENCE_SYNTAX', `${mistake}.`, [
    {
      text: 'Write @Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET) or @Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/SECRET).',
    },
    {
      text: 'Shells cut and change it. For App Service write it into a file settings.json, as [{"name":"NAME","value":"@Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET)","slotSetting":false}], and send that from any shell:',
      run: 'az webapp config appsettings set -g GROUP -n APP --settings "@settings.json"',
    },
  ]);
  return { status: 'InvalidSyntax', explanation, error: new KeyVaultError(explanation) };
}

async function fetch({ secretName, ...reference }: SecretReference, options: ResolvedSecretOptions): Promise<Outcome> {
  try {
    return { value: await getKeyVaultSecret(secretName, { ...options, ...reference }) };
  } catch (error) {
    // Misuse of the credential's options is a bug of the program, whatever is to become of the references.
    if (!(error instanceof KeyVaultError)) throw error;
    const { explanation } = error;
    return { status: statusOf(explanation.code, reference.version), explanation, error };
  }
}
