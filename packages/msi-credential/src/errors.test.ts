import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  AuthenticationError,
  CredentialUnavailableError,
  credentialError,
  docsOf,
  errorCodes,
  hintOf,
} from './errors.ts';
import { sources } from './select.ts';

const guide = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
const headings = (section: RegExp) => (section.exec(guide)?.[1] ?? '').match(/(?<=^### ).+$/gm) ?? [];

describe('every code', () => {
  test.each(errorCodes)('%s has advice, a class and a heading', (code) => {
    const error = credentialError(code, 'Something happened.');
    expect(error.message).toBe(`Something happened. ${hintOf(code)} [${code}, ${docsOf(code)}]`);
    const section =
      error instanceof CredentialUnavailableError
        ? /## Errors: nothing was attempted([\s\S]*?)\n## /
        : /## Errors: it was attempted([\s\S]*)$/;
    expect(headings(section)).toContain(code);
  });

  test('has its heading, and no heading is without a code', () => {
    const all = [
      ...headings(/## Errors: nothing was attempted([\s\S]*?)\n## /),
      ...headings(/## Errors: it was attempted([\s\S]*)$/),
    ];
    expect(all.toSorted()).toEqual([...errorCodes].toSorted());
  });

  test('every source has a heading too', () => {
    expect(headings(/## Sources([\s\S]*?)\n## /).toSorted()).toEqual(sources.map(({ name }) => name).toSorted());
  });
});

describe('an error', () => {
  test("has the name that the Azure SDK's chains know", () => {
    expect(credentialError('ERR_NO_SOURCE', 'x').name).toBe('CredentialUnavailableError');
    expect(credentialError('ERR_REFUSED', 'x').name).toBe('AuthenticationError');
  });

  test('keeps its cause and the other failures, and goes into JSON with what matters', () => {
    const cause = new Error('why');
    const error = new AuthenticationError('ERR_REFUSED', 'No.', {
      cause,
      status: 500,
      source: 'app-service',
      errors: [cause],
    });
    expect(error).toMatchObject({ cause, errors: [cause] });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: 'AuthenticationError',
      code: 'ERR_REFUSED',
      status: 500,
      source: 'app-service',
    });
  });
});
