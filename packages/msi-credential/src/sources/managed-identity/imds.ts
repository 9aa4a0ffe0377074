// Managed identity of a virtual machine, a scale set, an AKS node, or a pod by way of AAD Pod Identity.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
import { explain, type Fix } from '../../codes.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { getCall } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import type { SendPolicy } from '../../http/send.ts';
import type { HttpReply, Machine } from '../../io.ts';
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
import { absent, found, invalid } from '../detection.ts';
import { assignToMachine } from './assign.ts';
import { machineHostOf, machineVariables } from './host.ts';
import { metadataServicePolicy } from './metadata-service.ts';
import { confirmPresence } from './presence.ts';
import { ask, identityNotFound, readReply, selectorOf } from './protocol.ts';

const addressVariable = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';

export const imds: Source = {
  name: 'imds',
  title: 'Virtual machine managed identity (IMDS)',
  family: 'managed-identity',
  variables: [
    addressVariable,
    'IDENTITY_HEADER',
    'IDENTITY_SERVER_THUMBPRINT',
    'IDENTITY_ENDPOINT',
    ...machineVariables,
  ],
  advice: { text: 'assign a managed identity to the machine', run: 'az vm identity assign -g GROUP -n VM' },
  announced,
  onMachine,
};

const path = '/metadata/identity/oauth2/token';
const metadataService = `http://169.254.169.254${path}`;

/** On every machine of Azure, and on no other (cloud-init's ds-identify reads the same). */
const azureAssetTag = '7783-7084-3265-9085-8269-3286-77';
const assetTagFile = '/sys/class/dmi/id/chassis_asset_tag';

function announced(env: Environment): Detection {
  const address = value(env, addressVariable);
  return address === undefined ? { verdict: 'unknown', reason: 'the machine was not looked at' } : atAddress(address);
}

const addressForm = 'It is scheme, host and port only, such as http://169.254.169.254.';

function atAddress(address: string): Detection {
  const endpoint = readEndpoint(addressVariable, address, addressForm);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  const { url } = endpoint;
  if (url.search !== '') {
    const fix = [{ text: addressForm }];
    return invalid(explain('ERR_ENDPOINT_MALFORMED', `${addressVariable} contains a query (?).`, { fix }));
  }
  // Not `new URL(path, url)`: a path that begins with two slashes would become another host.
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  const settings = { url, probe: false, variable: addressVariable, host: 'Virtual machine' };
  return found(offerOf(`${addressVariable} is set`, settings));
}

function onMachine(machine: Machine, env: Environment): Detection {
  if (machine.platform === 'darwin') return absent('not an Azure VM (macOS)');
  if (isContainerInstance(env)) {
    const reason = 'IDENTITY_HEADER is set without IDENTITY_ENDPOINT, as on Container Instances (Linux)';
    return candidate(offerOf(reason, { ...unprobed, probe: false, host: 'Container Instances' }));
  }
  const tag = machine.platform === 'linux' ? machine.readText(assetTagFile)?.trim() : undefined;
  if (tag === azureAssetTag) {
    const settings = { ...unprobed, probe: false, host: machineHostOf(env) };
    return candidate(offerOf("the chassis has Azure's asset tag", settings));
  }
  return tag
    ? absent('not an Azure VM (no Azure asset tag)')
    : candidate(offerOf('the chassis cannot be read; one short probe will tell', unprobed));
}

const candidate = (offer: Offer): Detection => ({ verdict: 'unknown', reason: offer.reason, offer });

/** Its chassis belongs to an inner virtual machine and tells nothing (MicrosoftDocs/azure-docs#122273). */
function isContainerInstance(env: Environment): boolean {
  return (
    value(env, 'IDENTITY_HEADER') !== undefined &&
    value(env, 'IDENTITY_SERVER_THUMBPRINT') !== undefined &&
    value(env, 'IDENTITY_ENDPOINT') === undefined
  );
}

interface Settings {
  readonly url: URL;
  /** Whether to ask first if the service is there at all. */
  readonly probe: boolean;
  /** The variable that has the address, where it is not Azure's own. */
  readonly variable?: string;
  /** Where it is known. */
  readonly host?: string;
}

const unprobed: Settings = { url: new URL(metadataService), probe: true };

function offerOf(reason: string, settings: Settings): Offer {
  return {
    reason,
    host: settings.host,
    principal: 'managed-identity',
    endpoints: [settings.url],
    identityKeys: ['clientId', 'objectId', 'resourceId'],
    key: [settings.url, settings.probe],
    acquire: (request, flight) => acquire(settings, request, flight),
  };
}

async function acquire(
  { url, probe, variable, host }: Settings,
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const { identity, resource } = request;
  // Azure's hardware alone does not mean that this process may reach the service (Azure/AKS#4037).
  const isUncertain = flight.hasNext && variable === undefined;
  if (probe || isUncertain) {
    const present = { title, url, turns: metadataServicePolicy.turns, isService: isMetadataService };
    // Without the Metadata header the service refuses at once, and nothing else learns anything.
    await confirmPresence({ ...present, isLikely: !probe }, 'imds', flight);
  }
  const names = { clientId: 'client_id', objectId: 'object_id', resourceId: 'msi_res_id' };
  const query = { 'api-version': '2018-02-01', resource, ...selectorOf(identity, names) };
  const own = { text: `The address comes from ${variable}. Correct it, or unset it to use Azure's own.` };
  const isStranger = (reply: HttpReply) => isUncertain && !isMetadataService(reply);
  const policy: SendPolicy = {
    ...metadataServicePolicy,
    onUnreachable: () => (variable === undefined ? undefined : [own]),
    isFinal: isStranger,
  };
  const call = getCall(url, query, { metadata: 'true' });
  const reply = await ask(call, policy, flight);
  const rows = isStranger(reply) ? [somethingElse] : refusals(identity, host);
  return readReply(reply, call, { source: 'imds', policy, secrets: [], refusals: rows, request }, flight.io.now());
}

const title = "Azure's metadata service";

/** What it answers without the header, or its own name; proxies answer for link-local addresses too (Azure/azure-sdk-for-js#28595). */
function isMetadataService(reply: HttpReply): boolean {
  const { status, headers, body } = reply;
  // A proxy that hands on what Entra has refused stands for the service.
  if (status === 400 || headers.server?.startsWith('IMDS/') === true || /AADSTS\d/.test(body)) return true;
  const json = parseJson(body);
  if (status === 200) return textField(json, 'access_token') !== undefined;
  return (status === 429 && !page.test(body)) || (status >= 500 && refusalCode(json) !== undefined);
}

/** An answer in its place: a proxy's, or that of a service of the cluster which has no identity for this pod. */
const somethingElse: RefusalRow = {
  gives: 'ERR_PROBE_FAILED',
  cause: `${title} does not answer so.`,
};

function refusals(identity: ManagedIdentity, host: string | undefined): readonly RefusalRow[] {
  const assign: readonly Fix[] = [
    assignToMachine(host, identity.kind),
    identity.kind === 'system-assigned'
      ? { text: 'If it has several user-assigned identities, name one with AZURE_CLIENT_ID or the option clientId.' }
      : { text: `Or correct ${identity.from}.` },
  ];
  return [
    // Docker Desktop answers for the unreachable network itself (Azure/azure-sdk-for-net#38218).
    { status: 403, body: /unreachable/, gives: 'ERR_PROBE_FAILED' },
    // AAD Pod Identity's words; a 403 without them comes from a proxy.
    identityNotFound({ status: 403, body: /azure(assigned)?identity/i }, [
      { text: 'Bind the identity to the pod (AzureIdentityBinding), or name the one that is bound.' },
    ]),
    {
      status: 404,
      fix: [
        {
          text: 'The metadata service is being updated, or the identity of the pod is not bound yet. Try again in a minute.',
        },
      ],
    },
    // azure-workload-identity's proxy knows client ids only, and no default (pkg/proxy/proxy.go).
    identityNotFound({ status: 400, body: /^The client_id parameter is required/ }, [
      {
        text: "Name the identity by its client id, with AZURE_CLIENT_ID or the option clientId. This pod's proxy knows no other id.",
      },
    ]),
    // "Identity not found" and "Multiple user assigned identities exist" have this code; what is not JSON has none.
    identityNotFound({ status: 400, code: /^(invalid_request)?$/ }, assign),
  ];
}
