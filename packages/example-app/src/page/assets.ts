import { readFileSync } from 'node:fs';

/** What a browser fetches after the page. Read from `src`, where `dist` finds them too: they are not compiled. */
const folder = new URL('../../src/browser/', import.meta.url);

const types = {
  'style.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Style, script and icon of the page, read once. */
export const assets = Object.entries(types).map(([name, type]) => ({
  path: `/${name}`,
  type,
  text: readFileSync(new URL(name, folder), 'utf8'),
}));
