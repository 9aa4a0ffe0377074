import { html } from 'hono/html';

/** Text that `html` has escaped; whatever is put into it is escaped too. */
export type Html = ReturnType<typeof html>;

/** A button that copies a text; `label` is what a screen reader says, and hears back. */
export function copyButton(text: string, label: string, face = 'Copy'): Html {
  return html`<button type="button" class="quiet" data-copy="${text}" aria-label="${face} ${label}">${face}</button>`;
}

/** A sentence, with what stands in backticks as code. */
export function sentence(text: string): Html {
  const parts = text.split('`');
  // An odd number of backticks is no markup.
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A path that may be broken behind its slashes. */
export function path(text: string): Html {
  return html`${text.split(/(?<=\/)/).map((part) => html`${part}<wbr>`)}`;
}

/** A moment as people read it, in the zone of the logs. */
export function moment(iso: string): Html {
  const text = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return html`<time datetime="${iso}">${text.format(new Date(iso))} UTC</time>`;
}

/** How far away a moment is: `in 11 h 34 min`, `2 min ago`. */
export function distance(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes === 0) return ms < 0 ? 'just now' : 'in less than a minute';
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ];
  const text = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).slice(0, 2);
  return ms < 0 ? `${text.join(' ')} ago` : `in ${text.join(' ')}`;
}
