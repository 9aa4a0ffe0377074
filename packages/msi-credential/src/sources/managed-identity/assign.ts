// How a host is given an identity, in its own commands.
import { explain, type Fix } from '../../codes.ts';
import type { SendPolicy } from '../../http/send.ts';
import { value } from '../../selection/environment.ts';
import type { Environment, ManagedIdentity, Problem } from '../../types.ts';
import { isKudu, spoken } from './host.ts';

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
  'Container Apps job': ['containerapp job', ' --system-assigned', ' --user-assigned'],
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
  // Of a job, JOB-EXECUTION instead.
  const execution = value(env, 'CONTAINER_APP_JOB_EXECUTION_NAME');
  const parts = `${domain ? `-${label}-` : ''}${execution ? `-${execution}-` : ''}`;
  // SUBSCRIPTION+GROUP-REGIONwebspace, where the app's plan is in the same group.
  const [, space = ''] = (value(env, 'WEBSITE_OWNER_NAME') ?? '').split('+');
  const isJob = kind === 'containerapp job';
  const named = isJob ? ['CONTAINER_APP_JOB_NAME'] : ['CONTAINER_APP_NAME', 'WEBSITE_SITE_NAME'];
  const name = named.flatMap((each) => agreed(env, each, parts) ?? [])[0] ?? (isJob ? 'JOB' : 'APP');
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

/** The problem of a process without identity variables: its host has no identity, or gives them to other processes only. */
export function hostWithoutIdentity(host: string, env: Environment): Problem {
  const none = 'IDENTITY_ENDPOINT and IDENTITY_HEADER are not set';
  // On Linux, Kudu runs in a container of its own, and a console there says nothing about the app (MicrosoftDocs/azure-docs#25150).
  if (isKudu(env)) {
    const cause = `This is Kudu's console of ${host}, and this process has no managed identity: ${none}. That says nothing about the app itself.`;
    return explain('ERR_HOST_WITHOUT_IDENTITY', cause, {
      fix: [askApp, ...enabling(host, env, 'If the app has none, ')],
    });
  }
  const cause = `This is ${spoken(host)}, but this process has no managed identity: ${none}.`;
  const console = /^(App Service|Azure Functions)$/.test(host) ? [fromApp] : [];
  return explain('ERR_HOST_WITHOUT_IDENTITY', cause, { fix: [...enabling(host, env), ...console] });
}

const askApp: Fix = { text: 'Ask the app instead: let it log formatDiagnostics(diagnose()).' };

const fromApp: Fix = {
  text: "In Kudu's and SSH's consoles of a Linux app this says nothing: they can lack the variables that the app has.",
};

function enabling(host: string, env: Environment, condition = ''): readonly Fix[] {
  const run = assignCommandsOf(host, env)?.system;
  const enable = `${condition}${condition === '' ? 'Enable' : 'enable'}`;
  return [
    run === undefined ? { text: `${enable} a managed identity.` } : { text: `${enable} one:`, run },
    host === 'Container Apps job'
      ? { text: 'Then start the job again. A process gets these variables when it starts.' }
      : { text: 'Then restart the app. A process gets these variables when it starts.' },
  ];
}

/** Init containers have the variables, and nobody ever listens (MicrosoftDocs/azure-docs#111276). */
const initContainer: Fix = {
  text: 'An init container has these variables too, but in most environments no identity. Get the token in the main container instead.',
};

/** The general advice for an address at which nobody listens, and what this host adds. */
export function onUnreachable(host: string, general: SendPolicy['onUnreachable']): SendPolicy['onUnreachable'] {
  if (!host.startsWith('Container Apps')) return general;
  return (code) => {
    const fix = general?.(code);
    return fix && [...fix, initContainer];
  };
}

/** How such a host gets an identity. The command for a virtual machine does nothing for the others. */
export function assignToMachine(host: string | undefined, kind: ManagedIdentity['kind']): Fix {
  const isSystem = kind === 'system-assigned';
  switch (host) {
    // https://learn.microsoft.com/azure/batch/managed-identity-pools
    case 'Azure Batch':
      return {
        text: 'Give the pool a user-assigned identity. Batch offers no other kind. Then name it by its client id.',
      };
    case 'AKS node':
      return {
        text: 'This pod has no identity of its own, so its node was asked. Set up workload identity: label the pod azure.workload.identity/use: "true". Or assign the identity to the scale set of the nodes.',
      };
    // https://learn.microsoft.com/azure/container-instances/container-instances-managed-identity
    case 'Container Instances':
      return {
        text: 'Create the container group anew with the identity:',
        run: `az container create --resource-group GROUP --name NAME --assign-identity${isSystem ? '' : ' RESOURCE_ID'}`,
      };
    default:
      return {
        text: isSystem ? 'Enable the system-assigned identity of the machine:' : 'Assign the identity to the machine:',
        run: `az vm identity assign -g GROUP -n VM${isSystem ? '' : ' --identities RESOURCE_ID'}`,
      };
  }
}
