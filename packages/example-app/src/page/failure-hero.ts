import { html } from 'hono/html';
import type { Failure } from '../failure.ts';
import { copyButton, type Html, sentence } from './html.ts';
import { stepOf } from './steps.ts';

/** What went wrong and, step by step, what ends it. */
export function failureHero({ status, explanation }: Failure): Html {
  const { code, title, cause, fix, docs } = explanation;
  return html`<section class="hero bad" aria-labelledby="failure">
<p class="verdict">${status === 503 ? 'Not set up yet' : 'Secret not read'}</p>
<h1 id="failure">${title}</h1>
<p class="lead">${sentence(cause)}</p>
<h2>What to do</h2>
<ol class="steps">${fix.map(step)}</ol>
<p class="note"><code>${code}</code>${docs && html` <a href="${docs}" rel="noreferrer">Read more about it</a>`}</p>
</section>`;
}

/** Lines break before an option rather than within an id. */
function options(command: string): Html {
  return html`${command.split(/ (?=--?[a-z])/).map((part, index) => html`${index > 0 && ' '}<span>${part}</span>`)}`;
}

function step(fix: string): Html {
  const { text, command } = stepOf(fix);
  return html`<li>${text && html`<p>${sentence(text)}</p>`}${
    command &&
    html`<div class="command"><code tabindex="0" role="group" aria-label="Command">${options(command)}</code>${copyButton(command, 'the command')}</div>`
  }</li>`;
}
