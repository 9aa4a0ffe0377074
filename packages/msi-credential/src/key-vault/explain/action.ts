// What a refused call wanted to do, in the words of both permission models.
import type { Names } from '../../failures/steps.ts';
import type { ErrorFacts } from './read-error.ts';

/** What a vault holds; as the commands of Azure CLI call it. */
export type VaultObject = 'secret' | 'key' | 'certificate' | 'storage';

/** A data action after `Microsoft.KeyVault/vaults/OBJECTS/`, and the permission of access policies that is the same. */
type Deed = readonly [action: string, permission: string];

const same = (...names: readonly string[]) => names.map((name): Deed => [name, name]);

/**
 * The first one is what a call is taken for of which nothing is known.
 * https://learn.microsoft.com/azure/key-vault/general/rbac-migration#access-policy-to-azure-role-mapping
 */
const deeds: Readonly<Record<VaultObject, readonly [Deed, ...Deed[]]>> = {
  secret: [
    ['getSecret', 'get'],
    ['readMetadata', 'list'],
    ['setSecret', 'set'],
    ['update', 'set'],
    ...same('delete', 'backup', 'restore', 'recover', 'purge'),
  ],
  key: [
    ['read', 'get'],
    ['read', 'list'],
    ['wrap', 'wrapKey'],
    ['unwrap', 'unwrapKey'],
    ...same('sign', 'verify', 'encrypt', 'decrypt', 'create', 'import', 'update', 'rotate', 'release'),
    ...same('delete', 'backup', 'restore', 'recover', 'purge'),
  ],
  certificate: [
    ['read', 'get'],
    ['read', 'list'],
    ['read', 'getissuers'],
    ['read', 'listissuers'],
    ['write', 'manageissuers'],
    ['write', 'setissuers'],
    ['write', 'managecontacts'],
    ['delete', 'deleteissuers'],
    ...same('create', 'import', 'update', 'delete', 'backup', 'restore', 'recover', 'purge'),
  ],
  storage: [
    ['read', 'get'],
    ['read', 'list'],
    ...same('set', 'update', 'regeneratekey', 'getsas', 'listsas', 'setsas', 'deletesas'),
    ...same('delete', 'backup', 'restore', 'recover', 'purge'),
  ],
};

/** The smallest built-in role that allows it: https://learn.microsoft.com/azure/key-vault/general/rbac-guide */
const roles: Readonly<Record<VaultObject, (action: string) => string>> = {
  secret: (action) =>
    /^(getSecret|readMetadata)$/.test(action) ? 'Key Vault Secrets User' : 'Key Vault Secrets Officer',
  key: (action) => {
    if (action === 'release') return 'Key Vault Crypto Service Release User';
    const isUse = /^(read|sign|verify|encrypt|decrypt|wrap|unwrap|update|backup)$/.test(action);
    return isUse ? 'Key Vault Crypto User' : 'Key Vault Crypto Officer';
  },
  certificate: (action) => (action === 'read' ? 'Key Vault Certificate User' : 'Key Vault Certificates Officer'),
  storage: () => 'Key Vault Administrator',
};

const notEnough: Readonly<Record<VaultObject, string>> = {
  secret: "Owner, Contributor and Key Vault Reader can't read secret values.",
  key: "Owner, Contributor and the roles for secrets can't use keys.",
  certificate: "Owner, Contributor and Key Vault Secrets User can't read certificates.",
  storage: "Owner and Contributor can't use the storage accounts of a vault.",
};

const isVaultObject = (text: string | undefined): text is VaultObject =>
  text !== undefined && Object.hasOwn(deeds, text);

/**
 * What the call was about: the refusal names the action, the permission or a code, and the request its path. A secret where
 * nothing tells.
 */
export function objectOf({ words, inner, code, url }: ErrorFacts): VaultObject {
  const signs = [
    /Action: '?Microsoft\.KeyVault\/vaults\/(secret|key|certificate|storage)/i.exec(words),
    /does not have (secret|key|certificate|storage)s? \w{1,20} permission/i.exec(words),
    /^(?:Pending|Deleted)?(Secret|Key(?!Vault)|Certificate|Storage)/.exec(inner ?? ''),
    /^(?:Pending|Deleted)?(Secret|Key(?!Vault)|Certificate|Storage)/.exec(code ?? ''),
    /^\/*(?:deleted)?(secret|key|certificate|storage)s?(?:\/|$)/i.exec(url?.pathname ?? ''),
    // All that is left where an error was written down: `KeyNotFound: A key with (name/id) ...`.
    /\b(secret|key|certificate)(?:NotFound\b| with \(name\/id\))/i.exec(words),
  ];
  const told = signs.find((sign) => sign !== null)?.[1]?.toLowerCase();
  return isVaultObject(told) ? told : 'secret';
}

/** What was attempted, for the texts and commands of rows. */
export function namesOfAction(facts: ErrorFacts): Names {
  const object = objectOf(facts);
  const told = /Action: '?Microsoft\.KeyVault\/vaults\/\w{1,40}\/(\w{1,40})/i.exec(facts.words)?.[1]?.toLowerCase();
  const word = /does not have \w{1,20} (\w{1,20}) permission/i.exec(facts.words)?.[1]?.toLowerCase();
  const find = (action: string | undefined, permission: string | undefined) =>
    deeds[object].find((deed) => deed[0].toLowerCase() === action || deed[1].toLowerCase() === permission);
  const asked = verbOf(facts);
  const [action, permission] = find(told, word) ?? find(asked, asked) ?? deeds[object][0];
  const objects = object === 'storage' ? 'storage' : `${object}s`;
  return {
    object,
    objects,
    action: object === 'secret' ? action : `${objects}/${action}`,
    permission,
    // The command that sets them replaces all: those that every reader needs are named with the missing one.
    permissions: [...new Set(object === 'key' ? ['get', permission] : ['get', 'list', permission])].join(' '),
    role: roles[object](action),
    notEnough: notEnough[object],
  };
}

/** What the request itself asked for: all that is left when a list call lost the service's words. */
function verbOf({ method, url }: ErrorFacts): string | undefined {
  const path = url?.pathname.replace(/\/+$/, '').toLowerCase() ?? '';
  if (method === 'POST') return /\/([a-z]{1,20})$/.exec(path)?.[1];
  if (method === 'PUT') return /^\/(secrets|storage)\//.test(path) ? 'set' : 'import';
  if (method === 'PATCH') return 'update';
  if (method === 'DELETE') return path.startsWith('/deleted') ? 'purge' : 'delete';
  if (method !== 'GET') return undefined;
  return /^\/\w+\/[^/]+(\/(?!versions$)[^/]+)?$/.test(path) && !path.startsWith('/deleted') ? 'get' : 'list';
}
