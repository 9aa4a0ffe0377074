import { value } from '../../selection/environment.ts';
import type { Environment } from '../../types.ts';

/** What {@link appHostOf} reads. */
const hostVariables = [
  'WEBSITE_SITE_NAME',
  'CONTAINER_APP_NAME',
  'CONTAINER_APP_REVISION',
  'CONTAINER_APP_REPLICA_NAME',
  'CONTAINER_APP_JOB_NAME',
  'CONTAINER_APP_JOB_EXECUTION_NAME',
  'AZURE_FUNCTIONS_ENVIRONMENT',
  'APPSETTING_WEBSITE_SITE_NAME',
  'WEBSITE_INSTANCE_ID',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'CONTAINER_NAME',
  'WEBSITE_POD_NAME',
  'LEGION_SERVICE_HOST',
  'AUTOMATION_ASSET_ACCOUNTID',
] as const;

/** Set in Kudu's own container (Azure-App-Service/KuduLite), next to that of a Linux app. */
export const kuduVariables = ['KUDU_RUN_USER', 'KUDU_APPPATH'] as const;

/** What both functions here read, besides `MSI_ENDPOINT` and `MSI_SECRET`. */
export const neighbourVariables = ['DEFAULT_IDENTITY_CLIENT_ID', 'AZUREML_*', ...hostVariables] as const;

/**
 * The name of the App Service family host that this is, from what only that host sets; Functions Core Tools on a laptop
 * are not a host. https://learn.microsoft.com/azure/app-service/reference-app-settings,
 * https://learn.microsoft.com/azure/container-apps/environment-variables
 */
export function appHostOf(env: Environment): string | undefined {
  if (value(env, 'AZURE_FUNCTIONS_ENVIRONMENT')?.toLowerCase() === 'development') return undefined;
  const isSet = (...names: string[]) => names.some((name) => value(env, name) !== undefined);
  if (isSet('CONTAINER_APP_JOB_NAME', 'CONTAINER_APP_JOB_EXECUTION_NAME')) return 'Container Apps job';
  if (isSet('CONTAINER_APP_NAME', 'CONTAINER_APP_REVISION', 'CONTAINER_APP_REPLICA_NAME')) return 'Container Apps';
  const site = isSet('WEBSITE_SITE_NAME', 'APPSETTING_WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID');
  // Linux Consumption and Flex Consumption (Azure/azure-functions-host, EnvironmentExtensions.cs).
  const instance = isSet('CONTAINER_NAME', 'WEBSITE_POD_NAME', 'LEGION_SERVICE_HOST');
  const functions = isSet('FUNCTIONS_WORKER_RUNTIME', 'FUNCTIONS_EXTENSION_VERSION');
  if (functions && (site || instance)) return 'Azure Functions';
  if (site) return 'App Service';
  return value(env, 'AUTOMATION_ASSET_ACCOUNTID') ? 'Azure Automation' : undefined;
}

/** The host's name in a sentence. */
export const spoken = (host: string) => (host.endsWith(' job') ? `a ${host}` : host);

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

/** What Kudu shows in place of the real values (Azure/azure-functions-host#7344). */
const hiddenInKudu = /not viewable in Kudu/i;

/** A variable of the identity's, unless Kudu hides it. */
export function shownValue(env: Environment, name: string): string | undefined {
  const text = value(env, name);
  return text !== undefined && hiddenInKudu.test(text) ? undefined : text;
}

/** Whether this is Kudu's console, which says nothing about the app. */
export function isKudu(env: Environment): boolean {
  const hidden = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'MSI_ENDPOINT', 'MSI_SECRET'];
  return (
    kuduVariables.some((name) => value(env, name)) || hidden.some((name) => hiddenInKudu.test(value(env, name) ?? ''))
  );
}

/** What {@link machineHostOf} reads. */
export const machineVariables = ['AZ_BATCH_POOL_ID', 'AZ_BATCH_NODE_ID', 'KUBERNETES_SERVICE_HOST'] as const;

/**
 * What a virtual machine of Azure is part of. https://learn.microsoft.com/azure/batch/batch-compute-node-environment-variables,
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function machineHostOf(env: Environment): string {
  if (value(env, 'AZ_BATCH_POOL_ID') ?? value(env, 'AZ_BATCH_NODE_ID')) return 'Azure Batch';
  return value(env, 'KUBERNETES_SERVICE_HOST') ? 'AKS node' : 'Azure virtual machine';
}
