import { readFileSync } from 'node:fs';

/** A file that the browser fetches after the page. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

// Both addresses are the same from `src` and from `dist`: the script is compiled, the others are not.
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Style, script and icon of the page by name, read once. */
export const assets: ReadonlyMap<string, Asset> = new Map([
  ['style.css', { type: 'text/css; charset=utf-8', text: read('../src/browser/style.css') }],
  ['page.js', { type: 'text/javascript; charset=utf-8', text: read('../dist/browser/page.js') }],
  ['icon.svg', { type: 'image/svg+xml', text: read('../src/browser/icon.svg') }],
]);
