// Every consumer, under the headings of the page.
import type { Consumer } from '../consumer.ts';
import { bundlers } from './bundlers.ts';
import { installers } from './installers.ts';
import { node } from './node.ts';
import { runtimes } from './runtimes.ts';
import { testRunners } from './test-runners.ts';
import { typescript } from './typescript.ts';

export const rows: Readonly<Record<string, readonly Consumer[]>> = {
  'Node.js': node,
  'TypeScript and ESLint': typescript,
  'Bundlers and frameworks': bundlers,
  'Test runners': testRunners,
  'Package managers and older versions': installers,
  'Other runtimes': runtimes,
};
