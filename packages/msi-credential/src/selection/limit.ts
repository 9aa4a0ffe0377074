// Which sources are considered at all: the caller's list, else what AZURE_TOKEN_CREDENTIALS leaves over, else all.
import { explain } from '../codes.ts';
import { misuse } from '../errors.ts';
import { sources } from '../sources/index.ts';
import type { Environment, Problem, SelectOptions, Source, SourceName } from '../types.ts';
import { value } from './environment.ts';

/** What keeps the other sources from being considered, and how that ends. */
export interface Limit {
  readonly by: string;
  readonly lift: string;
}

/** The sources to consider. */
export interface Considered {
  readonly sources: readonly Source[];
  readonly limit?: Limit;
  readonly problem?: Problem;
}

type Filter = (source: Source) => boolean;

/**
 * The values of `AZURE_TOKEN_CREDENTIALS`, as in the Azure SDKs, and the sources that each leaves over. The credentials are
 * in the order of `DefaultAzureCredential`; those without a filter are ways to sign in that are not offered here.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains,
 * https://learn.microsoft.com/dotnet/azure/sdk/authentication/credential-chains
 */
const tokenCredentials: Readonly<Record<string, Filter | undefined>> = {
  dev: ({ family }) => family === 'developer-tool',
  prod: ({ family }) => family !== 'developer-tool',
  EnvironmentCredential: ({ name }) => name === 'service-principal',
  WorkloadIdentityCredential: ({ name }) => name === 'workload-identity',
  ManagedIdentityCredential: ({ family }) => family === 'managed-identity',
  VisualStudioCodeCredential: undefined,
  AzureCliCredential: ({ name }) => name === 'azure-cli',
  AzurePowerShellCredential: ({ name }) => name === 'azure-powershell',
  AzureDeveloperCliCredential: ({ name }) => name === 'azure-developer-cli',
  VisualStudioCredential: undefined,
  InteractiveBrowserCredential: undefined,
  BrokerCredential: undefined,
};

/** What `DefaultAzureCredential` would use: its first credential that takes any of these sources, and which it takes. */
export function firstInDefaultChain(
  found: readonly Source[],
): { readonly credential: string; readonly takes: readonly Source[] } | undefined {
  return Object.entries(tokenCredentials)
    .filter(([name]) => name.endsWith('Credential'))
    .map(([credential, filter]) => ({ credential, takes: filter ? found.filter(filter) : [] }))
    .find(({ takes }) => takes.length > 0);
}

/** @throws TypeError - `ERR_UNKNOWN_SOURCE`: the option names a source that does not exist, or none. */
export function consideredSources(env: Environment, { source }: SelectOptions): Considered {
  if (source !== undefined) {
    const limit = { by: 'The option source', lift: 'leave out the option source' };
    return { sources: sourcesNamed(typeof source === 'string' ? [source] : source), limit };
  }
  const text = value(env, 'AZURE_TOKEN_CREDENTIALS');
  if (text === undefined) return { sources };
  const name = Object.keys(tokenCredentials).find((each) => each.toLowerCase() === text.toLowerCase());
  const filter = name === undefined ? undefined : tokenCredentials[name];
  if (filter === undefined) return { sources, problem: problemWith(name) };
  const limit = { by: `AZURE_TOKEN_CREDENTIALS=${name}`, lift: 'unset AZURE_TOKEN_CREDENTIALS' };
  return { sources: sources.filter(filter), limit };
}

function sourcesNamed(names: readonly SourceName[]): readonly Source[] {
  if (names.length === 0) throw misuse('ERR_UNKNOWN_SOURCE', 'The option source is an empty list.');
  return names.map((name) => {
    const source = sources.find((each) => each.name === name);
    if (source !== undefined) return source;
    const all = sources.map((each) => each.name).join(', ');
    throw misuse('ERR_UNKNOWN_SOURCE', `There is no source "${name}". The sources are ${all}.`);
  });
}

/** The value is quoted only where it is a known one. */
function problemWith(name: string | undefined): Problem {
  if (name !== undefined) {
    const cause = `AZURE_TOKEN_CREDENTIALS is ${name}, which the Azure SDKs know and msi-credential does not offer.`;
    const text = 'Unset it, or set AZURE_TOKEN_CREDENTIALS=dev and sign in with a tool, such as Azure CLI:';
    return explain('ERR_SETTING_INVALID', cause, { fix: [{ text, run: 'az login' }] });
  }
  const offered = Object.keys(tokenCredentials).filter((each) => tokenCredentials[each]);
  const cause = 'AZURE_TOKEN_CREDENTIALS has an unknown value.';
  return explain('ERR_SETTING_INVALID', cause, { fix: [{ text: `Set it to one of ${offered.join(', ')}.` }] });
}
