import type { Detection } from '../src/types.ts';
import { catalogueOf } from './catalogue.ts';

/** What sources say of environments, as text for a file snapshot. */
export function detectionsOf(rows: Iterable<readonly [title: string, detection: Detection]>): string {
  return [...rows].map(([title, detection]) => entryOf(title, detection)).join('\n');
}

function entryOf(title: string, detection: Detection): string {
  if (detection.verdict === 'partial') return catalogueOf([[title, detection.problem]]);
  const { reason } = detection.verdict === 'found' ? detection.offer : detection;
  const steps = detection.verdict === 'absent' && detection.remedy ? [`- ${detection.remedy}`] : [];
  return `${title}\n  ${[reason, ...steps].join('\n  ')}\n`;
}
