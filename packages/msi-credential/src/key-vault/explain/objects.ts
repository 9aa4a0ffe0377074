// Keys, certificates and what belongs to them: they are in a vault, too, and are no secrets.
import { quote } from './answer.ts';
import { listDeleted, recover } from './commands.ts';
import { isOfVault, type Rule } from './rule.ts';

export const objectRules: readonly Rule[] = [
  {
    // The secret and the key of a certificate: https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
    code: 'KV_MANAGED_BY_CERTIFICATE',
    status: 403,
    signs: [
      'SecretManagedByKeyVault',
      'KeyManagedByKeyVault',
      /lifetime is managed by Key Vault|is associated with a certificate/i,
    ],
    cause: ({ object, names }) =>
      `${object === 'key' ? 'Key' : 'Secret'} ${names.secret} is part of a certificate of that name in vault ${names.vault}. It changes and goes with the certificate only. No role and no permission changes that.`,
    fix: [
      {
        text: 'Change, import or delete the certificate instead. This shows it:',
        run: 'az keyvault certificate show --vault-name {vault} -n {secret} --query id -o tsv',
      },
      'If you meant a secret of your own, give it another name.',
    ],
  },
  {
    // `key_ops` and the attributes of a key: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
    code: 'KV_KEY_UNUSABLE',
    status: 403,
    signs: [
      'KeyOperationForbidden',
      'KeyDisabled',
      'KeyExpired',
      'KeyNotYetValid',
      /is not permitted on this key|on an? (disabled|expired|not yet valid) key/i,
    ],
    cause: ({ facts, names }) =>
      `Key ${names.secret} of vault ${names.vault} is disabled, outside its dates, or made for other operations. No role and no permission changes that.${quote(facts)}`,
    fix: [
      {
        text: 'See its state and its operations:',
        run: 'az keyvault key show --vault-name {vault} -n {secret} --query "{attributes:attributes, operations:key.keyOps}"',
      },
      {
        text: 'If it is disabled, enable it:',
        run: 'az keyvault key set-attributes --vault-name {vault} -n {secret} --enabled true',
      },
    ],
  },
  {
    code: 'KV_OBJECT_NOT_FOUND',
    status: 404,
    cause: ({ facts, object, names }) =>
      `Vault ${names.vault} does not have this ${object}, or it is soft-deleted.${quote(facts)}`,
    fix: [
      {
        text: 'See which there are:',
        run: 'az keyvault {object} list --vault-name {vault} --query "[].name" -o tsv',
      },
      listDeleted,
      { text: 'If it is among the deleted ones:', run: recover },
    ],
    // Stand-ins have codes of their own.
    when: (situation) =>
      isOfVault(situation) &&
      situation.object !== 'secret' &&
      (situation.standIn || /NotFound$|^$/.test(situation.facts.code ?? '')),
  },
];
