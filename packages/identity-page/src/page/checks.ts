import type { StepResult } from 'msi-credential/checkup';
import { type Html, html } from './html.ts';
import { again } from './parts.ts';

/** These have cards of their own. */
const shownElsewhere = ['environment', 'choice', 'principal'];

const words = { ok: 'OK', warning: 'Note', failed: 'Failed', skipped: 'Skipped' } as const;

/** The doctor's steps, as far as they went. */
export function checksCard(steps: readonly StepResult[]): Html {
  const shown = steps.filter(({ name, status }) => status === 'failed' || !shownElsewhere.includes(name));
  return html`<section class="card" aria-labelledby="checks">
<div class="head"><h2 id="checks">What was checked</h2>${again('Check again', 'quiet')}</div>
<ol class="checks">${shown.map(item)}</ol>
</section>`;
}

function item({ name, status, detail }: StepResult): Html {
  return html`<li class="check ${status}">
<span class="mark">${words[status]}</span><span class="what">${name[0]?.toUpperCase()}${name.slice(1)}</span><p>${status === 'failed' ? 'See above.' : detail}</p>
</li>`;
}
