import { secretNameRule } from '../secret/names.ts';
import { quote } from './answer.ts';
import type { Finding } from './codes.ts';
import { listDeleted, purge, recover } from './commands.ts';
import type { Situation } from './situation.ts';

type Explain = (situation: Situation) => Finding;

/** Said by the vault, and by us before it is asked. */
export const invalidName = (): Finding => ({
  code: 'KV_INVALID_NAME',
  cause: secretNameRule,
  fix: ['Map other characters to a hyphen: `_`, `.` and `:` to `-` (ASP.NET writes `--` for `:`).'],
});

const apiVersion: Explain = () => ({
  code: 'KV_API_VERSION',
  cause: 'The client is newer than this vault, as on Azure Stack Hub or an emulator.',
  fix: ["Ask in an older version: new SecretClient(url, credential, { serviceVersion: '7.4' })"],
});

const tooLarge: Explain = () => ({
  code: 'KV_VALUE_TOO_LARGE',
  cause: 'A secret holds at most 25,600 characters.',
  fix: [
    'Split or compress it, or keep it encrypted in Blob Storage and only its key in the vault.',
    'If it is short, check the other properties: content type up to 255 characters, 15 tags of up to 512 each.',
  ],
});

const pageSize: Explain = () => ({
  code: 'KV_PAGE_SIZE',
  cause: 'A page of a list has 1 to 25 items.',
  fix: ['client.listPropertiesOfSecrets().byPage({ maxPageSize: 25 })'],
});

const backup: Explain = () => ({
  code: 'KV_BACKUP_MALFORMED',
  cause: 'The backup was altered or re-encoded, or comes from another subscription or geography.',
  fix: ['Hand restoreSecretBackup the very bytes of backupSecret, in the same subscription and geography.'],
});

const badRequest: Explain = ({ facts, vault }) => ({
  code: 'KV_BAD_REQUEST',
  cause: `Vault ${vault} does not take some part of the request.${quote(facts)}`,
  fix: ['Compare the call with https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups'],
});

const notFound: Explain = (situation) => ({
  code: 'KV_SECRET_NOT_FOUND',
  cause: `Vault ${situation.vault} has no live secret ${situation.secret}, or not in that version: the name or the vault is another one, or the secret is soft-deleted.`,
  fix: [
    `az keyvault secret list --vault-name ${situation.vault} --query "[].name" -o tsv`,
    listDeleted(situation),
    `If it is among the deleted ones: ${recover(situation)}`,
  ],
});

const deletedNotFound: Explain = (situation) => ({
  code: 'KV_DELETED_SECRET_NOT_FOUND',
  cause: `${situation.secret} is not deleted, purged already, or its deletion, which takes up to half a minute, is under way.`,
  fix: ['Wait for the deletion: await (await client.beginDeleteSecret(name)).pollUntilDone()', listDeleted(situation)],
});

const stillDeleted: Explain = (situation) => ({
  code: 'KV_SECRET_DELETED',
  cause: `A soft-deleted secret ${situation.secret} keeps its name in vault ${situation.vault} until it is recovered or purged.`,
  fix: [recover(situation), `Or, to lose it for good (needs the permission purge): ${purge(situation)}`],
});

const busy: Explain = () => ({
  code: 'KV_SECRET_BUSY',
  cause: 'A deletion or recovery of this secret is not finished yet.',
  fix: [
    'Try again after some seconds; pollUntilDone() of beginDeleteSecret and beginRecoverDeletedSecret waits for it.',
  ],
});

const exists: Explain = (situation) => ({
  code: 'KV_SECRET_EXISTS',
  cause: `Vault ${situation.vault} has a secret of the name that the backup would restore.`,
  fix: [
    'Restore into another vault of the same subscription and geography.',
    `Or make room, losing the present one: az keyvault secret delete --vault-name ${situation.vault} -n ${situation.secret}, then ${purge(situation)}`,
  ],
});

const conflict: Explain = (situation) => ({
  code: 'KV_CONFLICT',
  cause: `Vault ${situation.vault} refuses this in the present state of the secret.${quote(situation.facts)}`,
  fix: [listDeleted(situation), 'Try again after some seconds.'],
});

interface Kind {
  readonly status: number;
  /** `error.code` or the inner code, whichever is named. */
  readonly code?: string;
  readonly match: RegExp;
  readonly explain: Explain;
}

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
const kinds: readonly Kind[] = [
  { status: 400, code: 'Malformed backup blob', match: /backup/i, explain: backup },
  { status: 400, match: /contains an invalid name/i, explain: invalidName },
  { status: 400, match: /version[\s\S]{0,200} is not recognized/i, explain: apiVersion },
  { status: 400, match: /maximum permitted length of 25600|Property (value )?has invalid value/i, explain: tooLarge },
  { status: 400, match: /maxresults/i, explain: pageSize },
  { status: 404, match: /Deleted Secret not found/i, explain: deletedNotFound },
  { status: 404, code: 'SecretNotFound', match: /was not found in this key vault/i, explain: notFound },
  { status: 409, code: 'ObjectIsDeletedButRecoverable', match: /deleted but recoverable/i, explain: stillDeleted },
  { status: 409, code: 'ObjectIsBeingRecovered', match: /being recovered/i, explain: busy },
  { status: 409, code: 'ObjectIsBeingDeleted', match: /being deleted/i, explain: busy },
  { status: 409, match: /already exists/i, explain: exists },
];

const otherwise: Readonly<Record<number, Explain>> = { 400: badRequest, 404: notFound, 409: conflict };

/** Explains a 400, 404 or 409; `undefined` when somebody else than the vault gave it. */
export function explainRefusal(situation: Situation): Finding | undefined {
  const { status, code, inner, words, foreign, url } = situation.facts;
  const own = kinds.filter((kind) => kind.status === status);
  // A list call lost its words; what it asked for is still there.
  if (status === 400 && Number(url?.searchParams.get('maxresults')) > 25) return pageSize(situation);
  const kind =
    own.find((one) => one.code !== undefined && one.code === inner) ??
    // `SecretNotFound` is said of deleted secrets too: there the words come first.
    own.find(({ match }) => match.test(words)) ??
    own.find((one) => one.code !== undefined && one.code === code);
  if (kind !== undefined) return kind.explain(situation);
  // A path that the vault does not know is not a secret that it does not have.
  const isStranger = foreign || (status === 404 && code !== undefined);
  return isStranger || status === undefined ? undefined : otherwise[status]?.(situation);
}
