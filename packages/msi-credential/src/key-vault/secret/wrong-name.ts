import type { Explanation } from '../../codes.ts';
import { toFix } from '../../failures/steps.ts';
import { explain, type KeyVaultErrorCode } from '../explain/codes.ts';
import { invalidName } from '../explain/request.ts';
import { isSecretName } from './names.ts';

/** What somebody meant who wrote this for the name of a secret. It is repeated only in the shape of a name. */
export function explainName(text: string): Explanation<KeyVaultErrorCode> {
  const { code, cause, fix } = invalidName;
  const told = (what: string, write: string) => explain(code, `${what} ${cause}`, [{ text: write }]);
  const [, origin, path] =
    /^(https:\/\/[0-9a-z.-]{1,253}(?::\d{1,5})?)?\/*(?:secrets\/)?(.*)$/i.exec(text.trim()) ?? [];
  const [name, version, ...more] = path?.replace(/\/$/, '').split('/') ?? [];
  const isIdentifier = more.length === 0 && isSecretName(name) && (version === undefined || isSecretName(version));
  if (/^@Microsoft\.KeyVault\(/i.test(text)) {
    return told(
      'This is a Key Vault reference, not a name.',
      'Resolve it: await resolveKeyVaultReferences({ NAME: reference }).',
    );
  }
  if (!isIdentifier) return explain(code, cause, toFix(fix));
  const options = [origin && `vaultUrl: '${origin.toLowerCase()}'`, version && `version: '${version}'`].filter(Boolean);
  const rest = options.length > 0 ? `, { ${options.join(', ')} }` : '';
  const what = origin
    ? 'This is the identifier of a secret, not its name.'
    : version
      ? 'This is a name with a version. The version is an option of its own.'
      : 'This is a path, not a name.';
  return told(what, `Write getKeyVaultSecret('${name}'${rest}).`);
}
