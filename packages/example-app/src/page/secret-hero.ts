import { html } from 'hono/html';
import type { Diagnostics } from 'msi-credential';
import type { Html } from './html.ts';

/** What the page shows; the value of the secret is none of it, so that no HTML can hold it. */
export interface PageFacts {
  readonly vaultUrl?: string | undefined;
  readonly secretName: string;
  readonly diagnostics: Diagnostics;
}

/** The secret, behind a button: the script fetches it when it is wanted. */
export function secretHero({ vaultUrl, secretName, diagnostics }: PageFacts): Html {
  // Only a managed identity has a name here; an application may well sign in with a password of its own.
  const { title, identity } = diagnostics.selected ?? {};
  return html`<section class="hero good" aria-labelledby="secret-name">
<p class="verdict">Secret read from Key Vault</p>
<h1 id="secret-name">${secretName}</h1>
<p class="lead">From ${vaultUrl === undefined ? 'the vault' : html`<strong>${new URL(vaultUrl).host}</strong>`}${
    title && html`, with a token of <strong>${title}</strong>`
  }.${identity && ' No password is kept in this app.'}</p>
<div class="secret">
<div id="secret" role="group" aria-label="Value of the secret" data-hidden><span aria-hidden="true">••••••••••••</span><span class="unseen">hidden</span></div>
<div class="buttons">
<button type="button" id="reveal" class="main" aria-pressed="false" aria-controls="secret">Reveal</button>
<button type="button" id="copy-secret" aria-label="Copy the secret">Copy</button>
</div>
</div>
<noscript><p class="note">Without scripts, ask for it as text: <code>curl</code> this address.</p></noscript>
</section>`;
}
