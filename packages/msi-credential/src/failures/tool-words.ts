// What a tool says when it has no token: the part of it that matters.
import { withoutColours } from './printable.ts';

/** Whether the words are about signing in: the tool's own request for it, or a number of Entra's. */
export function isAboutSignIn(words: string): boolean {
  return /\b(az|azd auth|azd) login\b|Connect-AzAccount|sign(ed)? in|not logged in|log ?in|No accounts? (were )?found|authenticat|AADSTS\d|invalid_grant|interaction_required|expired/i.test(
    words,
  );
}

/**
 * The part of a tool's output that says what went wrong: azd's error in its JSON, what az marks with ERROR, the last line of
 * a Python traceback.
 */
export function essenceOf(output: string): string {
  const text = withoutColours(output).slice(0, 20_000);
  const json = azdError(text);
  if (json !== undefined) return json;
  const marked = /^ERROR: [\s\S]*/m.exec(text)?.[0] ?? text;
  const [before = '', ...after] = marked.split(/^Traceback \(most recent call last\):$/m);
  const plain = before
    .replace(/The command failed with an unexpected error\. Here is the traceback:\s*(ERROR: )?/, '')
    .trim();
  if (after.length === 0 || plain.length > 'ERROR: '.length) return plain.replace(/^ERROR: /, '');
  const thrown = after.at(-1)?.match(/^[A-Za-z_][\w.]*: .*$/gm);
  return thrown?.at(-1) ?? marked;
}

/** https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/identity/identity/src/credentials/azureDeveloperCliCredential.ts */
function azdError(text: string): string | undefined {
  const messages = text.split('\n').flatMap((line) => {
    if (!line.trim().startsWith('{')) return [];
    try {
      const { error, data } = JSON.parse(line);
      return [error, data?.message].filter((each) => typeof each === 'string' && each.trim() !== '');
    } catch {
      return [];
    }
  });
  return messages[0]?.trim();
}
