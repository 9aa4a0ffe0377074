import type { Fix } from 'msi-credential';
import type { StepResult } from 'msi-credential/checkup';
import type { Findings } from '../examine.ts';
import { headlineOf } from './headlines.ts';
import { type Html, html } from './html.ts';
import { again, commandBox } from './parts.ts';

/** The answer on top: whose identity it is and whether the vault can be read, or what to do. */
export function hero(findings: Findings): Html {
  const failure = findings.steps.find(({ status }) => status === 'failed');
  return failure ? failureHero(failure, findings) : successHero(findings);
}

function successHero({ steps, diagnostics, vaultHost }: Findings): Html {
  const { title = 'Unknown identity', identity } = diagnostics.selected ?? {};
  const readsVault = steps.some(({ name, status }) => name === 'permission' && status === 'ok');
  return html`<section class="hero good" aria-labelledby="answer">
<p class="verdict">${readsVault ? 'Signed in, and the vault can be read' : 'Signed in'}</p>
<h1 id="answer">${title}</h1>
<p class="lead">${identity && html`Identity: <strong>${identity}</strong>. `}${
    readsVault
      ? html`Secrets in <strong>${vaultHost}</strong> can be read.`
      : 'No vault was checked, because none is named. Set KEY_VAULT_URL to check one.'
  }</p>
</section>`;
}

function failureHero({ explanation, detail }: StepResult, { steps }: Findings): Html {
  const hasToken = steps.some(({ name, status }) => name === 'token' && status === 'ok');
  const { code, docs, fix = [], cause = detail } = explanation ?? {};
  return html`<section class="hero bad" aria-labelledby="answer">
<p class="verdict">${hasToken ? 'Signed in, but the vault cannot be read' : 'Not signed in'}</p>
<h1 id="answer">${explanation ? headlineOf(explanation) : 'Something failed'}</h1>
<p class="lead">${cause}</p>
<h2>What to do</h2>
<ol class="steps">${fix.map(fixItem)}</ol>
<p class="after">${again('Try again', 'button')}</p>
<p class="note"><code>${code}</code>${docs && html` <a href="${docs}" rel="noreferrer">Read more about it</a>`}</p>
</section>`;
}

function fixItem({ text, run }: Fix): Html {
  return html`<li>${text && html`<p>${text}</p>`}${run && commandBox(run)}</li>`;
}
