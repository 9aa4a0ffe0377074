import type { AccessToken } from '@azure/core-auth';
import { cannotBePublic } from '../http/endpoint.ts';
import { isGuid, showId } from '../selection/environment.ts';
import { placeholderWithin } from '../selection/placeholder.ts';
import { type Candidate, isHostIdentity, type Selection, unresolvedOf } from '../selection/select.ts';
import { failedReferences } from '../selection/unresolved.ts';
import { decodeClaims, field } from '../tokens/read-token.ts';
import type { IdentityKey, Principal, Warning } from '../types.ts';

/** What a selection has led to so far. */
interface Outcome {
  /** The source that was chosen or has given a token; before that, every candidate. */
  readonly candidates: readonly Candidate[];
  readonly principal: Principal | undefined;
  readonly token: AccessToken | undefined;
  /** The object id that the tokens had before it changed. */
  readonly formerly: string | undefined;
  readonly now: number;
}

/** Everything that works, but perhaps not as meant. */
export function warningsOf(selection: Selection, outcome: Outcome): Warning[] {
  const { candidates, token, principal, formerly, now } = outcome;
  const isOfHost = candidates.some(isHostIdentity);
  return [
    ...unresolved(selection),
    ...halfSet(selection),
    ...candidates.flatMap(remoteEndpoint),
    ...(isOfHost ? identityWarnings(selection, principal) : []),
    ...candidates.flatMap((each) => [...unusedOption(selection, each), ...doubtful(each)]),
    ...(formerly && principal?.objectId ? changedIdentity(formerly, principal.objectId) : []),
    ...(token ? clockSkew(token, candidates, now) : []),
    ...aboutEnvironment(selection),
  ];
}

/** Settings that hold a placeholder. Where the chosen source uses one, no token can come before it is mended. */
function unresolved(selection: Selection): Warning[] {
  const { choice, unresolved } = selection;
  const used = choice.kind === 'chosen' ? unresolvedOf(selection, choice.candidate) : [];
  return unresolved.map((each) => ({
    code: 'SETTING_DOUBTFUL',
    message: each.cause,
    ...(used.includes(each) && { fix: each.fix }),
  }));
}

/** What the environment says of the app's other settings, and of every connection. */
function aboutEnvironment({ env, unresolved }: Selection): Warning[] {
  const told = unresolved.map(({ setting }) => setting);
  const references = failedReferences(env).filter(({ name }) => !told.includes(name));
  return [
    ...references.map(
      ({ name, status }) => `App Service could not resolve the Key Vault reference in ${name} (${status}).`,
    ),
    ...(env.NODE_TLS_REJECT_UNAUTHORIZED === '0'
      ? [
          'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates. Anyone on the way can read tokens and secrets. Unset it, and trust an authority of your own with NODE_EXTRA_CA_CERTS.',
        ]
      : []),
  ].map((message) => ({ code: 'SETTING_DOUBTFUL', message }));
}

/** Besides the one that is the problem itself. */
function halfSet({ choice, detections }: Selection): Warning[] {
  const [culprit, how] =
    choice.kind === 'problem' ? [choice.source, 'half-set, too'] : [undefined, 'half-set and passed over'];
  return detections.flatMap(({ source, detection }) =>
    detection.verdict === 'partial' && source.name !== culprit
      ? [{ code: 'HALF_SET' as const, message: `${source.title} is ${how}: ${detection.problem.cause}` }]
      : [],
  );
}

/** Azure's own endpoints are on the machine or next to it. Another one is accepted with https, but worth a word. */
function remoteEndpoint(candidate: Candidate): Warning[] {
  if (!isHostIdentity(candidate)) return [];
  const remote = candidate.offer.endpoints.find((url) => !cannotBePublic(url.hostname));
  if (remote === undefined) return [];
  const message = `The identity endpoint is ${remote.host}, a public address. Azure's own are on the host itself.`;
  return [{ code: 'REMOTE_ENDPOINT', message }];
}

function identityWarnings({ identity }: Selection, principal: Principal | undefined): Warning[] {
  if (identity.kind === 'system-assigned') return [];
  const { by, id, from } = identity;
  const form = by === 'resourceId' ? 'does not begin with /subscriptions/' : 'is not a GUID';
  const doubt = `The ${by} of the identity (from ${from}) ${form}.`;
  return [
    ...(isIdentityId(by, id) || placeholderWithin(id) ? [] : [{ code: 'SETTING_DOUBTFUL' as const, message: doubt }]),
    ...(principal ? otherIdentity(by, id, principal) : []),
  ];
}

/** An application has ids of its own. Only its client id can be an option, and not next to a secret that belongs to it. */
function unusedOption({ identity }: Selection, { source, offer }: Candidate): Warning[] {
  if (source.family !== 'application' || identity.kind === 'system-assigned') return [];
  const used = identity.by === 'clientId' ? offer.clientId : undefined;
  if (!identity.from.startsWith('the option') || used?.toLowerCase() === identity.id.toLowerCase()) return [];
  const why = identity.by === 'clientId' ? 'its client id is AZURE_CLIENT_ID' : 'it names a managed identity';
  return [{ code: 'OPTION_UNUSED', message: `${source.title} ignores ${identity.from}: ${why}.` }];
}

/** What can be tried but will most likely be refused, in words that say less than these. */
function doubtful({ offer: { doubts = [], clientId } }: Candidate): Warning[] {
  const isOdd = clientId !== undefined && !isGuid(clientId) && placeholderWithin(clientId) === undefined;
  const own = isOdd ? ['The client id of the application is not a GUID. Its Overview page in Entra shows it.'] : [];
  return [...doubts, ...own].map((message) => ({ code: 'SETTING_DOUBTFUL', message }));
}

/** Whether the id of a managed identity has the shape of one. */
function isIdentityId(by: IdentityKey, id: string): boolean {
  return by === 'resourceId' ? /^\/subscriptions\//i.test(id) : isGuid(id);
}

function otherIdentity(by: IdentityKey, requested: string, principal: Principal): Warning[] {
  const got = { clientId: principal.applicationId, objectId: principal.objectId, resourceId: principal.resourceId }[by];
  if (got === undefined || got.toLowerCase() === requested.toLowerCase()) return [];
  const message = `The token belongs to another identity than the requested one: its ${by} is ${showId(got)}, not ${showId(requested)}.`;
  return [{ code: 'OTHER_IDENTITY', message }];
}

/** As after a deployment slot was swapped (Azure/Azure-Functions#2511). */
function changedIdentity(formerly: string, objectId: string): Warning[] {
  const message = `The tokens belong to another identity than before: their object id was ${showId(formerly)}, now it is ${showId(objectId)}. Check who has access.`;
  return [{ code: 'OTHER_IDENTITY', message }];
}

/** Less of a difference is nobody's trouble. */
const tolerableSeconds = 60;

function clockSkew(token: AccessToken, candidates: readonly Candidate[], now: number): Warning[] {
  const claims = decodeClaims(token.token);
  const [notBefore, expires] = [field(claims, 'nbf'), field(claims, 'exp')];
  // A token that is valid only later was dated by a clock ahead of ours; Entra dates them back by five minutes.
  const behind = typeof notBefore === 'number' ? notBefore - now / 1000 : 0;
  // Entra tells how long a token lives, and MSAL adds that to our own time; the claim has the end by Entra's. A host tells
  // the end itself.
  const isOfEntra = candidates.some(({ offer }) => offer.principal === 'application');
  const ahead = isOfEntra && typeof expires === 'number' ? token.expiresOnTimestamp / 1000 - expires : 0;
  const difference =
    behind > tolerableSeconds
      ? `at least ${Math.round(behind)} s behind`
      : ahead > tolerableSeconds && `about ${Math.round(ahead)} s ahead of`;
  return difference
    ? [{ code: 'CLOCK_SKEW', message: `This machine's clock is ${difference} the one that dated the token.` }]
    : [];
}
