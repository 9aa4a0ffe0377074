// What the rows are made of: a client of other people's making, how its program is made ready and started, and what it should do.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Command = readonly string[];

export interface Client {
  /** Its name on the command line, and of its folder unless `shares` names another. */
  readonly name: string;
  /** Its name on the page, with the version. */
  readonly title: string;
  /** The client whose installation it uses. */
  readonly shares?: string;
  /** Programs that must be on PATH. */
  readonly needs: readonly string[];
  /** Run once, in the client's folder, which is empty then. */
  readonly install: (folder: string) => readonly Command[];
  /** Files that the installation depends on, below programs/. */
  readonly sources?: readonly string[];
  /** The program that reads the secret and prints `The secret is ...`. */
  readonly run: (folder: string, way: string) => Command;
  readonly expected: readonly Expectation[];
}

/** One way to sign in, on the hosts where it is tried. */
export interface Expectation {
  readonly way: string;
  /** A host of `msi-local run --as`, with flags such as `app-service+user-assigned`. */
  readonly hosts: readonly string[];
  readonly limit?: Limit;
}

/** What the client itself cannot do: it has to fail, and with these words. */
export interface Limit {
  readonly says: string;
  readonly why: string;
  /** Where that can be read: an issue, or a file of the client's. */
  readonly source: string;
}

/** The ways that most clients know, by the name that the programs take, with the words of the page. */
export const ways: Readonly<Record<string, string>> = {
  managed: 'managed identity',
  'object-id': 'by object id',
  'resource-id': 'by resource id',
  secret: 'secret',
  certificate: 'certificate',
  chain: 'certificate and chain',
  workload: 'workload identity',
  pipelines: 'Azure Pipelines',
  github: 'GitHub Actions',
  environment: 'environment',
  default: 'default chain',
  'virtual-machine': 'managed identity of virtual machines',
  sample: 'as it chooses',
  adal: 'challenge',
  ours: '`msi-credential`',
};

/** The host as it is, and with nothing but the user-assigned identity, which the program names. */
export const both = (...hosts: readonly string[]) => hosts.flatMap((host) => [host, `${host}+user-assigned`]);

export const withCertificate = 'service-principal+certificate';
export const ofWindows = 'app-service-2017+windows';

export const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** Something that changes whenever the installation would. */
export function stampOf({ install, sources = [] }: Client): string {
  const texts = sources.flatMap((source) => filesOf(program(source)).map((file) => readFileSync(file, 'utf8')));
  return JSON.stringify([install('FOLDER'), texts]);
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => join(path, file))
    .filter((file) => statSync(file).isFile());
}
