// pnpm consumers [NAME...]: installs the packed packages as other projects do, and runs them there. rows/ has the projects.
// Without names it tries all of them and writes docs/compatibility.md.
import { rmSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { twoAtATime } from '../scripts/two-at-a-time.ts';
import { type Consumer, versions } from './consumer.ts';
import { complaint, type Outcome, page } from './page.ts';
import { folder, pack, tryOut } from './project.ts';
import { rows } from './rows/index.ts';

const names = process.argv.slice(2);
const all = Object.values(rows).flat();
const unknown = names.filter((name) => !all.some((consumer) => consumer.name === name));
if (unknown.length > 0) {
  console.error(`No consumer is called ${unknown.join(', ')}. There are ${all.map(({ name }) => name).join(', ')}.`);
  process.exit(64);
}
const isWhole = names.length === 0;
const chosen = isWhole ? all : all.filter(({ name }) => names.includes(name));

const tarballs = await pack();
const outcomes = new Map<Consumer, readonly Outcome[]>();
await twoAtATime(chosen, async (consumer) => {
  const started = performance.now();
  const found = await tryOut(consumer, tarballs);
  outcomes.set(consumer, found);
  console.log(`${consumer.name} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  for (const outcome of found) report(outcome);
});

const bad = [...outcomes.values()].flat().filter((outcome) => complaint(outcome) !== undefined);
if (isWhole) {
  const sections = Object.entries(rows).map(([heading, consumers]) => [
    heading,
    consumers.flatMap((consumer) => outcomes.get(consumer) ?? []),
  ]);
  const measured = `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${platform()}, ${versions}`;
  writeFileSync(
    fileURLToPath(new URL('../docs/compatibility.md', import.meta.url)),
    page(Object.fromEntries(sections), measured),
  );
}
if (bad.length === 0) rmSync(folder, { recursive: true });
else console.log(`What failed is left in ${folder}.`);
console.log(`${[...outcomes.values()].flat().length - bad.length} passed, ${bad.length} failed`);
process.exitCode = bad.length === 0 ? 0 : 1;

function report(outcome: Outcome): void {
  const { check, ours } = outcome;
  const wrong = complaint(outcome);
  console.log(`  ${wrong === undefined ? '✓' : '✗'} ${check.title}${wrong === undefined ? '' : `: ${wrong}`}`);
  if (wrong !== undefined) console.log(indented(ours.output));
}

/** The end of what a program said. */
function indented(output: string): string {
  const lines = output.trim().split('\n');
  return [...lines.slice(0, 15), ...(lines.length > 30 ? ['...'] : []), ...lines.slice(15).slice(-15)]
    .map((line) => `      ${line.slice(0, 240)}`)
    .join('\n');
}
