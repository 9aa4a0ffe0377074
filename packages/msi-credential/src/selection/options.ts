import { misuse } from '../errors.ts';
import type { CredentialOptions } from '../types.ts';

/** What an option is, for people, and whether a value is that. */
type Kind = readonly [what: string, fits: (value: unknown) => boolean];

const isText = (value: unknown) => typeof value === 'string';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown) => Array.isArray(value) && value.every(isText);

const text: Kind = ['a string', isText];
const kinds: Readonly<Record<keyof CredentialOptions, Kind | undefined>> = {
  clientId: text,
  objectId: text,
  resourceId: text,
  tenantId: text,
  authorityHost: text,
  additionallyAllowedTenants: ['a list of strings', isList],
  federatedCredential: [
    'an object with clientId and tenantId',
    (value) => isObject(value) && ['clientId', 'tenantId'].every((name) => isText((value as never)[name])),
  ],
  source: ['the name of a source or a list of them', (value) => isText(value) || isList(value)],
  env: ['an object', isObject],
  // Has a code of its own.
  timeoutMs: undefined,
};

/** `clientID`, `client_id`, `sources`, and the names that `DefaultAzureCredential` has for the same. */
const fold = (name: string) => name.toLowerCase().replace(/^managedidentity|[^a-z]|s$/g, '');
const spellings = new Map(Object.keys(kinds).map((name) => [fold(name), name]));

/**
 * Plain JavaScript is not checked by a compiler, and an option that is misspelt would be somebody else's identity. Names
 * that are none of ours are let through: programs hand on objects that hold more.
 *
 * @throws TypeError - `ERR_OPTION_INVALID`: no object, a value of another kind, a name in another spelling.
 */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) throw misuse('ERR_OPTION_INVALID', 'The options are not an object.');
  for (const [name, value] of Object.entries(options as object)) {
    const meant = spellings.get(fold(name));
    if (value === undefined || meant === undefined) continue;
    if (name !== meant) throw misuse('ERR_OPTION_INVALID', `There is no option ${name}; it is spelt ${meant}.`);
    const kind = kinds[meant as keyof CredentialOptions];
    // Without the value, which may be a secret.
    if (kind && !kind[1](value)) throw misuse('ERR_OPTION_INVALID', `The option ${name} is not ${kind[0]}.`);
  }
}
