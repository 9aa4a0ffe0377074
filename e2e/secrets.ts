import { readFileSync, statSync } from 'node:fs';
import type { Local } from 'msi-local';

/** A value of the vault that no output may hold. */
export const marker = 'MARKER-of-a-secret';

type Variables = Readonly<Record<string, string | undefined>>;

/** Files that hold a proof of identity: a certificate's key, a pod's token. */
const files = ['AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE'];

/**
 * What of a program's run may stand nowhere: the secrets among its variables and in the files that they name, the password
 * of its proxy, and every token that the stand-in has issued so far, whole and in parts, to it or to whoever asked for it.
 */
export function secretsOf(local: Local, variables: Variables): string[] {
  const set = Object.entries(variables).flatMap(([name, value]) =>
    /HEADER$|SECRET$|TOKEN$/.test(name) && (value ?? '').length > 7 ? [value ?? ''] : [],
  );
  const passwords = ['HTTPS_PROXY', 'https_proxy'].flatMap((name) => {
    const url = variables[name] ?? '';
    return URL.canParse(url) && new URL(url).password !== '' ? [new URL(url).password] : [];
  });
  // The first part of a token, its header, is the same in all of them; the check for `eyJ` finds it.
  const tokens = local.issued.flatMap((token) => [token, ...token.split('.').slice(1)]);
  return [marker, ...new Set([...set, ...passwords, ...files.flatMap((name) => linesOf(variables[name])), ...tokens])];
}

/** The lines of a file that are nobody's business; the public part of a certificate is among them. */
function linesOf(path: string | undefined): string[] {
  try {
    // Reading a pipe would not end.
    if (!statSync(path ?? '').isFile()) return [];
    const lines = readFileSync(path ?? '', 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line.length > 20 && !line.startsWith('-----'));
  } catch {
    return [];
  }
}

/** Which of them stand in a text, as they are or as JSON, a URL or a form writes them, and what else looks like a token. */
export function leaksIn(text: string, secrets: readonly string[]): string[] {
  const forms = (secret: string) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  const found = secrets.filter((secret) => forms(secret).some((form) => text.includes(form)));
  return [...found, ...(/MARKER|eyJ[\w-]{8}/.exec(text) ?? [])];
}
