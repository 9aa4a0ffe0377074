import type { Fix } from '../codes.ts';
import { isGuid, isTenant } from '../selection/environment.ts';
import { refusedProofs } from './aadsts-proofs.ts';
import {
  type AadstsContext,
  assertionOf,
  correctScope,
  differsInCase,
  federate,
  newSecret,
  noPeople,
  otherCloud,
  type Refusal,
  resourceAppId,
  signIn,
  usualSettings,
} from './aadsts-steps.ts';
import { toFix } from './steps.ts';

export type { AadstsContext } from './aadsts-steps.ts';

const unknownResource: Refusal = {
  meaning: 'The tenant has no such resource. The scope is mistyped, or the resource is missing from the tenant',
  fix: (context) => [
    ...correctScope(context),
    {
      text: 'If the tenant lacks the resource, add it:',
      run: `az ad sp create --id ${resourceAppId(context)}`,
    },
  ],
};

/**
 * Entra's refusals as a client of Key Vault meets them.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const table: Readonly<Record<string, Refusal>> = {
  ...refusedProofs,
  7000215: { meaning: 'The client secret is wrong. Often its id was copied instead of its value', fix: newSecret },
  7000222: {
    meaning: 'The client secret has expired',
    fix: [
      { text: 'See when each secret ends:', run: 'az ad app credential list --id {client}' },
      ...newSecret,
      'Or use a managed identity, which has no secret that can expire.',
    ],
  },
  7000218: {
    meaning: 'The request had no proof, neither a secret nor a certificate nor an assertion',
    fix: ['Set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.'],
  },
  700016: {
    meaning: 'The tenant has no application with this client id',
    fix: [
      'Check that {clientIdSetting} ({client}) is the application (client) id, not an object id or the id of a secret.',
      "Check that {tenantIdSetting} ({tenant}) is the application's tenant.",
      { text: 'If the application belongs to another tenant, sign in to this one:', run: 'az login --tenant {tenant}' },
      { text: 'Then add the application to it:', run: 'az ad sp create --id {client}' },
    ],
  },
  700038: {
    meaning: 'The client id is not an id',
    fix: [
      {
        text: 'Set {clientIdSetting} to the application (client) id. This shows it:',
        run: 'az ad app list --display-name NAME --query "[].appId"',
      },
    ],
  },
  7000112: {
    meaning: 'The service principal is disabled in the tenant',
    fix: [{ text: 'Enable it:', run: 'az ad sp update --id {client} --set accountEnabled=true' }],
  },
  90002: {
    meaning: 'This cloud has no such tenant',
    fix: [
      {
        text: "Compare {tenantIdSetting} ({tenant}) with the vault's tenant:",
        run: 'az keyvault show -n VAULT --query properties.tenantId -o tsv',
      },
      otherCloud,
      'If the tenant is named "secrets" or "keys", it comes from the challenge of an emulator.',
    ],
  },
  900023: {
    meaning: 'The tenant is neither an id nor a domain',
    fix: [
      {
        text: 'Set {tenantIdSetting} to a verified domain, or to the id that this prints:',
        run: 'az account show --query tenantId -o tsv',
      },
    ],
  },
  50049: {
    meaning: "Entra doesn't know the authority",
    fix: ['For the public cloud, unset AZURE_AUTHORITY_HOST.', otherCloud],
  },
  900382: {
    meaning: 'The application belongs to another cloud than the resource or the tenant',
    fix: [
      otherCloud,
      "Ask for the resource of the application's own cloud, and register an application in each cloud.",
    ],
  },
  90038: { meaning: 'The tenant belongs to another national cloud', fix: [otherCloud] },
  500011: unknownResource,
  50001: unknownResource,
  500014: {
    meaning: "The resource's service principal is disabled in the tenant, or the tenant's subscription of it has ended",
    fix: (context) => [
      { text: 'See whether it is:', run: `az ad sp show --id ${resourceAppId(context)} --query accountEnabled` },
      { text: 'Enable it:', run: `az ad sp update --id ${resourceAppId(context)} --set accountEnabled=true` },
    ],
  },
  501051: {
    meaning: 'The resource takes only applications that have a role of it, and this one has none',
    fix: [
      'Assign one of its app roles to the application: in Entra, Enterprise applications, the resource, Users and groups. Or let its owner switch off "Assignment required".',
    ],
  },
  70011: { meaning: 'The scope is not valid. An application asks for one that ends in `/.default`', fix: correctScope },
  70021: { meaning: 'No federated credential of the application matches the assertion', fix: federate },
  700211: { meaning: "No federated credential of the application names the assertion's issuer", fix: federate },
  700212: { meaning: "No federated credential of the application names the assertion's audience", fix: federate },
  700213: { meaning: "No federated credential of the application names the assertion's subject", fix: federate },
  7002137: differsInCase,
  7002138: differsInCase,
  700024: {
    meaning: 'The assertion is not valid yet, or no longer valid',
    fix: ({ source }) =>
      source === 'workload-identity'
        ? [
            'Restart the pod. The kubelet no longer renews the file.',
            { text: 'Check the clock of its node:', run: 'timedatectl' },
          ]
        : [{ text: 'Check the clock:', run: 'timedatectl' }, 'Get a new assertion for each exchange.'],
  },
  50027: {
    meaning: 'The assertion is not a readable token',
    fix: ({ source }) =>
      source === 'workload-identity'
        ? [
            {
              text: "AZURE_FEDERATED_TOKEN_FILE has to name a file with the service account's token and nothing else. A token has three parts, so this prints 3:",
              run: 'awk -F. \'{print NF}\' "$AZURE_FEDERATED_TOKEN_FILE"',
            },
          ]
        : ['Use a JWT. It has three parts with dots in between, without quotes or line breaks.'],
  },
  65001: {
    meaning: 'Nobody has consented to what the application asks for',
    fix: [
      {
        text: 'Give consent as an administrator of the tenant:',
        run: 'az ad app permission admin-consent --id {client}',
      },
      'An application that asks for https://vault.azure.net/.default needs no consent.',
    ],
  },
  700027: {
    meaning: "The application doesn't have the certificate that signed the assertion, or the certificate has expired",
    fix: [
      {
        text: "Add the certificate's public part:",
        run: 'az ad app credential reset --id {client} --cert @cert.pem --append',
      },
    ],
  },
  50034: {
    meaning: 'The tenant has no such user',
    fix: ["Sign in to the user's own tenant, or invite the user to {tenant} as a guest.", noPeople],
  },
  50126: { meaning: 'The user name or password is wrong', fix: [signIn, noPeople] },
  50076: { meaning: 'The user has to pass multi-factor authentication', fix: [signIn, noPeople] },
  50079: { meaning: 'The user has to set up multi-factor authentication first', fix: [signIn, noPeople] },
  50020: {
    meaning: 'The account belongs to another tenant, or is a personal account',
    fix: [signIn, 'Or have the account invited as a guest.'],
  },
  50059: {
    meaning: 'The request names no tenant',
    fix: ["Set {tenantIdSetting} to the tenant's id ({tenant}), not to common or organizations."],
  },
  53003: {
    meaning: 'A Conditional Access policy forbids it',
    fix: [
      'Look up {client} in Entra, Sign-in logs, tab Conditional Access. It names the policy.',
      'Meet its conditions, or have the identity excluded from it.',
    ],
  },
  700229: {
    meaning: "An application can't sign in with this kind of token",
    fix: ['Use client credentials (secret, certificate, federated credential) or a managed identity.'],
  },
  70003: {
    meaning: 'The grant type is mistyped or not supported',
    fix: ['Send grant_type=client_credentials.'],
  },
};

/** An id only when it looks like one: a secret may stand in the wrong variable, and these lines go into a shell. */
function shown(text: string | undefined, looksLikeOne: (text: string) => boolean, otherwise: string): string {
  return text !== undefined && looksLikeOne(text) ? text : otherwise;
}

/**
 * Explains a refusal of Entra: what it means, and the commands and settings that end it, with the ids if they are known.
 *
 * @param code - `AADSTS7000215`, or the number alone.
 * @returns undefined for a number that is not in the table.
 */
export function explainAadsts(
  code: string,
  context: AadstsContext = {},
): { meaning: string; fix: readonly Fix[] } | undefined {
  const number = /^(?:AADSTS)?(\d+)$/.exec(code)?.[1];
  if (number === undefined || !Object.hasOwn(table, number)) return undefined;
  const { meaning, fix } = table[number] as Refusal;
  const { clientId, tenantId, settings = usualSettings } = context;
  const names = {
    ...assertionOf(context),
    client: shown(clientId, isGuid, 'CLIENT_ID'),
    tenant: shown(tenantId, isTenant, 'TENANT_ID'),
    clientIdSetting: settings.clientId,
    tenantIdSetting: settings.tenantId,
  };
  return { meaning, fix: toFix(typeof fix === 'function' ? fix(context) : fix, names) };
}

/** The numbers that are explained, for documentation and tests. */
export const aadstsNumbers: readonly string[] = Object.keys(table);
