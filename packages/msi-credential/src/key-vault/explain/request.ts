import { secretNameRule } from '../secret/names.ts';
import { quote } from './answer.ts';
import { listDeleted, purge, recover } from './commands.ts';
import { isOfVault, type Rule } from './rule.ts';

/** Said by the vault, and by us before it is asked. */
export const invalidName = {
  code: 'KV_INVALID_NAME',
  cause: secretNameRule,
  fix: ['Write a hyphen for every other character, such as _ or a colon. ASP.NET writes -- for a colon.'],
} as const;

const pageSize: Rule = {
  code: 'KV_PAGE_SIZE',
  status: 400,
  cause: 'A page of a list has 1 to 25 items.',
  fix: ['Ask for smaller pages: client.listPropertiesOfSecrets().byPage({ maxPageSize: 25 }).'],
};

const notFound: Rule = {
  code: 'KV_SECRET_NOT_FOUND',
  status: 404,
  cause:
    'Vault {vault} has no live secret {secret}, or not in that version. The name or the vault is another one, or the secret is soft-deleted.',
  fix: [
    {
      text: 'See which secrets the vault has:',
      run: 'az keyvault secret list --vault-name {vault} --query "[].name" -o tsv',
    },
    listDeleted,
    { text: 'If it is among the deleted ones:', run: recover },
  ],
};

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
const rows: readonly Rule[] = [
  {
    code: 'KV_SECRET_DISABLED',
    status: 403,
    signs: ['SecretDisabled', /on a disabled secret/i],
    cause: ({ names, version }) =>
      `${version === undefined ? 'The latest version' : `Version ${version}`} of secret ${names.secret} is disabled. It can be listed and changed, but not read.`,
    // Without a version the command changes the latest one.
    fix: ({ version }) => [
      {
        text: 'Enable it:',
        run: `az keyvault secret set-attributes --vault-name {vault} -n {secret}${version === undefined ? '' : ` --version ${version}`} --enabled true`,
      },
    ],
  },
  {
    // Azure reads secrets outside their dates: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
    code: 'KV_SECRET_DATES',
    status: 403,
    signs: ['SecretExpired', 'SecretNotYetValid', /secret (has|is) expired|secret is not (yet )?valid/i],
    cause:
      'Secret {secret} has expired or is not valid yet. Azure would return it all the same. An emulator or a mock answered.',
    fix: ["Change the dates of the emulator's secret, or remove them."],
  },
  {
    code: 'KV_PURGE_PROTECTED',
    status: 403,
    signs: [/purge protection is enabled/i],
    cause: 'Vault {vault} keeps deleted secrets until their scheduled date. Nobody can shorten that.',
    fix: [
      { text: 'Bring the secret back instead:', run: recover },
      'Or use another name, or wait for the scheduled date.',
    ],
  },
  // A list call lost its words. What it asked for is still there.
  { ...pageSize, when: ({ facts }) => Number(facts.url?.searchParams.get('maxresults')) > 25 },
  {
    code: 'KV_BACKUP_MALFORMED',
    status: 400,
    signs: ['Malformed backup blob', /backup/i],
    cause: 'The backup was altered or re-encoded, or it comes from another subscription or geography.',
    fix: [
      'Give restoreSecretBackup the same bytes that backupSecret returned, in the same subscription and geography.',
    ],
  },
  { ...invalidName, status: 400, signs: [/contains an invalid name/i] },
  {
    code: 'KV_API_VERSION',
    status: 400,
    signs: [/version[\s\S]{0,200} is not recognized/i],
    cause: 'The client is newer than this vault, as on Azure Stack Hub or an emulator.',
    fix: ["Use an older API version: new SecretClient(url, credential, { serviceVersion: '7.4' })."],
  },
  {
    code: 'KV_VALUE_TOO_LARGE',
    status: 400,
    signs: [/maximum permitted length of 25600|Property (value )?has invalid value/i],
    cause: 'A secret holds at most 25,600 characters.',
    fix: [
      'Split or compress the value. Or keep it encrypted in Blob Storage, and only its key in the vault.',
      'If the value is short, check the other properties. The content type has up to 255 characters, each of up to 15 tags 512.',
    ],
  },
  { ...pageSize, signs: [/maxresults/i] },
  {
    code: 'KV_BAD_REQUEST',
    status: 400,
    when: isOfVault,
    cause: ({ facts, names }) => `Vault ${names.vault} doesn't accept some part of the request.${quote(facts)}`,
    fix: ['Compare the call with https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups.'],
  },
  {
    // `SecretNotFound` is said of deleted secrets, too: their words come first.
    code: 'KV_DELETED_SECRET_NOT_FOUND',
    status: 404,
    signs: [/Deleted Secret not found/i],
    cause:
      '{secret} is not deleted, is purged already, or is still being deleted. A deletion takes up to half a minute.',
    fix: ['Wait for the deletion: await (await client.beginDeleteSecret(name)).pollUntilDone().', listDeleted],
  },
  { ...notFound, signs: ['SecretNotFound', /was not found in this key vault/i] },
  // Of a vault, any other code is about the path, not about a secret. Stand-ins have codes of their own: lowkey-vault the name
  // of a Java class, azure-keyvault-emulator a sentence.
  {
    ...notFound,
    when: (situation) => isOfVault(situation) && (situation.facts.code === undefined || situation.standIn),
  },
  {
    code: 'KV_SECRET_DELETED',
    status: 409,
    signs: ['ObjectIsDeletedButRecoverable', /deleted but recoverable/i],
    cause: 'A soft-deleted secret {secret} keeps its name in vault {vault} until it is recovered or purged.',
    fix: [
      { text: 'Bring it back:', run: recover },
      { text: 'Or lose it for good. This needs the permission purge:', run: purge },
    ],
  },
  {
    code: 'KV_SECRET_BUSY',
    status: 409,
    signs: ['ObjectIsBeingRecovered', 'ObjectIsBeingDeleted', /being (recovered|deleted)/i],
    cause: 'A deletion or recovery of this secret is not finished yet.',
    fix: [
      'Try again after some seconds. pollUntilDone() of beginDeleteSecret and beginRecoverDeletedSecret waits for it.',
    ],
  },
  {
    code: 'KV_SECRET_EXISTS',
    status: 409,
    signs: [/already exists/i],
    cause: 'Vault {vault} already has a secret of the name that the backup would restore.',
    fix: [
      'Restore into another vault of the same subscription and geography.',
      {
        text: 'Or make room, which loses the present secret. Delete it:',
        run: 'az keyvault secret delete --vault-name {vault} -n {secret}',
      },
      { text: 'Then purge it:', run: purge },
    ],
  },
  {
    code: 'KV_CONFLICT',
    status: 409,
    when: isOfVault,
    cause: ({ facts, names }) =>
      `Vault ${names.vault} doesn't allow this in the ${names.object}'s present state.${quote(facts)}`,
    fix: [listDeleted, 'Try again after some seconds.'],
  },
];

/** What is said of secrets holds for them alone. */
export const requestRules = rows.map(
  (row): Rule =>
    /SECRET|VALUE/.test(row.code)
      ? { ...row, when: (each) => each.object === 'secret' && (row.when?.(each) ?? true) }
      : row,
);
