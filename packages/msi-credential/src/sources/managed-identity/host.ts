import { explain } from '../../codes.ts';
import { value } from '../../selection/environment.ts';
import type { Environment, Problem } from '../../types.ts';

/** What {@link appHostOf} reads. */
const hostVariables = [
  'WEBSITE_SITE_NAME',
  'CONTAINER_APP_NAME',
  'AZURE_FUNCTIONS_ENVIRONMENT',
  'APPSETTING_WEBSITE_SITE_NAME',
  'WEBSITE_INSTANCE_ID',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'CONTAINER_NAME',
  'AUTOMATION_ASSET_ACCOUNTID',
] as const;

/** What both functions here read, besides `MSI_ENDPOINT` and `MSI_SECRET`. */
export const neighbourVariables = ['DEFAULT_IDENTITY_CLIENT_ID', 'AZUREML_*', ...hostVariables] as const;

/**
 * The name of the App Service family host that this is, from what only that host sets; Functions Core Tools on a laptop
 * are not a host. https://learn.microsoft.com/azure/app-service/reference-app-settings,
 * https://learn.microsoft.com/azure/container-apps/environment-variables
 */
export function appHostOf(env: Environment): string | undefined {
  if (value(env, 'AZURE_FUNCTIONS_ENVIRONMENT')?.toLowerCase() === 'development') return undefined;
  if (value(env, 'CONTAINER_APP_NAME')) return 'Container Apps';
  const site =
    value(env, 'WEBSITE_SITE_NAME') ?? value(env, 'APPSETTING_WEBSITE_SITE_NAME') ?? value(env, 'WEBSITE_INSTANCE_ID');
  const functions = value(env, 'FUNCTIONS_WORKER_RUNTIME') ?? value(env, 'FUNCTIONS_EXTENSION_VERSION');
  if (functions && (site || value(env, 'CONTAINER_NAME'))) return 'Azure Functions';
  if (site) return 'App Service';
  return value(env, 'AUTOMATION_ASSET_ACCOUNTID') ? 'Azure Automation' : undefined;
}

/**
 * Whether `MSI_ENDPOINT` and `MSI_SECRET` come from Azure Machine Learning, which sets the same pair as App Service's
 * older protocol (Azure/azure-sdk-for-python#36047); the names that begin with AZUREML_ are not documented.
 */
export function isMachineLearning(env: Environment): boolean {
  if (appHostOf(env) !== undefined) return false;
  if (value(env, 'DEFAULT_IDENTITY_CLIENT_ID') !== undefined) return true;
  const pair = value(env, 'MSI_ENDPOINT') ?? value(env, 'MSI_SECRET');
  return pair !== undefined && Object.keys(env).some((name) => name.startsWith('AZUREML_') && value(env, name));
}

/** What {@link assignCommandsOf} reads besides. */
export const appNameVariables = [
  'WEBSITE_HOSTNAME',
  'WEBSITE_SLOT_NAME',
  'WEBSITE_RESOURCE_GROUP',
  'WEBSITE_OWNER_NAME',
  'CONTAINER_APP_HOSTNAME',
] as const;

/** The commands that give this very app an identity: the system-assigned one, or one that there is already. */
export interface AssignCommands {
  readonly system: string;
  readonly user: string;
}

/** The command, and its flag for either kind of identity, by the host's name. */
const assign: Readonly<Record<string, readonly [string, string, string]>> = {
  'Container Apps': ['containerapp', ' --system-assigned', ' --user-assigned'],
  'Azure Functions': ['functionapp', '', ' --identities'],
  'App Service': ['webapp', '', ' --identities'],
};

/**
 * With the app's own names where a second variable agrees, since what stands in one alone may be a secret in the wrong
 * place. https://learn.microsoft.com/azure/app-service/reference-app-settings
 *
 * @returns undefined where the command line of Azure has no such command.
 */
export function assignCommandsOf(host: string, env: Environment): AssignCommands | undefined {
  const [kind, system, user] = assign[host] ?? [];
  if (kind === undefined) return undefined;
  // NAME.azurewebsites.net, NAME-SLOT-HASH.REGION.azurewebsites.net, NAME--REVISION.ENVIRONMENT.azurecontainerapps.io
  const [label = '', domain] = (value(env, 'CONTAINER_APP_HOSTNAME') ?? value(env, 'WEBSITE_HOSTNAME') ?? '').split(
    '.',
  );
  const parts = domain ? `-${label}-` : '';
  // SUBSCRIPTION+GROUP-REGIONwebspace, where the app's plan is in the same group.
  const [, space = ''] = (value(env, 'WEBSITE_OWNER_NAME') ?? '').split('+');
  const name = agreed(env, 'CONTAINER_APP_NAME', parts) ?? agreed(env, 'WEBSITE_SITE_NAME', parts) ?? 'APP';
  const group = agreed(env, 'WEBSITE_RESOURCE_GROUP', `-${space}`) ?? 'GROUP';
  // A deployment slot has identities of its own.
  const isSlot = !/^(production)?$/i.test(value(env, 'WEBSITE_SLOT_NAME') ?? '');
  const slot = isSlot ? ` --slot ${agreed(env, 'WEBSITE_SLOT_NAME', parts) ?? 'SLOT'}` : '';
  const command = `az ${kind} identity assign --name ${name} --resource-group ${group}${slot}`;
  return { system: `${command}${system}`, user: `${command}${user} RESOURCE_ID` };
}

/** A variable's value, if it is a name that a shell takes as it is and stands between hyphens in what another variable says. */
function agreed(env: Environment, variable: string, said: string): string | undefined {
  const name = value(env, variable);
  const isName = name !== undefined && /^\w[\w.-]*$/.test(name);
  return isName && said.toLowerCase().includes(`-${name.toLowerCase()}-`) ? name : undefined;
}

/** The problem of a host that offers no identity: its variables appear only when one is enabled. */
export function hostWithoutIdentity(host: string, env: Environment): Problem {
  const cause = `This is ${host}, but managed identity is not enabled for this app: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set.`;
  const run = assignCommandsOf(host, env)?.system;
  const enable = run === undefined ? { text: 'Enable a managed identity.' } : { text: 'Enable it:', run };
  const restart = { text: 'Then restart the app. A process gets these variables when it starts.' };
  return explain('ERR_HOST_WITHOUT_IDENTITY', cause, { fix: [enable, restart] });
}
