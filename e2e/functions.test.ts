import { describe, expect, test } from 'vitest';
import { runLocal } from './run-local.ts';

const withoutIdentity = ['IDENTITY_ENDPOINT=', 'IDENTITY_HEADER=', 'MSI_ENDPOINT=', 'MSI_SECRET='];

/** What the function of example-functions answers, invoked as its host does, and what it logged. */
async function invoke(accept: string, flags: readonly string[] = [], changes: readonly string[] = []) {
  const run = ['--as', 'functions', '--secret', 'secret=xyzzy', ...flags];
  const { stdout, stderr } = await runLocal(run, ['invoke-function.js', accept, ...changes]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the function', () => {
  test('is registered where callers need a key', async () => {
    const { functions, name, trigger } = await invoke('*/*');
    expect({ functions, name }).toEqual({ functions: 1, name: 'secret' });
    expect(trigger).toMatchObject({ route: 'secret', methods: ['GET'], authLevel: 'function', direction: 'in' });
  });

  test('answers programs in JSON', async () => {
    const { status, headers, body } = await invoke('application/json');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({
      value: 'xyzzy',
      source: 'app-service',
      reason: expect.stringContaining('IDENTITY_ENDPOINT'),
      principal: expect.objectContaining({ objectId: expect.any(String) }),
    });
  });

  test('answers people in text', async () => {
    const { status, headers, body, logs } = await invoke('*/*');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toMatch(/^Your secret value is: xyzzy\.\nSource: app-service \(.+\)\nObject id: [0-9a-f-]{36}\n$/);
    expect(logs.join('\n')).not.toContain('xyzzy');
  });

  test('reads as the user-assigned identity where the host has only that', async () => {
    const { body } = await invoke('application/json', ['--user-assigned']);
    expect(JSON.parse(body)).toMatchObject({ value: 'xyzzy', source: 'app-service' });
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
    ['an app without identity', [], withoutIdentity, 503, 'ERR_HOST_WITHOUT_IDENTITY', 'restart'],
    ['no vault', [], ['KEY_VAULT_URL=', 'KEY_VAULT_URI='], 503, 'NOT_CONFIGURED', 'KEY_VAULT_URL'],
    ['a vault that is no URL', [], ['KEY_VAULT_URL=my-vault'], 503, 'NOT_CONFIGURED', 'KEY_VAULT_URL'],
    ['a secret that is not there', [], ['SECRET_NAME=other'], 502, 'KV_SECRET_NOT_FOUND', 'other'],
  ])('explains %s, without stack or secret', async (_, flags, changes, status, code, step) => {
    const asked = await invoke('application/json', flags, changes);
    const { error } = JSON.parse(asked.body);
    expect({ status: asked.status, code: error.code }).toEqual({ status, code });
    expect(error.fix.join('\n')).toContain(step);
    const shown = await invoke('*/*', flags, changes);
    expect(shown.status).toBe(status);
    // Each request has an id of its own.
    const [told, expected] = [shown.body, `${error.title}. ${error.cause}\n  - ${error.fix[0]}\n`].map((text) =>
      text.replace(/(?<=x-ms-request-id )[\w-]+/, 'ID'),
    );
    expect(told).toContain(expected);
    expect(asked.logs).toEqual([`${code}: ${error.title}`]);
    expect([asked.body, shown.body, ...shown.logs].join('\n')).not.toMatch(/xyzzy|\n\s+at |node_modules|eyJ/);
  });
});
