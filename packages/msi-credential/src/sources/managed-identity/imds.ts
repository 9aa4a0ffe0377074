// Managed identity of a virtual machine, a scale set, an AKS node, or a pod by way of AAD Pod Identity.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
import { credentialError } from '../../errors.ts';
import type { Refusal } from '../../failures/refusal.ts';
import { readEndpoint, showEndpoint } from '../../http/endpoint.ts';
import { send } from '../../http/send.ts';
import type { HttpReply, Io, Machine } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../../types.ts';
import { getCall, selectorOf } from './call.ts';
import { metadataServicePolicy } from './metadata-service.ts';
import { readManagedIdentityReply } from './reply.ts';

export interface ImdsSettings {
  readonly url: URL;
  /** Whether to ask first if anybody is there, for a second at most. */
  readonly probe: boolean;
  /** Where the address comes from, if not from Azure. */
  readonly variable?: string;
}

export const imds: Source<ImdsSettings> = {
  name: 'imds',
  title: 'Virtual machine managed identity (IMDS)',
  family: 'managed-identity',
  variables: [
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'IDENTITY_HEADER',
    'IDENTITY_SERVER_THUMBPRINT',
    'IDENTITY_ENDPOINT',
  ],
  advice: 'assign a managed identity to the machine (az vm identity assign)',
  detect,
  acquire,
};

const path = '/metadata/identity/oauth2/token';
const metadataService = `http://169.254.169.254${path}`;
const probeMs = 1_000;

/** On every machine of Azure, and on no other (cloud-init's ds-identify reads the same). */
const azureAssetTag = '7783-7084-3265-9085-8269-3286-77';
const assetTagFile = '/sys/class/dmi/id/chassis_asset_tag';

const identityKeys = ['clientId', 'objectId', 'resourceId'] as const;

function detect(env: Environment, _: SelectOptions, machine?: Machine): Detection<ImdsSettings> {
  const host = value(env, 'AZURE_POD_IDENTITY_AUTHORITY_HOST');
  if (host !== undefined) return atAddress(host);
  if (machine === undefined) return { verdict: 'unknown', reason: 'the machine was not looked at' };
  if (machine.platform === 'darwin') return { verdict: 'absent', reason: 'Azure has no such machines (macOS)' };
  const settings = (probe: boolean) => ({ url: new URL(metadataService), probe });
  if (isContainerInstance(env)) {
    const reason = 'IDENTITY_HEADER is set without IDENTITY_ENDPOINT, as on Container Instances (Linux)';
    return { verdict: 'unknown', settings: settings(true), reason, host: 'Container Instances', identityKeys };
  }
  const tag = machine.platform === 'linux' ? machine.readText(assetTagFile)?.trim() : undefined;
  if (tag === azureAssetTag) {
    return {
      verdict: 'unknown',
      settings: settings(false),
      reason: "the chassis has Azure's asset tag",
      host: 'Azure virtual machine',
      identityKeys,
    };
  }
  return tag === undefined || tag === ''
    ? {
        verdict: 'unknown',
        settings: settings(true),
        reason: 'the chassis cannot be read; one short probe will tell',
        identityKeys,
      }
    : { verdict: 'absent', reason: "the chassis has not Azure's asset tag" };
}

/** There the chassis is that of an inner virtual machine and tells nothing (MicrosoftDocs/azure-docs#122273). */
function isContainerInstance(env: Environment): boolean {
  return (
    value(env, 'IDENTITY_HEADER') !== undefined &&
    value(env, 'IDENTITY_SERVER_THUMBPRINT') !== undefined &&
    value(env, 'IDENTITY_ENDPOINT') === undefined
  );
}

function atAddress(host: string): Detection<ImdsSettings> {
  const endpoint = readEndpoint('AZURE_POD_IDENTITY_AUTHORITY_HOST', host);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  const { url } = endpoint;
  if (url.search !== '') {
    const message = 'AZURE_POD_IDENTITY_AUTHORITY_HOST contains a query (?).';
    const hint = 'It is scheme, host and port only, such as http://169.254.169.254.';
    return { verdict: 'partial', missing: [], problem: { code: 'ERR_ENDPOINT_MALFORMED', message, hint } };
  }
  // Not `new URL(path, url)`: a path that begins with two slashes would become another host.
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  const variable = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
  const settings = { url, probe: false, variable };
  const reason = `${variable} is set`;
  return { verdict: 'found', settings, reason, host: 'virtual machine (metadata service)', identityKeys };
}

async function acquire(settings: ImdsSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  if (settings.probe) await probe(settings.url, request.signal, io);
  const selector = selectorOf(request.identity, {
    clientId: 'client_id',
    objectId: 'object_id',
    resourceId: 'msi_res_id',
  });
  const query = { 'api-version': '2018-02-01', resource: request.resource, ...selector };
  const call = getCall(settings.url, query, { metadata: 'true' });
  const { variable } = settings;
  const unreachedHint = () =>
    variable && `The address comes from ${variable}: correct it, or unset it for Azure's own.`;
  const reply = await send(io, call, { ...metadataServicePolicy, unreachedHint }, request.signal);
  const explain = (answer: HttpReply, refusal: Refusal) => explainRefusal(answer, refusal, request);
  return readManagedIdentityReply(reply, call, { source: 'imds', secrets: [], now: io.now(), explain });
}

/** Without the Metadata header the service refuses at once, and nothing else learns anything. */
async function probe(url: URL, signal: AbortSignal, io: Io): Promise<void> {
  const outcome = await io
    .exchange({ method: 'GET', url, headers: {}, signal, timeoutMs: probeMs })
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (signal.aborted) throw signal.reason;
  if (!(outcome instanceof Error) && isMetadataService(outcome)) return;
  const cause = outcome instanceof Error ? outcome : undefined;
  const why =
    outcome instanceof Error
      ? ((outcome as NodeJS.ErrnoException).code ?? outcome.message)
      : `${outcome.status}, not as it does`;
  throw credentialError(
    'ERR_PROBE_FAILED',
    `The metadata service of Azure's virtual machines did not answer at ${showEndpoint(url)} (${why}).`,
    {
      source: 'imds',
      ...(cause && { cause }),
    },
  );
}

/** What it says to a request without the header, or says it is; proxies answer for link-local addresses too (Azure/azure-sdk-for-js#28595). */
function isMetadataService({ status, headers }: HttpReply): boolean {
  return status === 400 || headers.server?.startsWith('IMDS/') === true;
}

/** It answers for the unreachable network itself (Azure/azure-sdk-for-net#38218). */
function isDockerDesktop({ status, body }: HttpReply): boolean {
  return status === 403 && body.includes('unreachable');
}

function explainRefusal(reply: HttpReply, { code }: Refusal, { identity }: TokenRequest) {
  const { status, body } = reply;
  if (isDockerDesktop(reply)) return { code: 'ERR_PROBE_FAILED' } as const;
  // AAD Pod Identity's words; a 403 without them is some proxy's.
  if (status === 403 && /azureidentity/i.test(body)) {
    return {
      code: 'ERR_IDENTITY_NOT_FOUND',
      hint: 'Bind the identity to the pod (AzureIdentityBinding), or name the one that is bound.',
    } as const;
  }
  // "Identity not found" and "Multiple user assigned identities exist" have this code; what is not JSON has none.
  if (status !== 400 || (code !== undefined && code !== 'invalid_request')) return undefined;
  const hint =
    identity.kind === 'system-assigned'
      ? 'Enable the system-assigned identity of the machine (az vm identity assign), or, where it has several user-assigned ones, name one: AZURE_CLIENT_ID or the option clientId.'
      : `Assign the identity to the machine (az vm identity assign --identities ID), or correct the ${identity.by} (from ${identity.from}).`;
  return { code: 'ERR_IDENTITY_NOT_FOUND', hint } as const;
}
