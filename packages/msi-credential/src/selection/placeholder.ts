// Texts that something was to replace: no secret, no id and no address looks like them.
import type { Fix } from '../codes.ts';

/** What a value turns out to be, as the end of "it is", and what to do. */
export interface Placeholder {
  readonly what: string;
  readonly fix: readonly Fix[];
}

const reference: Placeholder = {
  what: 'an unresolved Key Vault reference',
  fix: [
    {
      text: "App Service and Functions resolve references when they start the app, and leave those as they are that they can't. The app's page Environment variables says why. Most often its identity lacks the role Key Vault Secrets User, or the vault's firewall keeps it out.",
    },
    { text: 'Other hosts resolve none: set the value itself, or call resolveKeyVaultReferences() first.' },
  ],
};

const setValue = (text: string): readonly Fix[] => [{ text }];
const pipeline = setValue(
  'Check the name of the variable, and that this job has it. Azure Pipelines leaves a macro as it is if there is no such variable, and maps secret ones only where a step has them in its env.',
);
const template = setValue('Check the step that replaces such marks: it did not run on this file, or has no such name.');
const shell = setValue(
  'Set the value itself. Only a shell replaces names, and not in single quotes, .env files, service units or YAML.',
);
const own = setValue('Set the value itself.');

/** A shape, what it is, and what to do. Made when they are needed: expressions cost time at each start of a process. */
type Shapes = readonly (readonly [shape: RegExp, what: string, fix: readonly Fix[]])[];

/** Whole values, in the order in which they are tried. */
const shapes = (): Shapes => [
  [/^(undefined|null|none|nil|nan|\[object \w+\])$/i, 'the text that a program writes for a missing value', own],
  [/^@Microsoft\.AppConfiguration\s*\(/i, 'an unresolved App Configuration reference', reference.fix.slice(0, 1)],
  [/^\$\(.+\)$|^\$\[.*\]$/s, 'a macro of a pipeline that was not replaced', pipeline],
  [/^\$\{\{.*\}\}$/, 'an expression of a workflow that was not replaced', pipeline],
  [
    /^#\{[^{}]+\}#?$|^\{\{.*\}\}$|^\{\d+\}$|^\{(?![\da-f-]{36}\})[a-z][\w .:-]*\}$/i,
    'a mark of a template that was not replaced',
    template,
  ],
  [
    /^__[a-z][\w.-]*__$|^@{1,2}[a-z][\w.-]+@{1,2}$|^%\([a-z]\w*\)s$|^\[\[?[a-z].*\]$/i,
    'a mark of a template that was not replaced',
    template,
  ],
  [/^\$\{[^{}]+\}$|^\$env:\w+$|^%{1,2}[a-z_][\w().-]*%{1,2}$/i, 'the name of a variable, not its value', shell],
  [/^\$[A-Z][A-Z\d]*(_[A-Z\d]+)+$/, 'the name of a variable, not its value', shell],
  [/^(op|vault|ref\+\w+):\/\/|^secretref:/i, 'a reference to a secret store, not the secret', own],
  [/^<[^<>]+>$|^(your|insert|enter|replace)[_ -][\w -]+$|^(todo|tbd|change[_-]?me)$/i, 'the mark of an example', own],
  [/^([*\u2022])\1{2,}$|^x{4,}$/i, 'a mask, not the value', own],
];

/** Marks within an address, an id or a path. A secret may hold them. */
const marks = (): readonly (readonly [mark: RegExp, fix: readonly Fix[]])[] => [
  [/@Microsoft\.KeyVault\(/i, reference.fix],
  [/\$\(/, pipeline],
  [/\$\{(?!\{)|\$env:|^\$\w|%[a-z_]\w{2,}%/i, shell],
  [/[#{$]\{|\}\}|\{[a-z][a-z_-]*\}|<[^<>]*>/i, template],
];

const isReference = (text: string) => /^@Microsoft\.KeyVault\s*\(/i.test(text);

/** What a whole value is instead of a secret, an id or an address. Quotes around it make no difference. */
export function placeholderIn(value: string): Placeholder | undefined {
  const text = value.trim().replace(/^(["'`])(.*)\1$/s, '$2');
  if (isReference(text)) return reference;
  const row = shapes().find(([shape]) => shape.test(text));
  return row && { what: row[1], fix: row[2] };
}

/** The same, and marks in a part of the value, which no id, address or path has. */
export function placeholderWithin(value: string): Placeholder | undefined {
  const row = marks().find(([mark]) => mark.test(value));
  return placeholderIn(value) ?? (row && { what: 'a text with a mark in it that was not replaced', fix: row[1] });
}

/**
 * Characters that nobody sees: of zero width, of no width of their own, and blanks that do not break. Listed, because Node
 * takes 0.4 ms to read an expression with a class of Unicode, in each process.
 */
const invisible = () =>
  /[\u00a0\u00ad\u061c\u115f\u1160\u180e\u2007\u200b-\u200f\u202a-\u202f\u2060-\u206f\u3164\ufeff\uffa0]/g;

/** The invisible characters of a text, as `U+200B`. */
export function invisibleIn(text: string): readonly string[] {
  const found = text.match(invisible()) ?? [];
  return [...new Set(found)].map((each) => `U+${each.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`);
}

/** Whether it has nothing but printable ASCII and blanks. */
export const isPlain = (text: string) => !/[^ -~\t\r\n]/.test(text);

/** An id or a domain without what nobody sees in it: none has such characters. */
export function visible(id: string): string {
  return (isPlain(id) ? id : id.replace(invisible(), '')).trim();
}
