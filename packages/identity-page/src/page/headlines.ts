import type { Explanation } from 'msi-credential';

/** Headlines for what goes wrong before the vault is asked: its explanations have titles of their own. */
const headlines: Readonly<Record<string, string>> = {
  ERR_NO_SOURCE: 'Nothing here can give a token',
  ERR_SOURCE_INCOMPLETE: 'A setting is missing',
  ERR_SETTING_INVALID: 'A setting has a wrong value',
  ERR_HOST_WITHOUT_IDENTITY: 'Managed identity is not enabled',
  ERR_IDENTITY_NOT_FOUND: 'The host does not have this identity',
  ERR_IDENTITY_UNSUPPORTED: 'The host cannot select an identity by this id',
  ERR_TOOL_UNAVAILABLE: 'Nobody is signed in',
  ERR_PROBE_FAILED: 'Nobody is signed in',
  ERR_UNREACHABLE: 'The token service is out of reach',
  ERR_TIMEOUT: 'The token service did not answer in time',
  ERR_THROTTLED: 'The token service asks for a pause',
  ERR_REFUSED: 'The token service refused',
  ERR_RESPONSE_MALFORMED: 'Something other than the token service answered',
};

/** An error of the server is no refusal, and may be the vault's own as well as somebody else's. */
const serverErrors: Readonly<Record<string, string>> = {
  ERR_REFUSED: 'The token service failed',
  KV_UNEXPECTED_RESPONSE: 'The vault failed, or something on the way to it',
};

/** What failed, in a few words. */
export function headlineOf({ code, title, status = 0 }: Explanation): string {
  return (status >= 500 ? serverErrors[code] : undefined) ?? headlines[code] ?? title ?? 'There is no token';
}
