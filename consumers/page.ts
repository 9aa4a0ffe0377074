// What came out of the checks, as verdicts and as the page.
import type { Check } from './consumer.ts';

export interface Ran {
  readonly works: boolean;
  readonly output: string;
}

export interface Outcome {
  readonly check: Check;
  readonly ours: Ran;
  /** Tried only where ours fails, to tell whose fault it is. */
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
      '| Set-up | Result |',
      '|---|---|',
      ...outcomes.map((outcome) => `| ${outcome.check.title} | ${word(outcome)} |`),
      '',
    ].join('\n'),
  );
  return [introduction(measured), ...tables].join('\n');
}

const introduction = (measured: string) => `# Compatibility

Written by \`pnpm consumers\`: ${measured}. Each row is a project of its own with the packed
tarballs of \`msi-credential\` and \`msi-local\`. Its program runs inside \`msi-local run --as app-service\`, and must read a secret of the
vault: with \`SecretClient\`, and by \`msi-credential/key-vault\`. Rows of test runners do without the latter, and mocks read nothing. TypeScript
checks the declarations of all packages (\`skipLibCheck: false\`); the settings of Nest's template do not. Where
\`msi-credential\` fails, \`@azure/identity\` is tried in its place. If neither works, the limit is the tool's.
`;

function word({ check, ours, peer }: Outcome): string {
  if (ours.works) return 'works';
  return peer?.works ? 'fails; works with `@azure/identity`' : `neither works: ${check.limit ?? 'not explained yet'}`;
}
