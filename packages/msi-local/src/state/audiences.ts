import { clouds, isOfOtherCloud } from '../network/clouds.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Whether Entra would issue a token for this resource. Any https URL, `api://` URI or application id may be somebody's
 * API and passes; refused are the two usual slips, a scope in place of a resource and a vault's own URL in place of
 * Key Vault's (AADSTS500011), everything that is no URI at all, and the services of another cloud.
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 *
 * @param loginHost - Where the application signs in. The hosts of managed identities are in the public cloud.
 */
export function isAzureAudience(resource: string, loginHost: string = clouds[0].loginHosts[0]): boolean {
  if (guid.test(resource)) return true;
  if (/^api:\/\/.+/.test(resource)) return !resource.endsWith('/.default');
  if (!/^https:\/\//i.test(resource) || !URL.canParse(resource) || resource.endsWith('/.default')) return false;
  const { hostname } = new URL(resource);
  return !isOfOtherCloud(resource, loginHost) && !clouds.some((cloud) => hostname.endsWith(`.${cloud.vaultSuffix}`));
}
