// pnpm docs:api: writes the API reports and the API reference.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate, places, root } from './generate.ts';

const files = await generate();
for (const place of places) rmSync(join(root, place), { recursive: true, force: true });
for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
