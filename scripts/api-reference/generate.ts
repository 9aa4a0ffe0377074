// What the published packages export, from their declarations: a report per entry (packages/*/etc), whose difference shows in
// review, and the reference for reading (docs/api).
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type ExtractorMessage } from '@microsoft/api-extractor';
import { Application, LogLevel } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const tsconfig = join(root, 'scripts/api-reference/tsconfig.json');
const packages = ['msi-credential', 'msi-local', 'identity-page'] as const;

interface Entry {
  /** As a program imports it. */
  readonly name: string;
  readonly folder: string;
  readonly declarations: string;
}

/** Every generated file: its path in the repository, and its text. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  try {
    const entries = packages.flatMap(entriesOf);
    for (const entry of entries) report(entry, join(folder, entry.folder, 'etc'));
    await reference(entries, join(folder, 'docs/api'));
    const written = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
    return new Map(written.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The folders of generated files: whatever else is there is of an earlier time. */
export const places = [...packages.map((name) => `packages/${name}/etc`), 'docs/api'];

/** The entries that a manifest exports, except for side effects and data. */
function entriesOf(name: string): Entry[] {
  const folder = `packages/${name}`;
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.entries(manifest.exports).flatMap(([path, conditions]) => {
    const declarations = typesIn(conditions);
    if (declarations === undefined) return [];
    return [
      { name: join(manifest.name, path).replaceAll('\\', '/'), folder, declarations: join(root, folder, declarations) },
    ];
  });
}

/** The first declarations that an entry's conditions name. */
function typesIn(conditions: unknown): string | undefined {
  if (typeof conditions !== 'object' || conditions === null) return undefined;
  for (const [condition, target] of Object.entries(conditions)) {
    const found = condition === 'types' && typeof target === 'string' ? target : typesIn(target);
    if (found !== undefined) return found;
  }
  return undefined;
}

function report({ name, folder, declarations }: Entry, reportFolder: string): void {
  mkdirSync(reportFolder, { recursive: true });
  const projectFolder = join(root, folder);
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: declarations,
      compiler: { tsconfigFilePath: tsconfig },
      apiReport: {
        enabled: true,
        // What an exported type is made of is part of it.
        includeForgottenExports: true,
        reportFileName: `${name.replaceAll('/', '.')}.api.md`,
        reportFolder,
        reportTempFolder: join(reportFolder, 'temp'),
      },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
          // An entry's texts name what another entry exports.
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
          // A name may say enough.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
        },
      },
    },
  });
  const messages: ExtractorMessage[] = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === 'error' || message.logLevel === 'warning') messages.push(message);
      message.handled = true;
    },
  });
  rmSync(join(reportFolder, 'temp'), { recursive: true, force: true });
  if (!succeeded) throw new Error(`${name}:\n${messages.map(({ text }) => text).join('\n')}`);
}

async function reference(entries: readonly Entry[], out: string): Promise<void> {
  const options: Partial<PluginOptions> = {
    outputFileStrategy: 'modules',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    expandObjects: true,
    classPropertiesFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  };
  const application = await Application.bootstrapWithPlugins({
    ...(options as object),
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: entries.map(({ declarations }) => declarations),
    out,
    name: 'API',
    readme: 'none',
    disableSources: true,
    // What Error brings.
    excludeExternals: true,
    githubPages: false,
    logLevel: LogLevel.Warn,
    tsconfig,
  });
  const nameOf = (path: string) =>
    entries.find(({ declarations }) => relative(declarations, path) === '')?.name ?? path;
  const points = application.getEntryPoints() ?? [];
  await application.generateOutputs(
    application.converter.convert(
      points.map((point) => ({ ...point, displayName: nameOf(point.sourceFile.fileName) })),
    ),
  );
}
