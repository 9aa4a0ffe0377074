import { cannotBePublic } from '../../http/endpoint.ts';
import { cloudOfVault } from '../../sources/application/clouds.ts';

/** Reserved for tests and examples (RFC 6761), or used in private networks only (RFC 6762, appendix G). */
const privateEndings = /\.(test|example|invalid|intranet|private|corp|home|lan)$/;

/**
 * Whether what answers there is a stand-in for Key Vault: the address is this machine's, a private one, or has a name that
 * no public DNS knows. A vault of Azure has a name of its own, through a private endpoint, too.
 *
 * @param hostname - Of a `URL`: in lower case, IPv6 in brackets.
 */
export function isStandIn(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return cloudOfVault(name) === undefined && (cannotBePublic(name) || privateEndings.test(name));
}
