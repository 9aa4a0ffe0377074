import type { Environment, Problem } from '../types.ts';
import { value } from './environment.ts';

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
 * Whether `MSI_ENDPOINT` and `MSI_SECRET` are those of Azure Machine Learning, which sets the same pair as App Service's
 * older protocol (Azure/azure-sdk-for-python#36047); the names that begin with AZUREML_ are not documented.
 */
export function isMachineLearning(env: Environment): boolean {
  if (appHostOf(env) !== undefined) return false;
  if (value(env, 'DEFAULT_IDENTITY_CLIENT_ID') !== undefined) return true;
  const pair = value(env, 'MSI_ENDPOINT') ?? value(env, 'MSI_SECRET');
  return pair !== undefined && Object.keys(env).some((name) => name.startsWith('AZUREML_') && value(env, name));
}

/** How an identity is enabled, by the host's name. */
const enable: Readonly<Record<string, string>> = {
  'Container Apps': 'az containerapp identity assign --name APP --resource-group GROUP --system-assigned',
  'Azure Functions': 'az functionapp identity assign --name APP --resource-group GROUP',
  'App Service': 'az webapp identity assign --name APP --resource-group GROUP',
};

/** The problem of a host that offers no identity: its variables appear only when one is enabled. */
export function hostWithoutIdentity(host: string): Problem {
  const command = enable[host];
  return {
    code: 'ERR_HOST_WITHOUT_IDENTITY',
    message: `This is ${host}, but managed identity is not enabled on this app: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set.`,
    hint: `Enable it${command ? ` (${command})` : ''}, then restart the app: the variables are set when a process starts.`,
  };
}
