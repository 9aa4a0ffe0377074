import { clouds } from '../network/clouds.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Whether Entra would issue a token for this resource. Any https URL, `api://` URI or application id may be somebody's
 * API and passes; refused are the two usual slips, a scope in place of a resource and a vault's own URL in place of
 * Key Vault's (AADSTS500011), and everything that is no URI at all.
 */
export function isAzureAudience(resource: string): boolean {
  if (guid.test(resource)) return true;
  if (/^api:\/\/.+/.test(resource)) return !resource.endsWith('/.default');
  if (!/^https:\/\//i.test(resource) || !URL.canParse(resource) || resource.endsWith('/.default')) return false;
  const { hostname } = new URL(resource);
  return !clouds.some((cloud) => hostname.endsWith(`.${cloud.vaultSuffix}`));
}
