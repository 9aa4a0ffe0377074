// Managed identity of a server that Azure Arc connects: a challenge names a file that only trusted programs may read.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
import type { Fix } from '../../codes.ts';
import { asError, causeOfSystem, credentialError } from '../../errors.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { getCall } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { allow } from '../../http/permission.ts';
import type { Call } from '../../http/send.ts';
import type { HttpReply, Io, Machine } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import { page, parseJson, refusalCode, textField } from '../../tokens/read-token.ts';
import type {
  AcquiredToken,
  Detection,
  Environment,
  Flight,
  ManagedIdentity,
  Offer,
  Source,
  TokenRequest,
} from '../../types.ts';
import { absent, found, incomplete, invalid } from '../detection.ts';
import { arcAgentPolicy, startAgent } from './metadata-service.ts';
import { confirmPresence } from './presence.ts';
import { ask, identityNotFound, readReply, selectorOf } from './protocol.ts';

export const azureArc: Source = {
  name: 'azure-arc',
  title: 'Azure Arc managed identity',
  family: 'managed-identity',
  variables: ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT', 'IDENTITY_HEADER', 'ProgramFiles', 'ProgramData'],
  advice: { text: 'connect the server to Azure Arc', run: 'azcmagent connect' },
  announced,
  onMachine,
};

const agentUrl = 'http://127.0.0.1:40342/metadata/identity/oauth2/token';
const keyFileBytes = 4096;

function announced(env: Environment): Detection {
  const text = value(env, 'IDENTITY_ENDPOINT');
  if (
    value(env, 'IMDS_ENDPOINT') === undefined ||
    (text !== undefined && value(env, 'IDENTITY_HEADER') !== undefined)
  ) {
    return { verdict: 'unknown', reason: 'its agent was not looked for' };
  }
  if (text === undefined) {
    const fix = [{ text: 'The Arc agent sets both for the machine. Set the other one too, or unset IMDS_ENDPOINT.' }];
    return incomplete({ present: 'IMDS_ENDPOINT', missing: ['IDENTITY_ENDPOINT'], fix });
  }
  const endpoint = readEndpoint('IDENTITY_ENDPOINT', text);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  return found(offerOf('IDENTITY_ENDPOINT and IMDS_ENDPOINT are set', endpoint.url, env));
}

/** Installed on Linux it sets no variable for ordinary processes: its program tells (Azure/azure-sdk-for-python#38183). */
function onMachine(machine: Machine, env: Environment): Detection {
  if (!machine.hasFile(agentPathOf(env, machine.platform))) return absent('its agent (himds) is not installed');
  const reason = 'its agent (himds) is installed';
  return { verdict: 'unknown', reason, offer: offerOf(reason, new URL(agentUrl), env) };
}

function agentPathOf(env: Environment, platform: string): string {
  return platform === 'win32'
    ? `${value(env, 'ProgramFiles') ?? 'C:\\Program Files'}\\AzureConnectedMachineAgent\\himds.exe`
    : '/opt/azcmagent/bin/himds';
}

/** Where the agent puts its key files: the only folder from which one is read. */
function keyFolderOf(env: Environment): string {
  // Only Windows sets this variable.
  const programData = value(env, 'ProgramData');
  return programData ? `${programData}\\AzureConnectedMachineAgent\\Tokens\\` : '/var/opt/azcmagent/tokens/';
}

function offerOf(reason: string, url: URL, env: Environment): Offer {
  const keyFolder = keyFolderOf(env);
  return {
    reason,
    host: 'Azure Arc',
    principal: 'managed-identity',
    endpoints: [url],
    identityKeys: ['clientId', 'objectId', 'resourceId'],
    key: [url, keyFolder],
    acquire: (request, flight) => acquire({ url, keyFolder }, request, flight),
  };
}

async function acquire(
  { url, keyFolder }: { readonly url: URL; readonly keyFolder: string },
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const { identity, resource } = request;
  if (flight.hasNext) {
    const { turns } = arcAgentPolicy;
    const agent = { title: "Azure Arc's agent", url, turns, isService: isAgent, isLikely: true, fix: startAgent };
    await confirmPresence(agent, 'azure-arc', flight);
  }
  const names = { clientId: 'client_id', objectId: 'object_id', resourceId: 'msi_res_id' };
  const query = { 'api-version': '2020-06-01', resource, ...selectorOf(identity, names) };
  const call = getCall(url, query, { metadata: 'true' });
  let reply = await ask(call, arcAgentPolicy, flight);
  const secrets: string[] = [];
  // Each challenge has a file of its own that soon is stale: a second 401 gets one more try, if it brings a new one.
  for (let tries = 0; isChallenge(reply, tries); tries += 1) {
    const key = await readKey(reply, url, keyFolder, flight.io);
    secrets.push(key);
    const answer: Call = { ...call, headers: { ...call.headers, authorization: `Basic ${key}` } };
    reply = await ask(answer, arcAgentPolicy, flight);
  }
  const protocol = { source: 'azure-arc', policy: arcAgentPolicy, secrets, refusals, request } as const;
  const token = await readReply(reply, call, protocol, flight.io.now());
  confirmIdentity(reply, identity);
  return token;
}

/** Its refusals are JSON. A page, or a bare "not found" or failure, comes from another program at its port. */
function isAgent({ status, body }: HttpReply): boolean {
  return refusalCode(parseJson(body)) !== undefined || (!page.test(body) && status !== 404 && status < 500);
}

function isChallenge({ status, headers }: HttpReply, tries: number): boolean {
  return status === 401 && (tries === 0 || (tries === 1 && headers['www-authenticate'] !== undefined));
}

/** The challenge comes from a local port that any program could own: it may only name a key file of the agent's folder. */
async function readKey(reply: HttpReply, { hostname }: URL, folder: string, io: Io): Promise<string> {
  // Only root and the agent's group may read the key, so it goes to nobody but the agent, which listens on loopback only.
  if (!isLoopback(hostname)) throw refusedChallenge('a file, but is not on this machine');
  const path = /^Basic realm=(.+)$/i.exec(reply.headers['www-authenticate']?.trim() ?? '')?.[1];
  if (path === undefined) throw refusedChallenge('no file (WWW-Authenticate is not "Basic realm=PATH")');
  const name = path.slice(folder.length);
  if (!path.startsWith(folder) || !isKeyName(name)) {
    throw refusedChallenge(`a file other than a .key file in ${folder}`);
  }
  let content: string;
  try {
    content = await io.readTrustedFile(path, keyFileBytes);
  } catch (thrown) {
    const error = asError(thrown);
    const reason = (error as NodeJS.ErrnoException).code ?? error.message;
    if (reason === error.message || reason === 'ELOOP')
      throw refusedChallenge(`a file that cannot be trusted (${reason})`, causeOfSystem(error));
    throw credentialError('ERR_FILE_UNREADABLE', `Azure Arc's key file in ${folder} could not be read (${reason}).`, {
      source: 'azure-arc',
      cause: causeOfSystem(error),
      fix: reason === 'ERR_ACCESS_DENIED' ? allow('FileSystemRead') : reason === 'ENOENT' ? noKeyFile : noPermission,
    });
  }
  const key = content.trimEnd();
  if (key === '' || /[^\x21-\x7e]/.test(key)) throw refusedChallenge('a file that holds no key');
  return key;
}

/** No other folder, and on Windows no device: `NUL.key` is one. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function isKeyName(name: string): boolean {
  return /^[\w.-]{1,100}\.key$/.test(name) && !name.includes('..') && !/^(con|prn|aux|nul|com\d|lpt\d)\./i.test(name);
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

const noPermission: readonly Fix[] = [
  { text: 'Add the user of this process to the group himds:', run: 'sudo usermod -aG himds USER' },
  { text: 'On Windows the group is "Hybrid agent extension applications". Then start the process again.' },
];
const restartAgent = 'sudo systemctl restart himdsd';
const noKeyFile: readonly Fix[] = [
  { text: 'Restart the agent:', run: restartAgent },
  { text: 'In a container, mount its folder at the same path, read-only.' },
];

function refusedChallenge(what: string, cause?: Error): Error {
  const message = `The service on Azure Arc's port challenged with ${what}. It got no answer.`;
  return credentialError('ERR_CHALLENGE_REFUSED', message, { source: 'azure-arc', cause });
}

/** Older agents ignore the selector and answer with the system-assigned identity: only an answer that repeats it is taken. */
function confirmIdentity(reply: HttpReply, identity: ManagedIdentity): void {
  if (identity.kind === 'system-assigned') return;
  const json = parseJson(reply.body);
  const echoes = { clientId: ['client_id'], objectId: ['object_id'], resourceId: ['msi_res_id', 'mi_res_id'] }[
    identity.by
  ];
  if (echoes.some((name) => textField(json, name)?.toLowerCase() === identity.id.toLowerCase())) return;
  const message = `Azure Arc's agent did not confirm that the token belongs to the requested identity (from ${identity.from}).`;
  throw credentialError('ERR_IDENTITY_NOT_CONFIRMED', message, { source: 'azure-arc' });
}

/**
 * A missing identity has a 404, and its other errors the shape of IMDS's; their texts are not documented. A refusal without
 * a code does not come from the agent: a server that knows no such path, somebody else's page.
 */
const refusals: readonly RefusalRow[] = [
  ...[
    { status: 400, code: 'invalid_request' },
    { status: 404, code: /./ },
  ].map((row) =>
    identityNotFound(row, [
      { text: 'Check that the server is connected, and the id of the identity:', run: 'azcmagent show' },
    ]),
  ),
  { status: 401, fix: [{ text: 'The agent did not accept its own key. Restart it:', run: restartAgent }] },
];
