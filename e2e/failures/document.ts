import { formatFix } from '../../packages/msi-credential/src/codes.ts';
import type { Outcome } from './produce.ts';
import type { Row } from './row.ts';

export interface Section {
  readonly heading: string;
  readonly rows: readonly Row[];
}

const introduction = `# Failures, side by side

Every row was brought about for real: by msi-local's endpoints and permissions, by files, sockets and certificates that are
wrong, and, where only Azure has an occasion to refuse, by a fault that answers in the words of its documentation. What follows
a row is what the program was told. \`e2e/failures.test.ts\` compares. Ids, ports and times stand for those of the run.
`;

/** All messages and all advice in one place, to be read together. */
export function documentOf(sections: readonly Section[], outcomes: ReadonlyMap<string, Outcome | undefined>): string {
  const parts = sections.map(({ heading, rows }) => {
    const entries = rows.map((row) => entryOf(row, outcomes.get(row.title)));
    return `\n## ${heading}\n${entries.join('')}`;
  });
  return introduction + parts.join('');
}

function entryOf({ title }: Row, outcome: Outcome | undefined): string {
  if (outcome === undefined) return `\n### ${title}\n\nIt worked.\n`;
  const lines = [
    `- Code: \`${outcome.explanation.code}\``,
    `- Message: ${messageOf(outcome)}`,
    ...outcome.explanation.fix.map((step) => `- Fix: ${formatFix([step])}`),
  ];
  return `\n### ${title}\n\n${lines.map(settle).join('\n')}\n`;
}

/** What happened, without the advice and the address that the message goes on with. */
function messageOf({ explanation: { code, title, cause } }: Outcome): string {
  return code.startsWith('ERR_') ? cause : `${title}. ${cause}`;
}

/** What differs from run to run is given one value. */
function settle(text: string): string {
  return (
    text
      .replace(/\s*\n\s*/g, ' ')
      .replace(/ ?\[(KV|ERR)_\w+(, https:\S+)?\]/g, '')
      .replace(/ https:\S+\/docs\/\S+/g, '')
      .replace(/\b(127\.0\.0\.1|localhost):\d{4,5}\b/g, '$1:PORT')
      .replace(/\b(?![ab]0000000-|cfa8b339-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID')
      .replace(/\b[0-9a-f]{40}\b/g, 'THUMBPRINT')
      .replace(/(Trace ID: |Correlation ID: )[0-9a-f-]+/g, '$1ID')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
      // What Entra says is cut off somewhere in its last time.
      .replace(/\b\d{4}-\d\d-\d\d\b/g, 'TIME')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'TIME')
      .replace(/\b1[789]\d{8}\b/g, 'TIME')
      // The pauses of a service that may be starting are partly by chance.
      .replace(/\d tries in \d+ s/g, 'N tries in SECONDS s')
      .replace(/\S*failures-\w{6}/g, '/FOLDER')
  );
}
