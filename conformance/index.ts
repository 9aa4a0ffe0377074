// pnpm conformance [GROUP|CLIENT...]: do other people's clients take msi-local for Azure? clients/ has what is expected of each.
// Without names it tries all and writes docs/conformance.md.
import { writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { alone } from '../scripts/alone.ts';
import { twoAtATime } from '../scripts/two-at-a-time.ts';
import type { Client } from './client.ts';
import { groups } from './clients/index.ts';
import { folderOf, install } from './install.ts';
import { type Cell, cellsOf, complaint, type Outcome, page } from './page.ts';
import { read } from './room.ts';

const names = process.argv.slice(2);
const all = Object.values(groups).flatMap(({ clients }) => clients);
const unknown = names.filter((name) => groups[name] === undefined && !all.some((client) => client.name === name));
if (unknown.length > 0) {
  const known = [...Object.keys(groups), ...all.map(({ name }) => name)].join(', ');
  console.error(`No client or group is called ${unknown.join(', ')}. There are ${known}.`);
  process.exit(64);
}
if (alone === undefined) {
  console.log('Skipped: no program can be kept from the network here (unshare --net --mount), so none is started.');
  process.exit(0);
}
const isWhole = names.length === 0;
const isChosen = (group: string, { name }: Client) => isWhole || names.includes(group) || names.includes(name);
const chosen = Object.entries(groups).flatMap(([group, { clients }]) =>
  clients.filter((each) => isChosen(group, each)),
);

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

/** By what several clients share: once is enough. */
const installations = new Map<string, string | undefined>();
await twoAtATime(new Map(chosen.map((client) => [folderOf(client), client])).values(), async (client) => {
  installations.set(folderOf(client), await install(client));
});
const problemOf = (client: Client) => installations.get(folderOf(client));
const skipped = chosen.flatMap((client) => {
  const problem = problemOf(client);
  return problem === undefined ? [] : [`${client.title}: ${problem}`];
});
for (const line of skipped) console.log(`Skipped: ${line}`);
console.log(`Installed (${seconds()})`);

const cells = chosen.filter((client) => problemOf(client) === undefined).flatMap(cellsOf);
const outcomes = new Map<Cell, Outcome>();
await twoAtATime(cells, async (cell) => {
  const { client, host, way } = cell;
  const outcome = { ...cell, ran: await read(host, client.run(folderOf(client), way)) };
  outcomes.set(cell, outcome);
  const wrong = complaint(outcome);
  if (wrong !== undefined) console.log(`✗ ${client.name} ${way} on ${host}: ${wrong}`);
  const rest = cells.filter((each) => each.client === client && !outcomes.has(each));
  if (rest.length === 0) console.log(`${client.name} (${seconds()})`);
});

// In the order of the table, whoever came first.
const found = cells.flatMap((cell) => outcomes.get(cell) ?? []);
const bad = found.filter((outcome) => complaint(outcome) !== undefined);
if (isWhole) {
  const sections = Object.values(groups).map(({ heading, clients }) => ({
    heading,
    outcomes: found.filter(({ client }) => clients.includes(client)),
  }));
  const measured = `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${platform()}`;
  const target = fileURLToPath(new URL('../docs/conformance.md', import.meta.url));
  writeFileSync(
    target,
    page(
      sections.filter((section) => section.outcomes.length > 0),
      skipped,
      measured,
    ),
  );
}
const limits = found.filter(({ limit }) => limit !== undefined).length;
console.log(
  `${found.length - bad.length} of ${found.length} as expected (${limits} limits of clients), ${bad.length} failed, ${seconds()}`,
);
process.exitCode = bad.length === 0 ? 0 : 1;
