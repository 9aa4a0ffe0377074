// What to say where no source is found: which came near, and what would make one found.
import { explain, type Fix } from '../codes.ts';
import { servicePrincipal } from '../sources/application/service-principal.ts';
import { azureCli } from '../sources/developer-tool/azure-cli.ts';
import { appService } from '../sources/managed-identity/app-service.ts';
import type { Detection, Problem, Source } from '../types.ts';
import type { Limit } from './limit.ts';

/** A source and what it says about the environment. */
export interface Detected {
  readonly source: Source;
  readonly detection: Detection;
}

/** Sources that are absent although some of their variables are set: why, and what would make them found. */
export interface NearMisses {
  readonly reasons: readonly string[];
  readonly fix: readonly Fix[];
}

export function nearMisses(detections: readonly Detected[]): NearMisses {
  const near = detections.flatMap(({ source: { name, title }, detection }) =>
    detection.verdict === 'absent' && detection.remedy !== undefined
      ? [{ name, reason: `${title}: ${detection.reason}.`, fix: { text: `${title}: ${detection.remedy}.` } }]
      : [],
  );
  // The host knows better than the service principal what the same ids are for.
  near.sort((a, b) => Number(a.name === 'service-principal') - Number(b.name === 'service-principal'));
  return { reasons: near.map(({ reason }) => reason), fix: near.map(({ fix }) => fix) };
}

/** The problem where nothing is found. */
export function nothingFound(detections: readonly Detected[], limit: Limit | undefined): Problem {
  const names = detections.map(({ source }) => source.name).join(', ');
  const summary = limit
    ? `${limit.by} leaves these sources, and none was found: ${names}.`
    : 'No environment variable says whose identity to use, this is not an Azure machine, and no developer tool is on PATH.';
  const near = nearMisses(detections);
  const lift = limit ? [{ text: `Or ${limit.lift}.` }] : [];
  const general = [...adviceOf(detections.map(({ source }) => source)), ...lift];
  const fix = near.fix.length > 0 ? near.fix : general;
  return explain('ERR_NO_SOURCE', [summary, ...near.reasons].join(' '), { fix });
}

/** Where each family of sources is at home, and the source of it that most programs are meant for. */
const places = [
  { family: 'managed-identity', where: 'On Azure, ', usual: appService },
  { family: 'developer-tool', where: 'On a laptop, ', usual: azureCli },
  { family: 'application', where: 'Elsewhere, ', usual: servicePrincipal },
] as const;

/** The advice of one source of each family. */
function adviceOf(considered: readonly Source[]): readonly Fix[] {
  const advised = places.flatMap(({ family, where, usual }) => {
    const members = considered.filter((source) => source.family === family);
    const source = members.includes(usual) ? usual : members[0];
    return source ? [{ where, ...source.advice }] : [];
  });
  return advised.map(({ where, text, run }) => {
    const sentence = advised.length > 1 ? where + text : capitalized(text);
    return run === undefined ? { text: `${sentence}.` } : { text: `${sentence}:`, run };
  });
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
