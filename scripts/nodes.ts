// Runs the tests on other versions of Node.js: `pnpm test:nodes [VERSION...] [TEST...]`. A version is `floor` (the oldest
// that our packages support), a line such as 26 (its newest release) or a release.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tooOld } from '../e2e/node-version.ts';
import { install, newestOf, pathOf } from './runtimes.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const words = process.argv.slice(2);
const isVersion = (word: string) => /^(floor|\d+(\.\d+){0,2})$/.test(word);
const named = words.filter(isVersion);
const tests = words.filter((word) => !isVersion(word));

// All are there before the first one runs: what cannot be had is told at once, and not after half an hour.
const versions: string[] = [];
for (const name of named.length > 0 ? named : ['floor', '22', '24', '26']) versions.push(await prepare(name));
for (const version of tooOld) await prepare(version);

const failed: string[] = [];
for (const version of versions) if (!(await passes(version))) failed.push(version);
console.log(
  failed.length > 0
    ? `The tests fail on Node.js ${failed.join(', ')}.`
    : `The tests pass on Node.js ${versions.join(', ')}.`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

/** The release that is meant, which is there then. */
async function prepare(name: string): Promise<string> {
  try {
    const version = name === 'floor' ? floor() : /\d+\.\d+\.\d+/.test(name) ? name : await newestOf(name);
    await install(version);
    return version;
  } catch (error) {
    console.error(`Node.js ${name} cannot be installed: ${(error as Error).message}`);
    process.exit(1);
  }
}

/** The first release that `engines` names. */
function floor(): string {
  const { engines } = JSON.parse(readFileSync(path('../packages/msi-credential/package.json'), 'utf8'));
  return /\d+\.\d+\.\d+/.exec(engines.node)?.[0] ?? '';
}

async function passes(version: string): Promise<boolean> {
  console.log(`\nNode.js ${version}`);
  // What the tests start by the name `node` is that version, too.
  const env = { ...process.env, PATH: [dirname(pathOf(version)), process.env.PATH].join(delimiter) };
  const args = [path('../node_modules/vitest/vitest.mjs'), 'run', ...tests];
  const [code] = await once(spawn(pathOf(version), args, { cwd: path('..'), stdio: 'inherit', env }), 'exit');
  return code === 0;
}
