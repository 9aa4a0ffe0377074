// A credential of somebody else's, such as @azure/identity's, gave no token; ours are explained by themselves.
import { formatFix } from '../../codes.ts';
import { explainAadsts } from '../../failures/aadsts.ts';
import { isTenant } from '../../selection/environment.ts';
import { cloudOf, cloudOfVault } from '../../sources/application/clouds.ts';
import { asId } from '../secret/names.ts';
import { quote } from './answer.ts';
import type { Finding } from './codes.ts';
import type { Situation } from './situation.ts';

type Told = Omit<Finding, 'code'>;

const ours =
  'Use getKeyVaultCredential() of msi-credential, or print formatDiagnostics(diagnose()): it tells which identity fits here and what is missing.';

/** Explains it by Entra's number where one is told, else by the client's own name for the trouble, else in its words. */
export function explainPeerCredential(situation: Situation): Finding {
  const aadsts = /AADSTS\d{1,9}/.exec(situation.facts.words)?.[0];
  const told =
    aadsts === undefined
      ? (otherTenant(situation) ?? unreached(situation) ?? without(situation))
      : refused(aadsts, situation);
  return { code: 'KV_CREDENTIAL', ...told };
}

/** The ids of an application and a tenant stand in some of Entra's sentences, and nowhere else in these errors. */
function refused(aadsts: string, { facts, caller, source, resource }: Situation): Told {
  const { words } = facts;
  const clientId =
    asId(/\b(?:application with identifier|application|app) '([0-9a-f-]{36})'/i.exec(words)?.[1]) ??
    caller.applicationId;
  const named = /\btenant '([^'\s]{1,253})' not found/i.exec(words)?.[1];
  // The issuer of an assertion may be a tenant, too: another one.
  const inAddress = /(?<!Issuer: ')https:\/\/[^/\s']+\/([0-9a-f-]{36})\b/i.exec(words)?.[1];
  const tenantId = named !== undefined && isTenant(named) ? named : asId(inAddress);
  const who = `${clientId ? `application ${clientId}` : 'the sign-in'}${tenantId ? ` in tenant ${tenantId}` : ''}`;
  // The ids and the time that it ends with are part of the answer.
  const said = /AADSTS\d[\s\S]*?(?=\s(?:- )?(?:Trace|Correlation) ID:|$)/.exec(facts.said ?? '')?.[0];
  const known = explainAadsts(aadsts, { clientId, tenantId, source, said: words, scope: `${resource}/.default` });
  const meaning = known ? `: ${known.meaning.charAt(0).toLowerCase()}${known.meaning.slice(1)}` : '';
  return {
    cause: `Entra refused ${who} (${aadsts})${meaning}.${quote({ ...facts, said })}`,
    fix: [
      known
        ? formatFix(known.fix)
        : `Look it up: https://login.microsoftonline.com/error?code=${aadsts.replace(/\D/g, '')}`,
    ],
  };
}

function otherTenant({ facts }: Situation): Told | undefined {
  if (!/AdditionallyAllowedTenants/i.test(facts.words)) return undefined;
  return {
    cause: 'The vault belongs to another tenant than the credential, which is not allowed to ask there.',
    fix: ['Set AZURE_TENANT_ID to the tenant of the vault, or name it in additionallyAllowedTenants.'],
  };
}

/** MSAL has one word for each of them and drops the error beneath (@azure/msal-node 7.2.1). */
function unreached({ facts, host }: Situation): Told | undefined {
  const name = /\b(network_error|endpoints_resolution_error)\b/.exec(facts.words)?.[1];
  if (name === undefined) return undefined;
  const { authorityHost } = cloudOfVault(host) ?? cloudOf(undefined);
  const trusted = 'its certificate is not trusted here';
  const either = name === 'network_error' ? `or ${trusted}` : `${trusted}, or it knows no such tenant`;
  return {
    cause: `The vault was not asked, because there was no token: Entra was not reached, ${either}.${quote(facts, 'The credential')}`,
    fix: [
      `Check from the failing machine: curl -sS -o /dev/null -w "%{http_code}" ${authorityHost}/organizations/v2.0/.well-known/openid-configuration (200 is right)`,
      'Check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST, and HTTPS_PROXY where a proxy is needed; for the certificate of a firewall that inspects TLS start with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
      'The error holds no more. getKeyVaultCredential() of msi-credential tells which of these it is.',
    ],
  };
}

function without({ facts }: Situation): Told {
  // What stands below the first line of an unavailable credential is advice of other makers.
  const said = facts.name === 'CredentialUnavailableError' ? facts.said?.split('\n')[0] : facts.said;
  return {
    cause: `The vault was not asked, because there was no token.${quote({ ...facts, said }, 'The credential')}`,
    fix: [ours],
  };
}
