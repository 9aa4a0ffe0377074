import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { startLocal } from 'msi-local';
import { countInstructions, inTurn, median, programPath, type Run, run, runProgram, startServer } from './measure.ts';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly goal: string;
  readonly ours: string;
  readonly peer: string;
  readonly bare: string;
  /** Undefined where there is no goal: reported for comparison. */
  readonly met: boolean | undefined;
}

const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const times = (value: number) => `${value.toFixed(2)} x`;
const wall = (runs: readonly Run[]) => median(runs.map((each) => each.ms));
const ratios = (runs: readonly Run[], others: readonly Run[]) =>
  median(runs.map((each, index) => each.ms / (others[index]?.ms ?? 1)));
const mebibytes = (runs: readonly Run[]) => median(runs.map((each) => Number(each.stdout) / 1024));

const instructions = (counts: readonly number[]) =>
  counts.length > 0 ? `, ${Math.round(median(counts))} M instructions` : '';

/** The whole process up to its first token, and its memory. */
export async function firstToken(): Promise<Row[]> {
  const server = await startServer();
  const program = (name: string) => () => runProgram([`first-token-${name}`], server.env);
  const ours = program('msi-credential.js');
  const runs = await inTurn(31, { ours, bare: program('bare.js') });
  const peers = await inTurn(9, {
    ours,
    imported: program('azure-identity.js'),
    required: program('azure-identity.cjs'),
  });
  // Node's own cache of compiled code, from the second start on: https://nodejs.org/api/module.html#module-compile-cache
  const compiled = { ...server.env, NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), 'compile-cache-')) };
  const again = (name: string) => () => runProgram([`first-token-${name}`], compiled);
  const cachedRuns = await inTurn(15, {
    ours: again('msi-credential.js'),
    bare: again('bare.js'),
    peer: again('azure-identity.js'),
  });
  const memory = (name: string) => () =>
    run(
      [process.execPath, '--import', programPath('private-memory.js'), programPath(`first-token-${name}`)],
      server.env,
    );
  const sizes = await inTurn(7, {
    ours: memory('msi-credential.js'),
    bare: memory('bare.js'),
    peer: memory('azure-identity.js'),
  });
  const count = (name: string) => countInstructions(programPath(`first-token-${name}`), server.env);
  const counts = {
    ours: await count('msi-credential.js'),
    bare: await count('bare.js'),
    peer: await count('azure-identity.js'),
  };
  const compiledCounts = {
    ours: await countInstructions(programPath('first-token-msi-credential.js'), compiled),
    bare: await countInstructions(programPath('first-token-bare.js'), compiled),
  };
  rmSync(compiled.NODE_COMPILE_CACHE, { recursive: true });
  server.stop();
  const overBare = ratios(runs.ours, runs.bare);
  const underPeer = ratios(peers.imported, peers.ours);
  const underRequired = ratios(peers.required, peers.ours);
  const more = mebibytes(sizes.ours) - mebibytes(sizes.bare);
  return [
    {
      what: 'whole process, first App Service token',
      goal: 'at most 1.12 x bare, 5 x faster than the peer',
      ours: `${ms(wall(runs.ours))}${instructions(counts.ours)} (${times(overBare)} bare, ${underPeer.toFixed(1)} x faster than the peer)`,
      peer: `${ms(wall(peers.imported))}${instructions(counts.peer)}`,
      bare: `${ms(wall(runs.bare))}${instructions(counts.bare)}`,
      met: overBare <= 1.12 && underPeer >= 5,
    },
    {
      what: 'the same, the peer loaded by `require`',
      goal: '',
      ours: `${ms(wall(peers.ours))} (${underRequired.toFixed(1)} x faster than the peer)`,
      peer: ms(wall(peers.required)),
      bare: '',
      met: undefined,
    },
    {
      what: 'the same, with `NODE_COMPILE_CACHE`',
      goal: '',
      ours: `${ms(wall(cachedRuns.ours))}${instructions(compiledCounts.ours)} (${times(ratios(cachedRuns.ours, cachedRuns.bare))} bare)`,
      peer: ms(wall(cachedRuns.peer)),
      bare: `${ms(wall(cachedRuns.bare))}${instructions(compiledCounts.bare)}`,
      met: undefined,
    },
    {
      what: 'private memory of that process',
      goal: 'at most bare + 1 MiB',
      ours: `${mebibytes(sizes.ours).toFixed(1)} MiB (bare + ${more.toFixed(1)})`,
      peer: `${mebibytes(sizes.peer).toFixed(1)} MiB`,
      bare: `${mebibytes(sizes.bare).toFixed(1)} MiB`,
      met: more <= 1,
    },
  ];
}

/** Entra's tokens come through the peer's own code, so there is nothing to win but what is loaded besides. */
export async function entra(): Promise<Row[]> {
  await using local = await startLocal();
  const env = { PATH: process.env.PATH, ...local.variables('aks') };
  const variant = (name: string) => () => runProgram(['first-token-entra.js', name], env);
  const runs = await inTurn(9, { ours: variant('msi-credential'), peer: variant('azure-identity') });
  const ratio = ratios(runs.ours, runs.peer);
  return [
    {
      what: 'whole process, first token of workload identity, which runs the code of the peer',
      goal: '',
      ours: `${ms(wall(runs.ours))} (${times(ratio)} the peer)`,
      peer: ms(wall(runs.peer)),
      bare: '',
      met: undefined,
    },
  ];
}

/** What `--import msi-credential/start` hides of a token that takes 100 ms. */
export async function started(): Promise<Row[]> {
  const server = await startServer();
  await server.control('mode=slow');
  const runs = await inTurn(11, {
    plain: () => runProgram(['start.js'], server.env),
    ours: () =>
      run(
        [process.execPath, '--import', import.meta.resolve('msi-credential/start'), programPath('start.js')],
        server.env,
      ),
  });
  server.stop();
  const waited = (list: readonly Run[]) => median(list.map(({ stdout }) => Number(stdout)));
  const hidden = 1 - waited(runs.ours) / waited(runs.plain);
  return [
    {
      what: 'wait for a token that takes 100 ms, in a program that loads for 150 ms, with `--import msi-credential/start`',
      goal: 'hides 90 %',
      ours: `${ms(waited(runs.ours))} (${Math.round(hidden * 100)} % hidden)`,
      peer: '',
      bare: `${ms(waited(runs.plain))} without it`,
      met: hidden >= 0.9,
    },
  ];
}

export async function deciding(): Promise<Row[]> {
  const env = { PATH: process.env.PATH, IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'bench' };
  const { all } = await inTurn(15, { all: () => runProgram(['decide.js'], env) });
  const read = (key: string) => median(all.map(({ stdout }) => JSON.parse(stdout)[key]));
  const together = median(all.map(({ stdout }) => JSON.parse(stdout).import + JSON.parse(stdout).first));
  return [
    {
      what: 'import and first decision; deciding alone',
      goal: '3 ms together; under 100 µs',
      ours: `${ms(together)} (import ${ms(read('import'))}); ${read('each').toFixed(1)} µs`,
      peer: '',
      bare: '',
      met: together <= 3 && read('each') < 100,
    },
  ];
}

export async function cached(): Promise<Row[]> {
  const server = await startServer();
  const variant = (name: string) => () => runProgram(['cached.js', name], server.env);
  const runs = await inTurn(5, { ours: variant('msi-credential'), peer: variant('azure-identity') });
  server.stop();
  const rate = (list: readonly Run[]) => median(list.map(({ stdout }) => Number(stdout)));
  const ratio = rate(runs.ours) / rate(runs.peer);
  const show = (value: number) => `${Math.round(value).toLocaleString('en')} calls/s`;
  return [
    {
      what: 'cached getToken',
      goal: "at least 50 x the peer's calls per second",
      ours: `${show(rate(runs.ours))} (${ratio.toFixed(0)} x)`,
      peer: show(rate(runs.peer)),
      bare: '',
      met: ratio >= 50,
    },
  ];
}

export async function many(): Promise<Row[]> {
  const server = await startServer();
  const read = async (name: string) => JSON.parse((await runProgram(['many.js', name], server.env)).stdout);
  const [ours, peer] = [await read('msi-credential'), await read('azure-identity')];
  server.stop();
  const show = ({ refresh, waitedMs }: { refresh: number; waitedMs: number }) =>
    `${refresh} request${refresh === 1 ? '' : 's'}, all done after ${ms(waitedMs)}`;
  return [
    {
      what: '1,000 concurrent first calls over 20 credentials',
      goal: '1 request',
      ours: `${ours.first} request`,
      peer: `${peer.first} requests`,
      bare: '',
      met: ours.first === 1,
    },
    {
      what: '1,000 calls while a refresh is due',
      goal: '1 request, nobody waits',
      ours: show(ours),
      peer: show(peer),
      bare: '',
      met: ours.refresh === 1,
    },
  ];
}

/** The peer waits for its retries in every call, so it gets few of them. */
export async function outage(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ['refused', 'hang', '500']) {
    const tell = async (library: string, steps: number) => {
      const server = await startServer();
      const done = await Promise.race([
        runProgram(['outage.js', library, mode, String(steps)], server.env),
        new Promise<undefined>((resolve) => {
          setTimeout(() => resolve(undefined), 45_000).unref();
        }),
      ]);
      server.stop();
      return done ? JSON.parse(done.stdout) : undefined;
    };
    const ours = await tell('msi-credential', 2_000);
    const peer = await tell('azure-identity', 2);
    const show = (result: { calls: number; failures: number; longestMs: number } | undefined) =>
      result
        ? `${result.failures} of ${result.calls} failed, longest ${ms(result.longestMs)}`
        : 'no answer within 45 s';
    rows.push({
      what: `endpoint ${mode === 'refused' ? 'dead' : mode === 'hang' ? 'hanging' : 'answering 500'} for 8 h, token valid for 11 h`,
      goal: 'no failure, no call over 1 ms',
      ours: show(ours),
      peer: show(peer),
      bare: '',
      met: ours?.failures === 0 && ours.longestMs <= 1,
    });
  }
  return rows;
}

export async function nothing(): Promise<Row[]> {
  // `dev` leaves the tools: neither library is to ask for a metadata service from a bench.
  const env = { PATH: '/nonexistent', HOME: '/nonexistent', AZURE_TOKEN_CREDENTIALS: 'dev' };
  const ours = await inTurn(15, { ours: () => runProgram(['nothing.js', 'msi-credential'], env) });
  const peer = await runProgram(['nothing.js', 'azure-identity'], env);
  const own = median(ours.ours.map(({ stdout }) => JSON.parse(stdout).ms));
  return [
    {
      what: 'nothing configured, no tool (`AZURE_TOKEN_CREDENTIALS=dev`): time to the full explanation',
      goal: 'under 20 ms after start',
      ours: ms(own),
      peer: ms(JSON.parse(peer.stdout).ms),
      bare: '',
      met: own < 20,
    },
  ];
}

export async function bundleSize(): Promise<Row[]> {
  const size = async (contents: string) => {
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      splitting: true,
      write: false,
      minify: true,
      format: 'esm',
      platform: 'node',
      outdir: 'out',
      metafile: true,
      external: contents.includes('msi-credential') ? ['@azure/*'] : [],
    });
    // What is imported only when something is refused comes as a file of its own, and is not counted; what is imported at
    // once is, in however many files.
    const atOnce = new Set(['out/stdin.js']);
    for (const path of atOnce) {
      const imports = metafile.outputs[path]?.imports ?? [];
      for (const each of imports) if (each.kind === 'import-statement' && !each.external) atOnce.add(each.path);
    }
    const files = outputFiles.filter(({ path }) => [...atOnce].some((each) => path.endsWith(each)));
    const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const { path, contents: bytes } of outputFiles) writeFileSync(join(folder, basename(path)), bytes);
    const kB = gzipSync(Buffer.concat(files.map((file) => file.contents))).length / 1000;
    return { program: join(folder, 'stdin.js'), kB, folder };
  };
  const ours = await size(
    `import { getKeyVaultCredential } from 'msi-credential'; await getKeyVaultCredential().getToken('https://vault.azure.net/.default'); console.log('ran');`,
  );
  const peer = await size(
    `import { ManagedIdentityCredential } from '@azure/identity'; console.log(new ManagedIdentityCredential());`,
  );
  const server = await startServer();
  const { stdout } = await run([process.execPath, ours.program], server.env);
  for (const { folder } of [ours, peer]) rmSync(folder, { recursive: true });
  server.stop();
  return [
    {
      what: 'bundle (esbuild, ESM, minified, gzipped)',
      goal: 'at most 10 kB, and it runs',
      ours: `${ours.kB.toFixed(1)} kB, ${stdout === 'ran' ? 'runs' : 'does not run'}`,
      peer: `${peer.kB.toFixed(1)} kB`,
      bare: '',
      met: ours.kB <= 10 && stdout === 'ran',
    },
  ];
}

export async function secretOnScreen(): Promise<Row[]> {
  await using local = await startLocal({ secrets: { secret: 'xyzzy' } });
  const STATIC_TOKEN = await local.issueToken({ audience: 'https://vault.azure.net' });
  const env = { PATH: process.env.PATH, ...local.variables('app-service'), STATIC_TOKEN };
  const variant = (name: string) => () => runProgram(['secret.js', name], env);
  const bundled = await bundleProgram('secret.js');
  const runs = await inTurn(11, {
    ours: variant('msi-credential'),
    bare: variant('static'),
    peer: variant('azure-identity'),
    oursBundled: () => run([process.execPath, bundled.program, 'msi-credential'], env),
    bareBundled: () => run([process.execPath, bundled.program, 'static'], env),
    peerBundled: () => run([process.execPath, bundled.program, 'azure-identity'], env),
  });
  rmSync(bundled.folder, { recursive: true });
  const ratio = ratios(runs.ours, runs.bare);
  return [
    {
      what: 'process start to the secret by SecretClient',
      goal: 'at most 1.03 x the same with a static token',
      ours: `${ms(wall(runs.ours))} (${times(ratio)})`,
      peer: ms(wall(runs.peer)),
      bare: ms(wall(runs.bare)),
      met: ratio <= 1.03,
    },
    {
      what: 'the same, the program bundled by esbuild',
      goal: '',
      ours: `${ms(wall(runs.oursBundled))} (${times(ratios(runs.oursBundled, runs.ours))} of the time above)`,
      peer: ms(wall(runs.peerBundled)),
      bare: ms(wall(runs.bareBundled)),
      met: undefined,
    },
  ];
}

/** One of the programs with its libraries as files of their own, each with a `require` for the CommonJS code in them. */
async function bundleProgram(name: string): Promise<{ program: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  await build({
    entryPoints: [programPath(name)],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return { program: join(folder, name.replace(/\.js$/, '.mjs')), folder };
}

export async function standIn(): Promise<Row[]> {
  const cli = new URL('../packages/msi-local/bin/msi-local.js', import.meta.url).pathname;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const runs = await inTurn(15, {
    ours: () => run([process.execPath, cli, 'run', '--', process.execPath, '-e', '0'], env),
    bare: () => run([process.execPath, '-e', '0'], env),
  });
  const over = wall(runs.ours) - wall(runs.bare);
  return [
    {
      what: '`msi-local run`: what it adds to a command',
      goal: 'at most 250 ms',
      ours: ms(over),
      peer: '',
      bare: ms(wall(runs.bare)),
      met: over <= 250,
    },
  ];
}
