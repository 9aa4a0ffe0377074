// Which settings hold no value of their own: placeholders, and references that App Service could not resolve.
import type { Explanation, Fix } from '../codes.ts';
import { field, parseJson, textField } from '../tokens/read-token.ts';
import type { Environment, ManagedIdentity, Offer, SelectOptions } from '../types.ts';
import { trimmed, value } from './environment.ts';
import { invisibleIn, type Placeholder, placeholderIn, placeholderWithin } from './placeholder.ts';

/** A setting that holds something else than a value. */
export interface Unresolved {
  /** The variable, or `the option clientId`. */
  readonly setting: string;
  readonly text: string;
  readonly cause: string;
  readonly fix: readonly Fix[];
}

/** The state of every reference: https://learn.microsoft.com/azure/app-service/reference-app-settings#key-vault-references */
export const referencesVariable = 'WEBSITE_KEYVAULT_REFERENCES';

const ids = ['clientId', 'objectId', 'resourceId', 'tenantId', 'authorityHost'] as const;

/** Of a secret nothing but the whole value tells. */
const isSecret = (name: string) => /(SECRET|PASSWORD|TOKEN|HEADER|DATA)$/.test(name);

/** All settings, of these variables and of the options, that hold no value of their own. */
export function unresolvedSettings(
  env: Environment,
  options: SelectOptions,
  names: readonly string[],
): readonly Unresolved[] {
  const failed = new Map(failedReferences(env).map(({ name, status }) => [name, status]));
  const settings = [
    ...names.filter((name) => name !== referencesVariable).map((name) => ({ name, setting: name, text: env[name] })),
    ...ids.map((id) => ({ name: id, setting: `the option ${id}`, text: options[id] })),
    ...(['clientId', 'tenantId'] as const).map((id) => ({
      name: id,
      setting: `the option federatedCredential.${id}`,
      text: options.federatedCredential?.[id],
    })),
  ];
  return settings.flatMap(({ name, setting, text }) => {
    if (text === undefined) return [];
    const plain = trimmed(text);
    const found = (isSecret(name) ? placeholderIn(plain) : placeholderWithin(plain)) ?? odd(name, plain);
    if (found === undefined) return [];
    const status = failed.get(name);
    const cause = `${capitalized(setting)} is ${found.what}${status === undefined ? '' : ` (${status})`}.`;
    return [{ setting, text: plain, cause, fix: found.fix }];
  });
}

/** Of ids, characters that nobody sees are taken out; a path is opened as it is written. */
function odd(name: string, text: string): Placeholder | undefined {
  if (text === name) return { what: 'its own name, and not its value', fix: [{ text: 'Set the value itself.' }] };
  const isFile = /_(PATH|FILE)$/.test(name);
  if (isFile && /^~/.test(text)) return { what: 'a path with ~, which only a shell replaces', fix: wholePath };
  if (isFile && /^file:/i.test(text)) return { what: 'a URL, and not a path', fix: wholePath };
  const [first] = /_ID$|Id$/.test(name) ? [] : invisibleIn(text);
  const fix = [{ text: 'Type the value anew, or paste it as plain text. Web pages and chats put such characters in.' }];
  return first === undefined ? undefined : { what: `a text with a character that nobody sees (${first})`, fix };
}

const wholePath = [{ text: 'Write the whole path, from the root: /home/app/cert.pem.' }];

/** Those that this offer uses, for itself or for the identity that it is asked for. */
export function usedBy(
  offer: Offer,
  identity: ManagedIdentity,
  unresolved: readonly Unresolved[],
): readonly Unresolved[] {
  const isOfHost = offer.identityKeys !== undefined && identity.kind === 'user-assigned';
  const used = JSON.stringify([offer.key, isOfHost && identity.id]).toLowerCase();
  return unresolved.filter(({ text }) => used.includes(JSON.stringify(text).slice(1, -1).toLowerCase()));
}

/** What is true whatever the settings are. */
const ofTheWay = ['ERR_UNREACHABLE', 'ERR_TIMEOUT', 'ERR_THROTTLED', 'ERR_PROBE_FAILED', 'ERR_MODULE_MISSING'];

/**
 * What failed, led by the settings that hold no value. Most else that is advised would be in vain, and some of it does
 * harm, such as a new secret.
 */
export function ledBy<Code extends string>(
  unresolved: readonly Unresolved[],
  explanation: Explanation<Code>,
): Explanation<Code> {
  const { code, cause, fix, status = 0 } = explanation;
  const told = [...unresolved.map((each) => each.cause), cause].join(' ');
  const isOfTheWay = ofTheWay.includes(code) || status >= 500;
  return { ...explanation, cause: told, fix: [...uniqueFixes(unresolved), ...(isOfTheWay ? fix : [])] };
}

const uniqueFixes = (unresolved: readonly Unresolved[]) => [
  ...new Map(unresolved.flatMap(({ fix }) => fix).map((each) => [each.text, each])).values(),
];

/** The settings whose references App Service could not resolve, as it says itself. It tells the references, too: not repeated. */
export function failedReferences(env: Environment): readonly { readonly name: string; readonly status: string }[] {
  const states = parseJson(value(env, referencesVariable) ?? '');
  if (typeof states !== 'object' || states === null) return [];
  return Object.keys(states).flatMap((name) => {
    const status = textField(field(states, name), 'status') ?? '';
    const isShowable = /^[\w.:-]{1,100}$/.test(name) && /^[a-z]{1,40}$/i.test(status);
    return isShowable && !/^(Resolved|Initialized)$/i.test(status) ? [{ name, status }] : [];
  });
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
