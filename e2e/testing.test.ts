import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { blocks, recipesFor } from '../consumers/recipes.ts';
import { writeExamples } from './examples.ts';

// The recipes of docs/testing.md, taken from the document itself. Those for Jest run in the consumer matrix, which has it.

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const run = (args: readonly string[], cwd: string) => {
  const env = { PATH: process.env.PATH, NO_COLOR: '1', CI: 'true' };
  return promisify(execFile)(process.execPath, args, { cwd, env, timeout: 60_000 });
};

test('every block of code belongs to a recipe', () => {
  const found = (['jest', 'vitest', 'node'] as const).flatMap((runner) => Object.keys(recipesFor(runner)));
  expect(found).toHaveLength(blocks ?? 0);
});

test('vitest', async () => {
  const folder = writeExamples('testing-vitest', recipesFor('vitest'));
  writeFileSync(join(folder, 'vitest.config.js'), "export default { test: { include: ['*.test.js'] } };\n");
  const { stdout } = await run([vitest, 'run', '--root', folder], folder);
  expect(stdout).toMatch(/Tests +3 passed/);
}, 90_000);

test('node:test', async () => {
  const folder = writeExamples('testing-node', recipesFor('node'));
  const { stdout } = await run(['--test', '--test-reporter=tap'], folder);
  expect(stdout).toMatch(/^# pass 1$/m);
}, 90_000);
