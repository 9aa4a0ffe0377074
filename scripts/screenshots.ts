// Makes the pictures of the identity page that the READMEs show. Needs a Chromium, pngquant and `pnpm build`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium, openChromium, startPage } from '../packages/identity-page/test/chromium.ts';

const folder = fileURLToPath(new URL('../packages/identity-page/screenshots/', import.meta.url));
/** What a README can carry. */
const maxBytes = 150_000;

/** How the page is started, and how wide and in which colours it is shown. */
interface Picture {
  readonly name: string;
  readonly flags: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly width: 375 | 1200;
  readonly scheme: 'light' | 'dark';
}

const vault = ['--secret', 'secret=It works on my machine'];
const works = { flags: ['--as', 'app-service', ...vault], variables: { SECRET_NAME: 'secret' } };
const denied = { flags: ['--as', 'app-service', '--deny', ...vault], variables: { SECRET_NAME: 'secret' } };
const notEnabled = { flags: ['--as', 'laptop', ...vault], variables: { WEBSITE_SITE_NAME: 'my-app' } };

const pictures: readonly Picture[] = [
  { name: 'works', ...works, width: 1200, scheme: 'light' },
  { name: 'works-narrow', ...works, width: 375, scheme: 'dark' },
  { name: 'access-denied', ...denied, width: 1200, scheme: 'dark' },
  { name: 'access-denied-narrow', ...denied, width: 375, scheme: 'light' },
  { name: 'not-enabled', ...notEnabled, width: 1200, scheme: 'light' },
];

const executable = findChromium(process.env);
if (executable === undefined) throw new Error('No Chromium: install it, or name it in CHROMIUM.');
mkdirSync(folder, { recursive: true });
const browser = await openChromium(executable);
for (const picture of pictures) await take(picture);
await browser.close();

async function take({ name, flags, variables, width, scheme }: Picture): Promise<void> {
  await using app = await startPage(flags, variables);
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
  await page.goto(app.url);
  const path = `${folder}${name}.png`;
  await page.screenshot({ path, fullPage: true });
  // A page of few colours needs no more than a palette.
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', path, '128', path]);
  await page.close();
  const { size } = statSync(path);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
  if (size > maxBytes) throw new Error(`${name}.png has ${size} bytes, more than ${maxBytes}.`);
}
