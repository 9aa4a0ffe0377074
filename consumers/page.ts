// What came out of the checks, as verdicts and as the page.
import type { Check } from './consumer.ts';

export interface Ran {
  readonly works: boolean;
  readonly output: string;
}

export interface Outcome {
  readonly check: Check;
  readonly ours: Ran;
  /** Missing where ours works and nobody compares. */
  readonly peer?: Ran;
}

/** Undefined where all is well: it works, or it works with neither and the row says why. */
export function complaint({ check, ours, peer }: Outcome): string | undefined {
  if (ours.works) return check.limit === undefined ? undefined : 'works, although the row says that it cannot';
  if (peer?.works) return 'fails, and works with @azure/identity';
  return check.limit === undefined ? 'fails with both, and the row does not say why' : undefined;
}

/** docs/compatibility.md, from the outcomes under their headings. */
export function page(sections: Readonly<Record<string, readonly Outcome[]>>, measured: string): string {
  const tables = Object.entries(sections).map(([heading, outcomes]) =>
    [
      `## ${heading}`,
      '',
      '| Set-up | msi-credential | @azure/identity | Remarks |',
      '|---|---|---|---|',
      ...outcomes.map(({ check, ours, peer }) =>
        row(check.title, word(ours), peer === undefined ? '' : word(peer), check.limit ?? check.note ?? ''),
      ),
      '',
    ].join('\n'),
  );
  return [introduction(measured), ...tables].join('\n');
}

const introduction = (measured: string) => `# Compatibility

Written by \`pnpm consumers\`: ${measured}. Each row is a project of its own, with the packed
tarballs of \`msi-credential\` and \`msi-local\` from this repository. Its program runs inside \`msi-local run --as app-service\`, with
no network but loopback, and must print a secret of the vault: once with \`msi-credential\` and its entry
\`msi-credential/key-vault\`, once with \`DefaultAzureCredential\`. TypeScript checks the declarations of all packages
(\`skipLibCheck: false\`), unless a row says otherwise.
`;

const word = ({ works }: Ran) => (works ? 'works' : 'fails');

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
