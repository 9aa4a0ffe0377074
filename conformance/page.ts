// What came out of the cells, as verdicts and as the page.
import type { Ran } from '../consumers/page.ts';
import { type Client, type Limit, ways } from './client.ts';

/** One program on one host. */
export interface Cell {
  readonly client: Client;
  readonly way: string;
  readonly host: string;
  readonly limit?: Limit;
}

export interface Outcome extends Cell {
  readonly ran: Ran;
}

export const cellsOf = (client: Client): readonly Cell[] =>
  client.expected.flatMap(({ hosts, ...rest }) => hosts.map((host) => ({ client, host, ...rest })));

/** Undefined where the client does as expected. A limit that is gone is a complaint: perhaps msi-local became laxer than Azure. */
export function complaint({ limit, ran }: Outcome): string | undefined {
  if (limit === undefined) return ran.works ? undefined : `fails: ${lastWords(ran.output)}`;
  if (ran.works) return `works, although it ${limit.why}`;
  const isExpected = ran.output.toLowerCase().includes(limit.says.toLowerCase());
  return isExpected ? undefined : `fails, but not with "${limit.says}": ${lastWords(ran.output)}`;
}

/** The line that says most, and what Entra said. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line = lines.findLast((each) => /^Failed:|error/i.test(each)) ?? lines.findLast((each) => each !== '');
  const shown = (line ?? 'it said nothing').slice(0, 240);
  const entra = /AADSTS\d+: [^"\n]{0,160}/.exec(output)?.[0];
  return entra === undefined || shown.includes(entra) ? shown : `${shown} (${entra})`;
}

export interface Section {
  readonly heading: string;
  readonly outcomes: readonly Outcome[];
}

/** docs/conformance.md, from the outcomes under their headings and what was not tried. */
export function page(sections: readonly Section[], skipped: readonly string[], measured: string): string {
  const all = sections.flatMap(({ outcomes }) => outcomes);
  const counts = `${all.filter(works).length} programs read the secret, ${all.filter(isLimit).length} meet a limit of the client's`;
  const failing = all.filter((outcome) => complaint(outcome) !== undefined).length;
  return [
    introduction(measured, failing === 0 ? `${counts}.` : `${counts}, ${failing} fail.`),
    ...sections.flatMap(({ heading, outcomes }) => [
      `## ${heading}\n`,
      table(outcomes, ({ host }) => host.split('+')[0] ?? host),
      table(outcomes, ({ way }) => ways[way] ?? 'other'),
    ]),
    '## Limits of the clients\n',
    `${[...new Set(all.filter(isLimit).map(limitLine))].join('\n')}\n`,
    ...(skipped.length === 0 ? [] : ['## Not tried\n', `${skipped.map((line) => `- ${line}`).join('\n')}\n`]),
  ].join('\n');
}

const introduction = (measured: string, counts: string) => `# Conformance

Written by \`pnpm conformance\`: ${measured}. Each cell is a program that knows nothing of msi-local: it runs inside
\`msi-local run --as HOST\` with the client in its released form, and must read a secret of the vault under the vault's real name. It can
reach nothing but loopback. A number says how many such programs work: with the system-assigned identity and with the user-assigned one,
named by each kind of id that the client knows, with a secret and with a certificate. "limit" is something that the client cannot do on
the real host either; the list at the end says why. ${counts}
`;

const works = (outcome: Outcome) => outcome.limit === undefined && outcome.ran.works;
const isLimit = (outcome: Outcome) => outcome.limit !== undefined && complaint(outcome) === undefined;

/** One row for each client, with one column for each name. */
function table(outcomes: readonly Outcome[], nameOf: (outcome: Outcome) => string): string {
  const names = [...new Set(outcomes.map(nameOf))];
  const rows = [...new Set(outcomes.map(({ client }) => client))].map((client) => {
    const own = outcomes.filter((outcome) => outcome.client === client);
    return [client.title, ...names.map((name) => word(own.filter((outcome) => nameOf(outcome) === name)))];
  });
  const lines = [['Client', ...names], ['---', ...names.map(() => '---')], ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function word(outcomes: readonly Outcome[]): string {
  const count = outcomes.filter(works).length;
  return [
    ...(count > 0 ? [String(count)] : []),
    ...(outcomes.some(isLimit) ? ['limit'] : []),
    ...(outcomes.some((outcome) => complaint(outcome) !== undefined) ? ['fails'] : []),
  ].join(', ');
}

function limitLine({ client, host, way, limit }: Outcome): string {
  const how = way === 'managed' ? '' : ` (${ways[way] ?? way})`;
  return `- ${client.title} on ${host.replaceAll('+', ', ')}${how}: ${limit?.why} (${limit?.source}).`;
}
