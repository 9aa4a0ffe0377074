// Every client, under the headings of the page; the groups' names are those of the command line.
import type { Client } from '../client.ts';
import { az } from './az.ts';
import { azureClients } from './azure.ts';
import { goes } from './go.ts';
import { javas } from './java.ts';
import { identities, own, predecessors, withoutSdk } from './npm.ts';
import { pythons } from './python.ts';
import { rusts } from './rust.ts';

export interface Group {
  readonly heading: string;
  readonly clients: readonly Client[];
}

export const groups: Readonly<Record<string, Group>> = {
  npm: { heading: 'JavaScript', clients: [own, ...identities, ...predecessors, ...withoutSdk] },
  python: { heading: 'Python', clients: pythons },
  go: { heading: 'Go', clients: goes },
  java: { heading: 'Java', clients: javas },
  rust: { heading: 'Rust', clients: rusts },
  azure: { heading: "Azure's other clients with `msi-credential`", clients: azureClients },
  az: { heading: 'Azure CLI', clients: az },
};
