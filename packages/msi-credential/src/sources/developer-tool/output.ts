// Reads the token that az and azd print, whatever else is printed around it.
import type { AccessToken } from '@azure/core-auth';
import { withoutColours } from '../../failures/printable.ts';
import { field, parseJson, textField } from '../../tokens/read-token.ts';

/** No token is longer, and no notice. */
const longest = 100_000;

/**
 * The token in a tool's output: colours and notices around the JSON are passed over, and a Python dictionary is read as
 * well. Undefined where there is none.
 */
export function readOutput(output: string): AccessToken | undefined {
  const text = withoutColours(output.slice(0, longest));
  const end = text.lastIndexOf('}') + 1;
  // A notice may have braces of its own.
  for (let start = text.indexOf('{'), tries = 0; start >= 0 && start < end && tries < 20; tries += 1) {
    const token = tokenIn(text.slice(start, end));
    if (token !== undefined) return token;
    start = text.indexOf('{', start + 1);
  }
  return undefined;
}

function tokenIn(text: string): AccessToken | undefined {
  const json = parseJson(text) ?? parseJson(fromPython(text));
  const token = textField(json, 'accessToken') ?? textField(json, 'token');
  const seconds = Number(field(json, 'expires_on'));
  const expiresOnTimestamp = seconds > 0 ? seconds * 1000 : Date.parse(textField(json, 'expiresOn') ?? '');
  return token === undefined || Number.isNaN(expiresOnTimestamp) ? undefined : { token, expiresOnTimestamp };
}

/** `{'accessToken': 'x', 'tenant': None}` as JSON: https://docs.python.org/3/library/stdtypes.html#dict */
function fromPython(text: string): string {
  const names: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };
  return text.replace(
    /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(?:None|True|False)\b/g,
    (all, single: string | undefined) =>
      single === undefined ? (names[all] ?? all) : JSON.stringify(single.replace(/\\(['"\\])/g, '$1')),
  );
}
