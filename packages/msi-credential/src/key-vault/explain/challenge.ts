import { asId } from '../secret/names.ts';

/**
 * The tenant of the vault, which its challenge names on refused tokens as well as on missing ones:
 * `Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"`.
 * https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 *
 * @param header - `www-authenticate`.
 */
export function tenantOfChallenge(header: string | undefined): string | undefined {
  return asId(/\bauthorization="https:\/\/[^/"]+\/([^/"]{1,100})/i.exec(header ?? '')?.[1]);
}
