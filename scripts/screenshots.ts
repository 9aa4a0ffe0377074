// Makes the pictures of the example app's page that the READMEs show. Needs a Chromium, pngquant and `pnpm build`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium, openChromium, startApp } from '../packages/example-app/test/chromium.ts';

const folder = fileURLToPath(new URL('../packages/example-app/screenshots/', import.meta.url));
const width = 1200;
/** What a README can carry. */
const maxBytes = 150_000;

const vault = ['--secret', 'secret=correct horse battery staple'];

/** Each picture: how the app is started, and up to which element of the page it reaches; without one, to its end. */
const pictures: readonly Picture[] = [
  { name: 'secret-light', flags: ['--as', 'app-service', ...vault], scheme: 'light', reveal: true },
  { name: 'secret-dark', flags: ['--as', 'app-service', ...vault], scheme: 'dark', end: '.token' },
  { name: 'access-denied', flags: ['--as', 'app-service', '--deny', ...vault], scheme: 'light', end: '.pair' },
  {
    name: 'not-enabled',
    flags: ['--as', 'laptop', ...vault],
    variables: { WEBSITE_SITE_NAME: 'my-app' },
    scheme: 'light',
  },
];

interface Picture {
  readonly name: string;
  readonly flags: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly scheme: 'light' | 'dark';
  readonly reveal?: boolean;
  readonly end?: string;
}

const executable = findChromium(process.env);
if (executable === undefined) throw new Error('No Chromium: install it, or name it in CHROMIUM.');
mkdirSync(folder, { recursive: true });
const browser = await openChromium(executable);
for (const picture of pictures) await take(picture);
await browser.close();

async function take({ name, flags, variables, scheme, reveal, end }: Picture): Promise<void> {
  const app = await startApp(flags, variables);
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
  await page.goto(app.url);
  if (reveal) {
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByText('correct horse battery staple').waitFor();
  }
  const box = await page.locator(end ?? 'body').boundingBox();
  // With nearly the room below that there is between two cards.
  const height = Math.ceil((box?.y ?? 0) + (box?.height ?? 0) + (end ? 18 : 0));
  const path = `${folder}${name}.png`;
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height } });
  // A page of few colours needs no more than a palette.
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', path, '128', path]);
  await page.close();
  await app.stop();
  const { size } = statSync(path);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
  if (size > maxBytes) throw new Error(`${name}.png has ${size} bytes, more than ${maxBytes}.`);
}
