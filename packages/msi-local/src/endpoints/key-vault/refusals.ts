// Key Vault's error bodies; each message holds the fragments by which people and tools recognise the real one.
// https://learn.microsoft.com/azure/key-vault/general/rest-error-codes

import type { Cloud } from '../../network/clouds.ts';
import type { Condition } from '../../state/secrets.ts';
import { json } from '../json.ts';

/** One of Key Vault's errors. */
export function refuse(status: number, code: string, message: string, inner?: string): Response {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return json(status, { error: { code, message, ...innererror } });
}

/** 401 always brings the challenge, on refused tokens as well as on missing ones. */
export function unauthorized(message: string, cloud: Cloud, tenantId: string): Response {
  const response = refuse(401, 'Unauthorized', message);
  // Comma and space: the JavaScript SDK does not split the pairs without the space.
  const authorization = `https://${cloud.loginHosts[0]}/${tenantId}`;
  const challenge = `Bearer authorization="${authorization}", resource="https://${cloud.vaultSuffix}"`;
  response.headers.set('www-authenticate', challenge);
  return response;
}

export const badParameter = (message: string) => refuse(400, 'BadParameter', message);

export const secretNotFound = (what: string) =>
  refuse(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${what} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );

export const deletedSecretNotFound = (name: string) =>
  refuse(404, 'SecretNotFound', `Deleted Secret not found: ${name}`);

export const secretDisabled = () =>
  refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');

export const deletedButRecoverable = (name: string) =>
  refuse(
    409,
    'Conflict',
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
    'ObjectIsDeletedButRecoverable',
  );

/** To a purge or a recovery that does not wait for the deletion: hashicorp/terraform-provider-azurerm#10454. */
export const beingDeleted = () => refuse(409, 'Conflict', 'Secret is currently being deleted.', 'ObjectIsBeingDeleted');

/** hashicorp/terraform-provider-azurerm#12285, Azure/azure-sdk-for-python#19263. */
export function cannotBeRecreated(name: string, to: Condition): Response {
  const [what, code] =
    to === 'recovered' ? ['recovered', 'ObjectIsBeingRecovered'] : ['deleted', 'ObjectIsBeingDeleted'];
  return refuse(
    409,
    'Conflict',
    `Secret ${name} is currently being ${what} and cannot be re-created; retry later.`,
    code,
  );
}

/** The answers to paths and methods that the service does not know; JSON like the rest. */
export const keyVaultRefusals = {
  notFound: () => refuse(404, 'NotFound', 'The requested resource does not exist in this key vault.'),
  methodNotAllowed: () => refuse(405, 'MethodNotAllowed', 'The method is not allowed on this resource.'),
};
