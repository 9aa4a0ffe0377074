import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generate, places, root } from './generate.ts';

test('the reports and the reference are those of the built packages; `pnpm docs:api` writes them', async () => {
  const kept = places.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name)),
  );
  const texts = kept.map((path) => [path.slice(root.length).replaceAll('\\', '/'), readFileSync(path, 'utf8')]);
  expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(await generate()));
}, 120_000);
