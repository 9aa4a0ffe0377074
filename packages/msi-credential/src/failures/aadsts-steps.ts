// What the advice on Entra's refusals is made of.
import { isGuid } from '../selection/environment.ts';
import { cloudOfVault, clouds } from '../sources/application/clouds.ts';
import { resourceOf } from '../tokens/scope.ts';
import type { SourceName } from '../types.ts';
import type { Assertion } from './assertion.ts';
import type { Step } from './steps.ts';

/** What is known of a sign-in that Entra refused. */
export interface AadstsContext {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** The variables or options that the two come from, where that is known. */
  readonly settings?: { readonly clientId: string; readonly tenantId: string };
  readonly source?: SourceName | undefined;
  /** What a federated credential would have to hold, as far as that is known. */
  readonly assertion?: Partial<Assertion> | undefined;
  /** What was asked for. */
  readonly scope?: string | undefined;
}

/** Where the ids come from, in most cases. */
export const usualSettings = { clientId: 'AZURE_CLIENT_ID', tenantId: 'AZURE_TENANT_ID' };

/** What each platform puts into its assertions, for the refusals that do not print what they received. */
const usual = new Map<SourceName | undefined, Partial<Assertion>>([
  [
    'github-actions',
    { issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:ORG/REPO:ref:refs/heads/main' },
  ],
  ['workload-identity', { subject: 'system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT' }],
]);

/** What is known of the assertion, and for the rest what the platform usually puts there. */
export function assertionOf({ source, assertion }: AadstsContext): Assertion {
  const unknown = { issuer: 'ISSUER', subject: 'SUBJECT', audience: 'api://AzureADTokenExchange' };
  return { ...unknown, ...usual.get(source), ...assertion };
}

/** The resource itself, or, by mistake, a single vault. */
function isOfVault(scope: string): boolean {
  const resource = resourceOf(scope).replace(/\/+$/, '');
  const isResource = clouds.some(({ vaultResource }) => vaultResource === resource);
  return isResource || (URL.canParse(resource) && cloudOfVault(new URL(resource).hostname) !== undefined);
}

/** An address or an id; anything else is not repeated, as it may be no scope at all. */
const isScope = (scope: string) => /^(https|api):\/\/[\w:/.@-]{1,200}$/i.test(scope) || isGuid(resourceOf(scope));

/** The application id of Key Vault itself. */
const keyVaultsId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';

/** Where the steps depend on more than names. */
export type StepsFor = (context: AadstsContext) => readonly Step[];

export const newSecret = [
  { text: 'Create a new secret:', run: 'az ad app credential reset --id {client} --append' },
  'Put the password that it prints into AZURE_CLIENT_SECRET. Quote it in the shell, since it may hold ~, $ or !.',
];

export const signIn = { text: 'Sign in with an account of that tenant:', run: 'az login --tenant {tenant}' };
export const noPeople = 'In automation, sign in as a service principal or a managed identity instead of a person.';

export const otherCloud =
  'In another cloud, set AZURE_AUTHORITY_HOST to https://login.microsoftonline.us (US Government) or https://login.chinacloudapi.cn (China).';

export const listCredentials = 'az ad app federated-credential list --id {client}';

export const federate: StepsFor = (context) => [
  { text: 'See what the application trusts:', run: listCredentials },
  ...(context.source === 'workload-identity' && assertionOf(context).issuer === 'ISSUER'
    ? [
        {
          text: "Find ISSUER, the cluster's:",
          run: 'az aks show -g GROUP -n CLUSTER --query oidcIssuerProfile.issuerUrl -o tsv',
        },
      ]
    : []),
  {
    text: 'If this is right, add it:',
    run: 'az ad app federated-credential create --id {client} --parameters \'{"name":"msi-credential","issuer":"{issuer}","subject":"{subject}","audiences":["{audience}"]}\'',
  },
  "If the client id is a managed identity's, the commands are az identity federated-credential list and create, with --identity-name NAME -g GROUP.",
];

export const differsInCase = {
  meaning: 'A federated credential differs from the assertion in case or form only, and case counts',
  fix: [
    {
      text: 'Copy issuer, subject and audience from the refusal into the federated credential, letter by letter. This shows it:',
      run: listCredentials,
    },
  ],
};

export const correctScope: StepsFor = ({ scope }) => {
  if (scope === undefined || isOfVault(scope)) {
    return [
      "Ask for https://vault.azure.net/.default, not for the vault's own URL. In US Government it is https://vault.usgovcloudapi.net/.default, in China https://vault.azure.cn/.default.",
    ];
  }
  const correct = isScope(scope) ? `Correct the scope ${scope}.` : 'Correct the scope.';
  return [`${correct} It is the resource's address or id, as the resource's documentation writes it, and /.default.`];
};

/** Key Vault's, or that of a resource that only its owner knows. */
export const resourceAppId = ({ scope }: AadstsContext) =>
  scope === undefined || isOfVault(scope) ? keyVaultsId : 'RESOURCE_APP_ID';

/** One of Entra's refusals. */
export interface Refusal {
  /** Without the dot at its end. */
  readonly meaning: string;
  readonly fix: readonly Step[] | StepsFor;
}
