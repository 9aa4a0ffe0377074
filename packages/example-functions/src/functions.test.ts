import { describe, expect, test } from 'vitest';
import { runLocal } from '../../../e2e/run-local.ts';

const withoutIdentity = ['IDENTITY_ENDPOINT=', 'IDENTITY_HEADER=', 'MSI_ENDPOINT=', 'MSI_SECRET='];

/** What a function answers, invoked as its host does, and what it logged. */
async function invoke(name: 'ping' | 'secret', flags: readonly string[] = [], changes: readonly string[] = []) {
  const run = ['--as', 'functions', '--secret', 'secret=xyzzy', ...flags];
  const { stdout, stderr } = await runLocal(run, ['invoke-function.js', name, ...changes]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the functions', () => {
  test('are registered, and the secret needs a key', async () => {
    const { functions, trigger } = await invoke('secret');
    expect(functions).toEqual(['ping', 'secret']);
    expect(trigger).toMatchObject({ methods: ['GET'], authLevel: 'function', direction: 'in' });
  });

  test('answer a ping without Azure', async () => {
    expect(await invoke('ping', [], [...withoutIdentity, 'KEY_VAULT_URL=', 'KEY_VAULT_URI='])).toMatchObject({
      status: 200,
      body: 'Hello World!!!',
    });
  });

  test.each([[[]], [['--user-assigned']]])('answer the secret and whose token read it: %j', async (flags) => {
    const { status, headers, body, logs } = await invoke('secret', flags);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' });
    const guid = '[0-9a-f-]{36}';
    expect(body).toMatch(
      new RegExp(
        `^Your secret value is: xyzzy\\.\\nRead by app-service, object id ${guid}, application id ${guid}\\n$`,
      ),
    );
    expect(logs.join('\n')).not.toContain('xyzzy');
  });

  test.concurrent.each<[string, string[], string[], number, string, string]>([
    ['a refusal by roles', ['--deny'], [], 502, 'KV_DENIED_BY_RBAC', 'az role assignment create'],
    [
      'a refusal by policies',
      ['--deny', '--access-policies'],
      [],
      502,
      'KV_DENIED_BY_POLICY',
      'az keyvault set-policy',
    ],
    [
      'an app without identity',
      [],
      withoutIdentity,
      503,
      'ERR_HOST_WITHOUT_IDENTITY',
      'az functionapp identity assign',
    ],
    ['no vault', [], ['KEY_VAULT_URL=', 'KEY_VAULT_URI='], 503, 'KV_URL_MISSING', 'KEY_VAULT_URL'],
    ['a vault that is no URL', [], ['KEY_VAULT_URL=my-vault'], 503, 'KV_URL_INVALID', 'KEY_VAULT_URL'],
    ['a secret that is not there', [], ['SECRET_NAME=other'], 502, 'KV_SECRET_NOT_FOUND', 'other'],
  ])('explain %s, without stack or secret', async (_, flags, changes, status, code, step) => {
    const answer = await invoke('secret', flags, changes);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`${code}: https://`);
    expect(answer.body).toContain(step);
    expect(answer.logs).toEqual([expect.stringMatching(new RegExp(`^${code}: `))]);
    expect([answer.body, ...answer.logs].join('\n')).not.toMatch(/xyzzy|\n\s+at |node_modules|eyJ/);
  });
});
