// Bundles the packages' entries: one file is one read at start-up, where twenty modules would cost several milliseconds.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { bundleCommonJs } from './commonjs.ts';
import { flattenDeclarations } from './declarations.ts';
import { pathOfEntry, root } from './entry.ts';

/** What the sources learn from the build. */
const define = { msiCredentialVersion: JSON.stringify(versionOf('msi-credential')) };

/** `from`: the package whose sources they are. */
async function bundle(name: string, entries: readonly string[], options: BuildOptions, from = name) {
  const folder = `packages/${name}`;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, pathOfEntry(`packages/${from}/src`, entry, '.ts')])),
    outdir: `${folder}/dist`,
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    // No source maps: the code is readable, and they were four fifths of what everybody downloads.
    sourcemap: false,
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  return metafile;
}

/** Removes what earlier builds left: chunks under other hashes. */
function sweep(name: string, metafiles: readonly Metafile[]) {
  const written = new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  const folder = `packages/${name}/dist`;
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const path = `${folder}/${file.replaceAll('\\', '/')}`;
    if (/\.js(\.map)?$/.test(file) && !written.has(path)) rmSync(join(root, path));
  }
}

/** Modules that a bundle does not hold but imports from another file of the package. */
function elsewhere(filter: RegExp, target: string): Plugin {
  return {
    name: `elsewhere: ${filter}`,
    setup: ({ onResolve }) => onResolve({ filter }, () => ({ path: target, external: true })),
  };
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).version;
}

/** The licences of everything that was bundled, which esbuild only keeps where a source file's comment says so. */
function licences({ outputs }: Metafile): string {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  return [...packages]
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, path)).find((one) => /^licen[cs]e/i.test(one));
      if (file === undefined) throw new Error(`${name} comes without its licence`);
      return `${name} ${version} (${license})\n\n${readFileSync(join(root, path, file), 'utf8').trim()}\n`;
    })
    .sort()
    .join(`\n${'-'.repeat(80)}\n\n`);
}

// One file for those who import the library. Not minified: Node prints the line that throws before the message, and a
// person must be able to read it, the names and the stack. It costs little: import and first decision take 24 million
// instructions, minified 20 (medians of 7 under valgrind).
const shared: BuildOptions = { packages: 'external', minifySyntax: false, define };
const door = await bundle('msi-credential', ['index'], {
  ...shared,
  plugins: [elsewhere(/\/failures\/index\.ts$/, './failures.js')],
});
// Apart, since what they shared with the door would become a second file to be read.
const failures = await bundle('msi-credential', ['failures'], shared);
// The other entries have the process's one token cache by way of the door, and whatever has no state once more.
const others = await bundle('msi-credential', ['key-vault', 'checkup', 'cli', 'start'], {
  ...shared,
  plugins: [elsewhere(/\/credential\.ts$/, './index.js')],
});
// What both commands ask before they load anything else. It runs on any Node.js.
const version = (name: string) => bundle(name, ['node-version'], shared, 'msi-credential');
sweep('msi-credential', [door, failures, others, await version('msi-credential')]);
await bundleCommonJs('msi-credential', ['index', 'key-vault', 'checkup'], [/^@azure\//], define);
await flattenDeclarations('msi-credential', ['index', 'key-vault', 'checkup', 'start']);

// With its libraries inside, `msi-local run` starts its command 40 ms earlier (168 ms after plain Node instead of 208,
// medians of 25): their ES module builds lose what is not used, and a hundred small files become one. Whoever
// installs it installs nothing else: 1 package instead of 17.
const standIn = await bundle('msi-local', ['index', 'cli'], {
  mainFields: ['module', 'main'],
  legalComments: 'eof',
  // CommonJS packages (cross-spawn) require Node's own modules.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
writeFileSync(join(root, 'packages/msi-local/dist/THIRD-PARTY-LICENSES.txt'), licences(standIn));
sweep('msi-local', [standIn, await version('msi-local')]);
await bundleCommonJs('msi-local', ['index']);
await flattenDeclarations('msi-local', ['index']);
