import type { AccessToken } from '@azure/core-auth';
import type { Candidate, Selection } from './select.ts';
import type { IdentityKey, Principal, Warning } from './types.ts';
import { cannotBePublic } from './wire/endpoint.ts';
import { showId } from './wire/environment.ts';
import { decodeClaims, field } from './wire/token-response.ts';

/** What a selection has led to so far. */
interface Outcome {
  readonly principal: Principal | undefined;
  readonly token: AccessToken | undefined;
  readonly now: number;
}

/** Everything that works, but perhaps not as meant. */
export function warningsOf(selection: Selection, outcome: Outcome): Warning[] {
  const chosen = selection.choice.kind === 'chosen' ? selection.choice.candidate : undefined;
  return [
    ...(chosen ? [...halfSet(selection), ...remoteEndpoint(chosen)] : []),
    ...(chosen?.source.family === 'managed-identity' ? identityWarnings(selection, outcome) : []),
    ...(outcome.token ? clockSkew(outcome.token, outcome.now) : []),
  ];
}

function halfSet({ detections }: Selection): Warning[] {
  return detections.flatMap(({ source, detection }) =>
    detection.verdict === 'partial'
      ? [{ code: 'HALF_SET', message: `${source.title} is half-set and passed over: ${detection.problem.message}` }]
      : [],
  );
}

/** Azure's own endpoints are on the machine or beside it; another one is accepted by https, but worth a word. */
function remoteEndpoint({ source, settings }: Candidate): Warning[] {
  if (source.family !== 'managed-identity') return [];
  const urls = Object.values(settings as object).flatMap((each: unknown) => [each, field(each, 'url')]);
  const remote = urls.find((each): each is URL => each instanceof URL && !cannotBePublic(each.hostname));
  if (remote === undefined) return [];
  return [
    {
      code: 'REMOTE_ENDPOINT',
      message: `The identity endpoint is ${remote.host}, a public address: Azure's own are on the host itself.`,
    },
  ];
}

function identityWarnings({ identity }: Selection, { principal }: Outcome): Warning[] {
  if (identity.kind === 'system-assigned') return [];
  const message =
    'AZURE_CLIENT_ID is taken as the client id of a user-assigned identity; AZURE_MANAGED_IDENTITY_CLIENT_ID says so plainly.';
  return [
    ...(identity.from === 'AZURE_CLIENT_ID' ? [{ code: 'CLIENT_ID_FALLBACK', message }] : []),
    ...(principal ? otherIdentity(identity.by, identity.id, principal) : []),
  ];
}

function otherIdentity(by: IdentityKey, asked: string, principal: Principal): Warning[] {
  const got = { clientId: principal.applicationId, objectId: principal.objectId, resourceId: principal.resourceId }[by];
  if (got === undefined || got.toLowerCase() === asked.toLowerCase()) return [];
  const message = `The token bears another identity than the one asked for: ${by} is ${showId(got)}, not ${showId(asked)}.`;
  return [{ code: 'OTHER_IDENTITY', message }];
}

/** A token that is valid only later was issued by a clock ahead of ours: Entra dates them back, so a minute is telling. */
function clockSkew({ token }: AccessToken, now: number): Warning[] {
  const notBefore = field(decodeClaims(token), 'nbf');
  const ahead = typeof notBefore === 'number' ? notBefore - now / 1000 : 0;
  if (!(ahead > 60)) return [];
  return [
    {
      code: 'CLOCK_SKEW',
      message: `This machine's clock is at least ${Math.round(ahead)} s behind the one that dated the token.`,
    },
  ];
}
