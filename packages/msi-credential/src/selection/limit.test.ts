import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { sources } from '../sources/index.ts';
import type { Source, SourceName } from '../types.ts';
import { consideredSources, firstInDefaultChain } from './limit.ts';

const named = (names: readonly SourceName[]) =>
  names.map((name) => sources.find((each) => each.name === name) as Source);
const namesOf = (list: readonly Source[] = []) => list.map(({ name }) => name);

describe('DefaultAzureCredential would use, of', () => {
  test.each<[found: SourceName[], credential: string | undefined, takes: SourceName[]]>([
    [[], undefined, []],
    // It has no credential for these.
    [['github-actions', 'azure-pipelines'], undefined, []],
    [['app-service', 'service-principal'], 'EnvironmentCredential', ['service-principal']],
    [['workload-identity', 'service-principal'], 'EnvironmentCredential', ['service-principal']],
    [['app-service', 'workload-identity'], 'WorkloadIdentityCredential', ['workload-identity']],
    [['github-actions', 'imds'], 'ManagedIdentityCredential', ['imds']],
    // One credential stands for all hosts.
    [
      ['service-fabric', 'azure-ml', 'imds', 'azure-cli'],
      'ManagedIdentityCredential',
      ['service-fabric', 'azure-ml', 'imds'],
    ],
    [['azure-cli', 'azure-developer-cli', 'azure-powershell'], 'AzureCliCredential', ['azure-cli']],
    [['azure-developer-cli', 'azure-powershell'], 'AzurePowerShellCredential', ['azure-powershell']],
    [['azure-developer-cli'], 'AzureDeveloperCliCredential', ['azure-developer-cli']],
  ])('%j: %s, which takes %j', (found, credential, takes) => {
    const first = firstInDefaultChain(named(found));
    expect([first?.credential, namesOf(first?.takes)]).toEqual([credential, takes]);
  });

  test('any two, the one that comes first in the chain of the package', () => {
    const entry = createRequire(import.meta.url).resolve('@azure/identity');
    const text = readFileSync(new URL('credentials/defaultAzureCredential.js', `file://${entry}`), 'utf8');
    const chain = ['prod', 'dev'].flatMap((kind) => {
      const list = new RegExp(`const ${kind}CredentialFunctions = \\[([^\\]]*)\\]`).exec(text)?.[1] ?? '';
      return [...list.matchAll(/\.createDefault(\w+)Credential/g)].map(([, name]) => `${name}credential`.toLowerCase());
    });
    const found = sources.flatMap((source) => {
      const place = chain.indexOf(firstInDefaultChain([source])?.credential.toLowerCase() ?? '');
      return place < 0 ? [] : [{ source, place }];
    });
    // Six hosts, and one for each of the other credentials that are offered here.
    expect(found).toHaveLength(6 + 5);
    for (const one of found) {
      for (const other of found.filter(({ place }) => place > one.place)) {
        expect(namesOf(firstInDefaultChain([other.source, one.source])?.takes)).toEqual([one.source.name]);
      }
    }
  });
});

describe('considered are', () => {
  const others = (family: Source['family']) => namesOf(sources.filter((source) => source.family !== family));
  test.each<[value: string | undefined, SourceName[], by: string | undefined]>([
    [undefined, namesOf(sources), undefined],
    [' ', namesOf(sources), undefined],
    ['prod', others('developer-tool'), 'AZURE_TOKEN_CREDENTIALS=prod'],
    ['DEV', ['azure-cli', 'azure-developer-cli', 'azure-powershell'], 'AZURE_TOKEN_CREDENTIALS=dev'],
    ['azureclicredential ', ['azure-cli'], 'AZURE_TOKEN_CREDENTIALS=AzureCliCredential'],
  ])('with AZURE_TOKEN_CREDENTIALS=%s: %j', (AZURE_TOKEN_CREDENTIALS, expected, by) => {
    const considered = consideredSources({ AZURE_TOKEN_CREDENTIALS }, {});
    expect([namesOf(considered.sources), considered.limit?.by]).toEqual([expected, by]);
    expect(considered.problem).toBeUndefined();
  });

  test('with the option source those of it, in its order, whatever the variable says', () => {
    const { sources: list, limit } = consideredSources(
      { AZURE_TOKEN_CREDENTIALS: 'dev' },
      { source: ['imds', 'azure-arc'] },
    );
    expect(namesOf(list)).toEqual(['imds', 'azure-arc']);
    expect(limit?.by).toContain('option source');
  });

  test.each(['nonsense', 'BrokerCredential'])('all, and a problem, with AZURE_TOKEN_CREDENTIALS=%s', (value) => {
    const considered = consideredSources({ AZURE_TOKEN_CREDENTIALS: value }, {});
    expect(considered.sources).toBe(sources);
    expect(considered.problem?.code).toBe('ERR_SETTING_INVALID');
  });
});
