import { redact } from '../../failures/redact.ts';
import type { Names } from '../../failures/steps.ts';
import { type ProxyChoice, proxyFor, showProxy } from '../../http/proxy.ts';
import type { Diagnostics, KeyVaultCredential, SourceName } from '../../types.ts';
import { asId, isSecretName, isVaultName, vaultNameIn } from '../secret/names.ts';
import { isStandIn } from '../secret/stand-in.ts';
import { namesOfAction, objectOf, type VaultObject } from './action.ts';
import { read, readText, toUrl } from './read-anything.ts';
import { type ErrorContext, type ErrorFacts, readError, resourceOfVault } from './read-error.ts';

/** Who was refused. */
export interface Caller {
  readonly objectId: string | undefined;
  readonly applicationId: string | undefined;
  /** As `az role assignment create` wants it. */
  readonly type: 'ServicePrincipal' | 'User';
}

/** Everything that is known of a failed call. */
export interface Situation {
  readonly facts: ErrorFacts;
  readonly caller: Caller;
  readonly host: string | undefined;
  /** On the way to the vault, for a client that is made in this process now. */
  readonly proxy: ProxyChoice;
  /** Whether the address is that of a stand-in, which no command of Azure's changes. */
  readonly standIn: boolean;
  /** What the call was about. */
  readonly object: VaultObject;
  /** The version that was asked for; undefined for the latest. */
  readonly version: string | undefined;
  readonly source: SourceName | undefined;
  /** The tenant of the credential's last token, as far as its diagnostics know. */
  readonly tokenTenant: string | undefined;
  /** What the texts and commands of the rows name. */
  readonly names: SituationNames;
}

/**
 * Names and ids are checked for their form, and stand for themselves in capitals when they are not known: they go into
 * commands, and the answer that they come from may be anybody's.
 */
export interface SituationNames extends Names {
  readonly vault: string;
  readonly secret: string;
  readonly host: string;
  /** The vault's resource id, or the shell's question for it. */
  readonly scope: string;
  /** The audience of tokens for this vault. */
  readonly resource: string;
}

/** Either a credential or what its `diagnostics` said. */
export type Diagnosable = Pick<KeyVaultCredential, 'diagnostics'> | Diagnostics;

/** Puts together what the error, the credential and the caller know. */
export function situationOf(error: unknown, credential: Diagnosable | undefined, context: ErrorContext): Situation {
  const facts = readError(error);
  const diagnostics = read(credential, 'diagnostics') ?? credential;
  const source = readText(diagnostics, 'selected', 'source') as SourceName | undefined;
  const url = facts.url ?? toUrl(readText(context, 'vaultUrl'));
  const host = (url?.hostname || undefined) ?? readText(error, 'hostname');
  const vault = vaultName(facts.words, host);
  const [, path, version] =
    /^\/(?:deleted)?(?:secrets|keys|certificates|storage)\/([^/]+)(?:\/([^/]+))?/.exec(url?.pathname ?? '') ?? [];
  const secret = readText(context, 'secretName') ?? path;
  const principal = read(diagnostics, 'principal');
  const caller = callerOf(facts, principal, source);
  const goodHost = host !== undefined && /^[0-9a-z.-]{1,253}$/i.test(host) ? host : undefined;
  const proxy = url === undefined ? {} : proxyFor(url);
  return {
    facts,
    caller,
    host: goodHost,
    proxy,
    standIn: url !== undefined && isStandIn(url.hostname),
    object: objectOf(facts),
    version: isSecretName(version) && !/^(versions|backup|recover)$/i.test(version) ? version : undefined,
    source,
    tokenTenant: asId(readText(principal, 'tenantId')),
    names: {
      ...namesOfCaller(caller),
      ...namesOfAction(facts),
      ...namesOfConnection(facts, proxy),
      vault: vault ?? 'VAULT',
      secret: isSecretName(secret) ? secret : 'SECRET',
      host: goodHost ?? `${vault ?? 'VAULT'}.vault.azure.net`,
      scope: scopeOf(facts.words, vault) ?? `$(az keyvault show -n ${vault ?? 'VAULT'} --query id -o tsv)`,
      resource: resourceOfVault(host),
    },
  };
}

function namesOfCaller({ objectId, applicationId, type }: Caller): Names {
  const ids = [objectId && `object id ${objectId}`, applicationId && `application id ${applicationId}`].filter(Boolean);
  const who = type === 'User' ? 'The user' : 'The service principal';
  return {
    caller: ids.length === 0 ? 'The caller' : `${who} with ${ids.join(' and ')}`,
    objectId: objectId ?? 'OBJECT_ID',
    clientId: applicationId ?? 'CLIENT_ID',
    principalType: type,
  };
}

function namesOfConnection({ code, status, failure }: ErrorFacts, choice: ProxyChoice): Names {
  const proxy = 'problem' in choice ? undefined : choice.proxy;
  return {
    proxy: proxy ? showProxy(proxy) : 'the proxy of HTTPS_PROXY',
    proxyVariable: proxy?.variable ?? 'HTTPS_PROXY',
    // Only a code that is known. A proxy that does not connect has a status, too.
    ...(failure && { reason: status === undefined ? `${code}` : `${code}, status ${status}` }),
  };
}

/** Applications in whose name people get tokens: Azure CLI (and azd), Azure PowerShell, Visual Studio Code. */
const developerTools = [
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  '1950a258-227b-4e31-a9cf-717495945fc2',
  'aebc6443-996d-45c2-90f0-388ff96faa56',
];

/** The token that was sent tells best. Whoever answers could name a principal of his own, which then would get the role. */
function callerOf({ words, claims }: ErrorFacts, principal: unknown, source: string | undefined): Caller {
  const objectId =
    asId(readText(claims, 'oid')) ??
    asId(readText(principal, 'objectId')) ??
    asId(/\boid=([0-9a-f-]{36})/i.exec(words)?.[1]);
  const applicationId =
    asId(readText(claims, 'appid') ?? readText(claims, 'azp')) ??
    asId(readText(principal, 'applicationId')) ??
    asId(/\bappid=([0-9a-f-]{36})/i.exec(words)?.[1]);
  const isPerson =
    applicationId === undefined
      ? /^(azure-(cli|developer-cli|powershell)|cloud-shell)$/.test(source ?? '')
      : developerTools.includes(applicationId.toLowerCase()) || readText(principal, 'name')?.includes('@');
  return { objectId, applicationId, type: isPerson ? 'User' : 'ServicePrincipal' };
}

function vaultName(words: string, host: string | undefined): string | undefined {
  // What was called tells better than who answered.
  const called = host === undefined ? undefined : vaultNameIn(host);
  if (isVaultName(called)) return called;
  const told =
    /(?:^|\n)Vault: ([^;\s]+);location=/.exec(words)?.[1] ?? /key vault '([^;']+);location=/.exec(words)?.[1];
  // `contoso.vault.azure.net`, and `contoso` alone where the rest of the name isn't Azure's.
  const label = host === undefined || /^[\d.]+$|^localhost$/.test(host) ? undefined : host.split('.')[0];
  return [told, label].find(isVaultName);
}

/**
 * The refusal's `Resource`, less the secret: what a role is assigned on. Anybody can write something that begins in this way,
 * so it has to be the id of this vault to the letter.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
function scopeOf(words: string, vault: string | undefined): string | undefined {
  const [id, group = '', name = ''] =
    /\bResource: '(\/subscriptions\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\/resourceGroups\/([\w.()-]{1,90})\/providers\/Microsoft\.KeyVault\/vaults\/([0-9a-z-]{3,24}))['/]/i
      .exec(words)
      ?.slice(1) ?? [];
  const isThisVault = name.toLowerCase() === vault?.toLowerCase();
  return isThisVault && !group.endsWith('.') && redact(group) === group ? id : undefined;
}
