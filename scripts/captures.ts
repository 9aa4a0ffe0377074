// Writes what the command line prints on several hosts into docs/how-it-chooses.md; with --check it only compares.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const document = path('../docs/how-it-chooses.md');
const cli = path('../packages/msi-credential/bin/msi-credential.js');
const msiLocal = path('../packages/msi-local/bin/msi-local.js');

/** A PATH with nothing on it but, if asked for, something called az, to which nobody is signed in. */
const tools = mkdtempSync(join(tmpdir(), 'captures-'));
writeFileSync(join(tools, 'az'), `#!/bin/sh\necho "ERROR: Please run 'az login' to setup account." >&2; exit 1\n`);
chmodSync(join(tools, 'az'), 0o755);

/** The hosts of the document that are not simply one of msi-local's. */
const special: Readonly<Record<string, { readonly as: string; readonly env: Readonly<Record<string, string>> }>> = {
  'app-service-without-identity': { as: 'laptop', env: { WEBSITE_SITE_NAME: 'local' } },
  'laptop-with-az': { as: 'laptop', env: { PATH: tools } },
  laptop: { as: 'laptop', env: { PATH: '' } },
  // A name that no name server has to be asked for.
  'app-service-without-vault': {
    as: 'app-service',
    env: { KEY_VAULT_URL: `https://${'v'.repeat(64)}.example`, HTTPS_PROXY: '', https_proxy: '' },
  },
};

function capture(words: string): string {
  const [host = '', ...rest] = words.split(' ');
  const at = rest.findIndex((word) => word === 'explain' || word === 'doctor');
  const { as, env } = special[host] ?? { as: host, env: {} };
  const set = Object.entries(env).map(([name, value]) => `process.env.${name} = ${JSON.stringify(value)};`);
  // Whatever machine writes this: in the document it is a laptop, whose chassis is not one of Azure's.
  const chassis = `const fs = process.getBuiltinModule('node:fs'); const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => String(path).includes('chassis_asset_tag') ? 'a laptop' : read(path, ...rest);`;
  const start = `${chassis} ${set.join('')} process.argv = [process.argv[0], 'msi-credential', ...process.argv.slice(1)]; await import(${JSON.stringify(`file://${cli}`)});`;
  const run = ['run', '--as', as, '--secret', 'secret=xyzzy', ...rest.slice(0, at), '--'];
  const command = [process.execPath, '--input-type=module', '-e', start, '--', ...rest.slice(at)];
  const { stdout, stderr } = spawnSync(process.execPath, [msiLocal, ...run, ...command], { encoding: 'utf8' });
  return `\`\`\`\n$ msi-credential ${rest.slice(at).join(' ')}\n${settle(stdout + stderr).trimEnd()}\n\`\`\``;
}

/** What differs from run to run is given one value, so that a report only changes when the program does. */
function settle(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-23T10:00:00.000Z')
    .replace(/\bin \d+ ms\b/g, 'in 12 ms')
    .replace(/Node\.js \S+ on \S+ \S+,/g, 'Node.js 24.21.0 on linux x64,')
    .replace(/127\.0\.0\.1:\d+|localhost:\d+/g, '127.0.0.1:41741')
    .replace(/v{64}/g, 'misspelt')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\))/g, '00000000-0000-0000-0000-000000000000');
}

const before = readFileSync(document, 'utf8');
const after = before.replace(
  /<!-- capture: (.+?) -->\n(?:```\n[\s\S]*?\n```\n)?/g,
  (_, words: string) => `<!-- capture: ${words} -->\n${capture(words)}\n`,
);
rmSync(tools, { recursive: true });
if (process.argv.includes('--check')) {
  if (after !== before) {
    writeFileSync(`${document}.new`, after);
    const difference = spawnSync('diff', [document, `${document}.new`], { encoding: 'utf8' }).stdout;
    rmSync(`${document}.new`);
    console.error(
      `docs/how-it-chooses.md is not what the command prints: node scripts/captures.ts writes it anew.\n${difference}`,
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(document, after);
  execFileSync('git', ['--no-pager', 'diff', '--stat', '--', document], { stdio: 'inherit' });
}
