// Measures every row of the goals and writes docs/performance.md. It reports and fails on nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import {
  bundleSize,
  cached,
  deciding,
  entra,
  firstToken,
  many,
  nothing,
  outage,
  type Row,
  secretOnScreen,
  standIn,
  started,
} from './rows.ts';

const wanted = process.argv.slice(2);
const benches = {
  firstToken,
  entra,
  started,
  deciding,
  cached,
  many,
  outage,
  nothing,
  bundleSize,
  secretOnScreen,
  standIn,
};
const rows: Row[] = [];
const shown = (met: boolean | undefined, yes: string, no: string) => (met === undefined ? '–' : met ? yes : no);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const row of await bench()) {
    rows.push(row);
    console.log(
      `${shown(row.met, 'met ', 'MISS')}  ${row.what}: ${row.ours}${row.peer && ` | peer ${row.peer}`}${row.bare && ` | bare ${row.bare}`}  [goal: ${row.goal}]`,
    );
  }
}

const version = (name: string) => {
  const path = createRequire(import.meta.url).resolve(name);
  const root = path.slice(0, path.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length);
  return JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version;
};
const table = rows.map(
  ({ what, goal, ours, peer, bare, met }) =>
    `| ${what} | ${goal || '–'} | ${ours} | ${peer || '–'} | ${bare || '–'} | ${shown(met, 'yes', 'no')} |`,
);
const text = `# Performance

Written by \`pnpm bench\` on ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()},
\`@azure/identity\` ${version('@azure/identity')} as the peer (\`ManagedIdentityCredential\`, or \`DefaultAzureCredential\` where nothing is configured). *Bare* is a Node
script with nothing but one HTTP GET and \`JSON.parse\`, or the same work with a static token. Variants run in turn, each in a process
of its own; figures are medians and ratios run by run. Read the ratios: single times depend on the machine and its mood. Instructions are those of a whole process under valgrind; they
vary by 3 to 5 %. Memory is what belongs to the process alone (RssAnon).

| What | Goal | msi-credential | Peer | Bare | Met |
|---|---|---|---|---|---|
${table.join('\n')}

Bundling your application helps more than any library: Node then finds and reads a few files instead of hundreds.
Where you don't bundle, set \`NODE_COMPILE_CACHE\` to a folder that lasts: from the second start on Node compiles less.
`;
if (wanted.length === 0) writeFileSync(new URL('../docs/performance.md', import.meta.url), text);
