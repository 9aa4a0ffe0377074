import { type Html, html } from './html.ts';

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A moment as people read it, in the zone of the logs. */
export function moment(ms: number): Html {
  const at = new Date(ms);
  return html`<time datetime="${at.toISOString()}">${format.format(at)} UTC</time>`;
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
