// Managed identity of a server that is connected to Azure by Arc: a challenge names a file that only the trusted may read.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
import { credentialError } from '../../errors.ts';
import type { Refusal } from '../../failures/refusal.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, send } from '../../http/send.ts';
import type { HttpReply, Io, Machine } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import { parseJson, textField } from '../../tokens/read-token.ts';
import type {
  AcquiredToken,
  Detection,
  Environment,
  ManagedIdentity,
  SelectOptions,
  Source,
  TokenRequest,
} from '../../types.ts';
import { getCall, selectorOf } from './call.ts';
import { arcAgentPolicy } from './metadata-service.ts';
import { readManagedIdentityReply } from './reply.ts';

export interface AzureArcSettings {
  readonly url: URL;
  /** Where the agent puts its key files: the only folder from which one is read. */
  readonly keyFolder: string;
}

export const azureArc: Source<AzureArcSettings> = {
  name: 'azure-arc',
  title: 'Azure Arc managed identity',
  family: 'managed-identity',
  variables: ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT', 'IDENTITY_HEADER', 'ProgramFiles', 'ProgramData'],
  advice: 'connect the server to Azure Arc (azcmagent connect)',
  detect,
  acquire,
};

const agentUrl = 'http://127.0.0.1:40342/metadata/identity/oauth2/token';
const keyFileBytes = 4096;

function detect(env: Environment, _: SelectOptions, machine?: Machine): Detection<AzureArcSettings> {
  const text = value(env, 'IDENTITY_ENDPOINT');
  if (text !== undefined && value(env, 'IMDS_ENDPOINT') !== undefined && value(env, 'IDENTITY_HEADER') === undefined) {
    const endpoint = readEndpoint('IDENTITY_ENDPOINT', text);
    if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
    const settings = { url: endpoint.url, keyFolder: keyFolderOf(env) };
    return {
      verdict: 'found',
      settings,
      reason: 'IDENTITY_ENDPOINT and IMDS_ENDPOINT are set',
      host: 'Azure Arc',
      identityKeys,
    };
  }
  if (text === undefined && value(env, 'IMDS_ENDPOINT') !== undefined) {
    const hint = 'The Arc agent sets both for the machine: set the other one too, or unset IMDS_ENDPOINT.';
    const message = 'IMDS_ENDPOINT is set but IDENTITY_ENDPOINT is not.';
    return {
      verdict: 'partial',
      missing: ['IDENTITY_ENDPOINT'],
      problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint },
    };
  }
  // Installed on Linux it sets no variable for ordinary processes: its program tells (Azure/azure-sdk-for-python#38183).
  if (machine === undefined) return { verdict: 'unknown', reason: 'its agent was not looked for' };
  const settings = { url: new URL(agentUrl), keyFolder: keyFolderOf(env) };
  return machine.hasFile(agentPathOf(env, machine.platform))
    ? { verdict: 'unknown', settings, reason: 'its agent (himds) is installed', host: 'Azure Arc', identityKeys }
    : { verdict: 'absent', reason: 'its agent (himds) is not installed' };
}

const identityKeys = ['clientId', 'objectId', 'resourceId'] as const;

function agentPathOf(env: Environment, platform: string): string {
  return platform === 'win32'
    ? `${value(env, 'ProgramFiles') ?? 'C:\\Program Files'}\\AzureConnectedMachineAgent\\himds.exe`
    : '/opt/azcmagent/bin/himds';
}

function keyFolderOf(env: Environment): string {
  // Only Windows sets this variable.
  const programData = value(env, 'ProgramData');
  return programData ? `${programData}\\AzureConnectedMachineAgent\\Tokens\\` : '/var/opt/azcmagent/tokens/';
}

async function acquire(settings: AzureArcSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const selector = selectorOf(request.identity, {
    clientId: 'client_id',
    objectId: 'object_id',
    resourceId: 'msi_res_id',
  });
  const call = getCall(
    settings.url,
    { 'api-version': '2020-06-01', resource: request.resource, ...selector },
    { metadata: 'true' },
  );
  let reply = await send(io, call, arcAgentPolicy, request.signal);
  const secrets: string[] = [];
  // Each challenge has a file of its own that soon is stale: a second 401 gets one more try, if it brings a new one.
  for (let tries = 0; isChallenge(reply, tries); tries += 1) {
    const key = await readKey(reply, settings.keyFolder, io);
    secrets.push(key);
    const answer: Call = { ...call, headers: { ...call.headers, authorization: `Basic ${key}` } };
    reply = await send(io, answer, arcAgentPolicy, request.signal);
  }
  const token = await readManagedIdentityReply(reply, call, { source: 'azure-arc', secrets, now: io.now(), explain });
  confirmIdentity(reply, request.identity);
  return token;
}

function isChallenge({ status, headers }: HttpReply, tries: number): boolean {
  return status === 401 && (tries === 0 || (tries === 1 && headers['www-authenticate'] !== undefined));
}

/** The challenge comes from a local port that any program could own: it may only name a key file of the agent's folder. */
async function readKey(reply: HttpReply, folder: string, io: Io): Promise<string> {
  const path = /^\s*Basic realm=(.+?)\s*$/i.exec(reply.headers['www-authenticate'] ?? '')?.[1];
  if (path === undefined) throw refusedChallenge('no file (WWW-Authenticate is not "Basic realm=PATH")');
  const name = path.slice(folder.length);
  if (!path.startsWith(folder) || !/^[\w.-]+\.key$/.test(name) || name.includes('..')) {
    throw refusedChallenge(`something else than a .key file in ${folder}`);
  }
  let content: string;
  try {
    content = await io.readTrustedFile(path, keyFileBytes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? error.message;
    if (reason === error.message || reason === 'ELOOP')
      throw refusedChallenge(`a file that cannot be trusted (${reason})`, error);
    throw credentialError('ERR_FILE_UNREADABLE', `Azure Arc's key file in ${folder} could not be read (${reason}).`, {
      source: 'azure-arc',
      cause: error,
      hint: reason === 'ENOENT' ? noKeyFile : noPermission,
    });
  }
  const key = content.trimEnd();
  if (key === '' || /[^\x21-\x7e]/.test(key)) throw refusedChallenge('a file that holds no key');
  return key;
}

const noPermission =
  'Add the user of this process to the group himds (sudo usermod -aG himds USER; on Windows "Hybrid agent extension applications"), then start it again.';
const noKeyFile =
  'Restart the agent (sudo systemctl restart himdsd); in a container, mount its folder at the same path, read-only.';

function refusedChallenge(what: string, cause?: Error): Error {
  return credentialError(
    'ERR_CHALLENGE_REFUSED',
    `The service on Azure Arc's port challenged with ${what}; it got no answer.`,
    {
      source: 'azure-arc',
      ...(cause && { cause }),
    },
  );
}

/** Older agents ignore the selector and answer with the system-assigned identity: only an answer that repeats it is taken. */
function confirmIdentity(reply: HttpReply, identity: ManagedIdentity): void {
  if (identity.kind === 'system-assigned') return;
  const json = parseJson(reply.body);
  const echoes = { clientId: ['client_id'], objectId: ['object_id'], resourceId: ['msi_res_id', 'mi_res_id'] }[
    identity.by
  ];
  if (echoes.some((name) => textField(json, name)?.toLowerCase() === identity.id.toLowerCase())) return;
  const message = `Azure Arc's agent did not confirm that the token is of the ${identity.by} asked for (from ${identity.from}).`;
  throw credentialError('ERR_IDENTITY_NOT_CONFIRMED', message, { source: 'azure-arc' });
}

/**
 * A missing identity has a 404, and its other errors the shape of IMDS's; their texts are not documented. What has no code
 * is not the agent's: a server that knows no such path, somebody else's page.
 */
function explain({ status }: HttpReply, { code }: Refusal) {
  if ((status === 400 && code === 'invalid_request') || (status === 404 && code !== undefined)) {
    return {
      code: 'ERR_IDENTITY_NOT_FOUND',
      hint: 'Check with `azcmagent show` that the server is connected, and the id of the identity.',
    } as const;
  }
  return status === 401
    ? { hint: 'The agent did not accept its own key: restart it (sudo systemctl restart himdsd).' }
    : undefined;
}
