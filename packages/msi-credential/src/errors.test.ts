import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  docsUrl,
  type ErrorCode,
  errorCodes,
  explain,
  formatFix,
  isUnavailableCode,
  misuseCodes,
  warningCodes,
} from './codes.ts';
import {
  AuthenticationError,
  CredentialUnavailableError,
  credentialError,
  errorOf,
  explanationOf,
  isCredentialError,
  misuse,
} from './errors.ts';
import { getKeyVaultCredential } from './index.ts';
import { sources } from './sources/index.ts';
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
    const { fix } = explain(code, '');
    expect(error.message).toBe(`Something happened. ${formatFix(fix)} [${code}, ${docsUrl}#${code.toLowerCase()}]`);
    expect(error).toBeInstanceOf(isUnavailableCode(code) ? CredentialUnavailableError : AuthenticationError);
    expect(headings(error instanceof CredentialUnavailableError ? unavailable : refused)).toContain(code);
  });

  test('has its heading, and no heading is without a code', () => {
    expect([...headings(unavailable), ...headings(refused)].toSorted()).toEqual([...errorCodes].toSorted());
    expect(headings('Errors: the program is wrong')).toEqual(misuseCodes);
    expect(headings('Warnings')).toEqual(warningCodes);
  });

  // An instruction is whole sentences; one that introduces a command ends with a colon.
  test.each([...errorCodes, ...misuseCodes])('%s has advice in whole sentences', (code) => {
    const { fix, docs } = explain(code, 'Something happened.');
    expect(fix.length).toBeGreaterThan(0);
    for (const { text, run } of fix) expect(text).toMatch(run ? /^[A-Z].*:$/ : /^[A-Z].*\.$/);
    expect(docs).toBe(`${docsUrl}#${code.toLowerCase()}`);
  });

  test('is in the catalogue, with its class and its advice', async () => {
    const classOf = (code: ErrorCode) => credentialError(code, '').name;
    const rows = [
      ...errorCodes.map((code) => [code, classOf(code)] as const),
      ...misuseCodes.map((code) => [code, misuse(code, '').name] as const),
    ];
    const told = rows.map(([code, kind]) => `${code}, ${kind}\n  ${formatFix(explain(code, '').fix)}\n`);
    await expect(told.join('\n')).toMatchFileSnapshot('./__snapshots__/codes.txt');
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
  test('has its explanation as data, and the same as text', () => {
    const fix = [{ text: 'Do this:', run: 'az login' }, { text: 'Then that.' }];
    const explanation = explain('ERR_REFUSED', 'It said no.', { fix, status: 400 });
    const error = errorOf(explanation, 'app-service');
    expect(error).toMatchObject({ code: 'ERR_REFUSED', docs: explanation.docs, source: 'app-service', status: 400 });
    expect(error.explanation).toEqual(explanation);
    expect(explanationOf(error)).toEqual(explanation);
    expect(error.hint).toBe('Do this: `az login`. Then that.');
    expect(error.message).toBe(`It said no. ${error.hint} [ERR_REFUSED, ${explanation.docs}]`);
  });

  test('is told from any other by its explanation, and not by its name or shape', () => {
    const name = 'AuthenticationError';
    const stranger = Object.assign(new Error('no'), {
      name,
      code: 'ERR_REFUSED',
      explanation: explain('ERR_REFUSED', 'no'),
    });
    for (const value of [
      stranger,
      new Error('no'),
      { ...credentialError('ERR_REFUSED', 'no') },
      undefined,
      null,
      'no',
    ]) {
      expect([explanationOf(value), isCredentialError(value)]).toEqual([undefined, false]);
    }
    expect(isCredentialError(credentialError('ERR_REFUSED', 'no'))).toBe(true);
    expect(explanationOf(misuse('ERR_SCOPE', 'None.'))).toEqual(explain('ERR_SCOPE', 'None.'));
  });

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
