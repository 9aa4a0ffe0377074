import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorCodes, misuseCodes, warningCodes } from './codes.ts';
import {
  AuthenticationError,
  CredentialUnavailableError,
  credentialError,
  docsOf,
  hintOf,
  isCredentialError,
  misuse,
} from './errors.ts';
import { getKeyVaultCredential } from './index.ts';
import { sources } from './selection/select.ts';
import type { CredentialOptions } from './types.ts';

const guide = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
/** The headings of a part of the guide. */
function headings(part: string): string[] {
  const text = guide.split(/^## /m).find((each) => each.startsWith(`${part}\n`));
  return text?.match(/(?<=^### ).+$/gm) ?? [];
}
const [unavailable, refused] = ['Errors: nothing was attempted', 'Errors: it was attempted'] as const;

describe('every code', () => {
  test.each(errorCodes)('%s has advice, a class and a heading', (code) => {
    const error = credentialError(code, 'Something happened.');
    expect(error.message).toBe(`Something happened. ${hintOf(code)} [${code}, ${docsOf(code)}]`);
    expect(headings(error instanceof CredentialUnavailableError ? unavailable : refused)).toContain(code);
  });

  test('has its heading, and no heading is without a code', () => {
    expect([...headings(unavailable), ...headings(refused)].toSorted()).toEqual([...errorCodes].toSorted());
    expect(headings('Errors: the program is wrong')).toEqual(misuseCodes);
    expect(headings('Warnings')).toEqual(warningCodes);
  });

  test('every source has a heading too', () => {
    expect(headings('Sources').toSorted()).toEqual(sources.map(({ name }) => name).toSorted());
  });
});

describe('a mistake in the calling program', () => {
  const guid = 'a0000000-0000-4000-8000-0000000000c2';
  test.each<[string, () => unknown]>([
    ['ERR_OPTION_INVALID', () => credentialWith({ clientId: 5 as never })],
    ['ERR_TWO_IDENTITIES', () => credentialWith({ clientId: guid, objectId: guid })],
    ['ERR_EMPTY_IDENTITY', () => credentialWith({ clientId: ' ' })],
    ['ERR_UNKNOWN_SOURCE', () => credentialWith({ source: 'nowhere' as 'imds' })],
    ['ERR_UNKNOWN_SOURCE', () => credentialWith({ source: [] })],
    ['ERR_TIMEOUT_INVALID', () => credentialWith({ timeoutMs: -1 })],
    ['ERR_SCOPE', () => credentialWith({}).getToken([])],
  ])('is a TypeError with its code, what to do, and the address of its heading: %s', async (code, use) => {
    const error = await Promise.resolve()
      .then(use)
      .catch((thrown: unknown) => thrown);
    const docs = `https://github.com/msi-credential/msi-credential/blob/main/docs/troubleshooting.md#${code.toLowerCase()}`;
    expect(error).toMatchObject({ name: 'TypeError', code, docs, hint: expect.stringMatching(/\.$/) });
    expect((error as Error).message).toMatch(/^\w.*\. [A-Z].*\. \[/);
    expect((error as Error).message.endsWith(` [${code}, ${docs}]`)).toBe(true);
  });

  test.each(misuseCodes)('%s is not taken for an error of the credential', (code) => {
    expect(isCredentialError(misuse(code, 'Something is wrong.'))).toBe(false);
  });

  const credentialWith = (options: CredentialOptions) => getKeyVaultCredential({ env: {}, ...options });
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
