import { type Content, type Html, html } from './html.ts';

/** A button that copies a text; `label` is what a screen reader says, and hears back. */
export function copyButton(text: string, label: string, face = 'Copy'): Html {
  return html`<button type="button" class="quiet" data-copy="${text}" aria-label="${face} ${label}">${face}</button>`;
}

/** A link that makes a new check-up. */
export function again(face: string, look: string): Html {
  return html`<a class="again ${look}" href="">${face}</a>`;
}

/** A list of labels and what they stand for, without those that stand for nothing. */
export function facts(rows: readonly (readonly [label: string, value: Content])[], look = ''): Html {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl class="${look}">${shown.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A command in a box, with its button. Lines break before an option rather than within an id. */
export function commandBox(command: string): Html {
  const parts = command.split(/ (?=--?[a-z])/).map((part, index) => html`${index > 0 && ' '}<span>${part}</span>`);
  return html`<div class="command"><code tabindex="0" role="group" aria-label="Command">${parts}</code>${copyButton(command, 'the command')}</div>`;
}
