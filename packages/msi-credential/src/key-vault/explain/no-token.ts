// A credential of somebody else's, such as @azure/identity's, gave no token. Ours are explained by themselves.
import { explainAadsts } from '../../failures/aadsts.ts';
import { assertionIn } from '../../failures/assertion.ts';
import { isTenant } from '../../selection/environment.ts';
import { cloudOf, cloudOfVault } from '../../sources/application/clouds.ts';
import { asId } from '../secret/names.ts';
import { quote } from './answer.ts';
import type { Rule } from './rule.ts';
import type { Situation } from './situation.ts';

const classes = /^(CredentialUnavailable|AggregateAuthentication|Authentication|AuthenticationRequired)Error$/;

function isOfCredential({ facts: { name, status, words } }: Situation): boolean {
  const says = /Failed to refresh access token|reading 'getToken'|AADSTS\d+/.test(words);
  return classes.test(name) || (says && status === undefined);
}

const numberIn = ({ facts }: Situation) => /AADSTS\d{1,9}/.exec(facts.words)?.[0] ?? '';

/** The ids of an application and a tenant stand in some of Entra's sentences, and nowhere else in these errors. */
function idsIn({ facts: { words }, caller }: Situation) {
  const application = /\b(?:application with identifier|application|app) '([0-9a-f-]{36})'/i.exec(words)?.[1];
  const named = /\btenant '([^'\s]{1,253})' not found/i.exec(words)?.[1];
  // The issuer of an assertion may be a tenant, too: another one.
  const inAddress = /(?<!Issuer: ')https:\/\/[^/\s']+\/([0-9a-f-]{36})\b/i.exec(words)?.[1];
  const tenantId = named !== undefined && isTenant(named) ? named : asId(inAddress);
  return { clientId: asId(application) ?? caller.applicationId, tenantId };
}

function explainNumber(situation: Situation) {
  const { facts, source, names } = situation;
  const assertion = assertionIn(facts.words);
  const context = { ...idsIn(situation), source, assertion, scope: `${names.resource}/.default` };
  return explainAadsts(numberIn(situation), context);
}

function refusal(situation: Situation): string {
  const { facts } = situation;
  const { clientId, tenantId } = idsIn(situation);
  const who = `${clientId ? `application ${clientId}` : 'the sign-in'}${tenantId ? ` in tenant ${tenantId}` : ''}`;
  const meaning = explainNumber(situation)?.meaning;
  // Its closing ids and time are part of the answer sentence.
  const said = /AADSTS\d[\s\S]*?(?=\s(?:- )?(?:Trace|Correlation) ID:|$)/.exec(facts.said ?? '')?.[0];
  return `Entra refused ${who} (${numberIn(situation)}).${meaning ? ` ${meaning}.` : ''}${quote({ ...facts, said })}`;
}

/** MSAL has one word for several of them and drops the error beneath (@azure/msal-node 7.2.1). */
const unreached = (sign: RegExp, either: string): Pick<Rule, 'signs' | 'cause' | 'fix'> => ({
  signs: [sign],
  cause: ({ facts }) =>
    `The vault was not asked, because there was no token. Entra was not reached, ${either}.${quote(facts, 'The credential')}`,
  fix: ({ host }) => [
    {
      text: 'Check on the failing machine. The right answer is 200:',
      run: `curl -sS -o /dev/null -w "%{http_code}" ${(cloudOfVault(host) ?? cloudOf(undefined)).authorityHost}/organizations/v2.0/.well-known/openid-configuration`,
    },
    {
      text: 'Check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST, and HTTPS_PROXY if a proxy is needed. If a firewall inspects TLS, start with its certificate:',
      run: 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js',
    },
    'The error says no more. getKeyVaultCredential() of msi-credential tells which of these it is.',
  ],
});

const rows: readonly Pick<Rule, 'signs' | 'cause' | 'fix'>[] = [
  {
    signs: [/AADSTS\d/],
    cause: refusal,
    fix: (situation) =>
      explainNumber(situation)?.fix ?? [
        `Look it up: https://login.microsoftonline.com/error?code=${numberIn(situation).replace(/\D/g, '')}.`,
      ],
  },
  {
    signs: [/AdditionallyAllowedTenants/i],
    cause: "The vault belongs to another tenant than the credential, and the credential isn't allowed to ask there.",
    fix: ["Set AZURE_TENANT_ID to the vault's tenant, or name it in additionallyAllowedTenants."],
  },
  unreached(/\bnetwork_error\b/, 'or its certificate is not trusted here'),
  unreached(/\bendpoints_resolution_error\b/, 'its certificate is not trusted here, or it knows no such tenant'),
  {
    cause: ({ facts }) => {
      // What stands below the first line of an unavailable credential is other makers' advice.
      const said = facts.name === 'CredentialUnavailableError' ? facts.said?.split('\n')[0] : facts.said;
      return `The vault was not asked, because there was no token.${quote({ ...facts, said }, 'The credential')}`;
    },
    fix: [
      'Use getKeyVaultCredential() of msi-credential, or print formatDiagnostics(diagnose()). It tells which identity fits here and what is missing.',
    ],
  },
];

export const noTokenRules: readonly Rule[] = rows.map((row) => ({
  ...row,
  code: 'KV_CREDENTIAL',
  when: isOfCredential,
}));
