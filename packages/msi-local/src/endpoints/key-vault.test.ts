import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { answer } from '../routes.ts';
import { issueToken } from '../state/issue-token.ts';
import { createState } from '../state/state.ts';

function setUp(options = {}) {
  const state = createState(readConfig(options));
  const headers = { authorization: `Bearer ${issueToken(state)}` };
  const send = (method: string, path: string, body?: object) => {
    const url = path.startsWith('https:') ? path : `https://local.vault.azure.net${path}`;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return answer('key-vault', new Request(url, { method, headers, ...content }), state);
  };
  return { state, send };
}

const version = 'api-version=7.6';

describe('the vault', () => {
  it('understands a percent-encoded query key, as the JavaScript SDK sends it', async () => {
    const { send } = setUp({ secrets: { a: '1' } });
    expect((await send('GET', '/secrets/a/?api%2Dversion=2025-07-01')).status).toBe(200);
  });

  it('keeps every version and serves the latest', async () => {
    const { send } = setUp();
    const first = await (await send('PUT', `/secrets/a?${version}`, { value: '1' })).text().then(JSON.parse);
    await send('PUT', `/secrets/a?${version}`, { value: '2' });
    expect((await (await send('GET', `/secrets/a?${version}`)).text().then(JSON.parse)).value).toBe('2');
    expect((await (await send('GET', `${first.id}?${version}`)).text().then(JSON.parse)).value).toBe('1');
    const { value } = await (await send('GET', `/secrets/a/versions?${version}`)).text().then(JSON.parse);
    expect(value).toHaveLength(2);
    expect(value[0]).not.toHaveProperty('value');
  });

  it('hands out lists in pages whose links name the port', async () => {
    const secrets = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`s-${i}`, 'v']));
    const { send } = setUp({ secrets });
    const seen: string[] = [];
    let next: string | null = `/secrets?${version}`;
    for (let pages = 0; next !== null && pages < 9; pages++) {
      const body: { value: { id: string }[]; nextLink: string | null } = await (await send('GET', next))
        .text()
        .then(JSON.parse);
      seen.push(...body.value.map(({ id }) => id));
      next = body.nextLink;
      if (next !== null)
        expect(next).toMatch(/^https:\/\/local\.vault\.azure\.net:443\/secrets\?api-version=7\.6&\$skip/);
    }
    expect(new Set(seen).size).toBe(60);
  });

  it('changes properties without a new version, and refuses to read a disabled one', async () => {
    const { send } = setUp({ secrets: { a: '1' } });
    const patched = await (await send('PATCH', `/secrets/a/?${version}`, { attributes: { enabled: false } }))
      .text()
      .then(JSON.parse);
    expect(patched.attributes.enabled).toBe(false);
    expect((await send('GET', `/secrets/a?${version}`)).status).toBe(403);
    await send('PATCH', `/secrets/a?${version}`, { attributes: { enabled: true, exp: 1 } });
    // An expired secret is still readable: the dates are information only.
    expect((await send('GET', `/secrets/a?${version}`)).status).toBe(200);
  });

  it('deletes softly, blocks the name, recovers and purges', async () => {
    const { state, send } = setUp({ secrets: { a: '1' } });
    expect((await send('DELETE', `/secrets/a?${version}`)).status).toBe(403);
    state.permissions.grant(state.world.systemAssigned.objectId, 'delete', 'recover', 'purge');
    const deleted = await (await send('DELETE', `/secrets/a?${version}`)).text().then(JSON.parse);
    expect(deleted.recoveryId).toBe('https://local.vault.azure.net/deletedsecrets/a');
    state.clock.advance(1000);
    expect((await send('GET', `/secrets/a?${version}`)).status).toBe(404);
    const conflict = await (await send('PUT', `/secrets/a?${version}`, { value: '2' })).text().then(JSON.parse);
    expect(conflict.error.innererror.code).toBe('ObjectIsDeletedButRecoverable');
    expect((await (await send('GET', `/deletedsecrets?${version}`)).text().then(JSON.parse)).value).toHaveLength(1);
    expect((await send('POST', `/deletedsecrets/a/recover?${version}`)).status).toBe(200);
    state.clock.advance(1000);
    expect((await send('GET', `/secrets/a?${version}`)).status).toBe(200);
    await send('DELETE', `/secrets/a?${version}`);
    state.clock.advance(1000);
    expect((await send('DELETE', `/deletedsecrets/a?${version}`)).status).toBe(204);
    state.clock.advance(1000);
    expect((await send('PUT', `/secrets/a?${version}`, { value: '2' })).status).toBe(200);
  });

  type Step = [method: string, path: string, status: number, inner?: string];
  it.each<[string, before: [string, string][], Step[]]>([
    [
      'a deletion',
      [['DELETE', '/secrets/a']],
      [
        ['GET', '/secrets/a', 404],
        ['GET', '/deletedsecrets/a', 404],
        ['DELETE', '/deletedsecrets/a', 409, 'ObjectIsBeingDeleted'],
        ['POST', '/deletedsecrets/a/recover', 409, 'ObjectIsBeingDeleted'],
        ['PUT', '/secrets/a', 409, 'ObjectIsBeingDeleted'],
      ],
    ],
    [
      'a recovery',
      [
        ['DELETE', '/secrets/a'],
        ['POST', '/deletedsecrets/a/recover'],
      ],
      [
        ['GET', '/secrets/a', 404],
        ['GET', '/deletedsecrets/a', 404],
        ['PUT', '/secrets/a', 409, 'ObjectIsBeingRecovered'],
      ],
    ],
    [
      'a purge',
      [
        ['DELETE', '/secrets/a'],
        ['DELETE', '/deletedsecrets/a'],
      ],
      [
        ['GET', '/deletedsecrets/a', 404],
        ['DELETE', '/deletedsecrets/a', 404],
        ['PUT', '/secrets/a', 409, 'ObjectIsBeingDeleted'],
      ],
    ],
  ])('takes a second for %s, and does nothing else with that name meanwhile', async (_title, before, steps) => {
    const { state, send } = setUp({ secrets: { a: '1' } });
    state.permissions.grant(state.world.systemAssigned.objectId, 'delete', 'recover', 'purge');
    for (const [method, path] of before) {
      state.clock.advance(1000);
      expect((await send(method, `${path}?${version}`)).ok).toBe(true);
    }
    state.clock.advance(500);
    for (const [method, path, status, inner] of steps) {
      const response = await send(method, `${path}?${version}`, method === 'PUT' ? { value: '2' } : undefined);
      const { error } = await response.text().then(JSON.parse);
      expect([response.status, error.innererror?.code], `${method} ${path}`).toEqual([status, inner]);
    }
    for (const list of ['secrets', 'deletedsecrets']) {
      expect((await (await send('GET', `/${list}?${version}`)).text().then(JSON.parse)).value).toEqual([]);
    }
  });

  it('keeps dates as they are, in the year 9999 too', async () => {
    const { send } = setUp({ secrets: { a: '1' } });
    const attributes = { nbf: 2 ** 31, exp: 253_402_300_799 };
    await send('PUT', `/secrets/b?${version}`, { value: '1', attributes });
    const read = await (await send('GET', `/secrets/b?${version}`)).text().then(JSON.parse);
    expect(read.attributes).toMatchObject(attributes);
  });

  it.each([
    ['no value', {}],
    ['a value that is no text', { value: 1 }],
    ['too many tags', { value: 'v', tags: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`t${i}`, ''])) }],
    ['a date that is no number', { value: 'v', attributes: { exp: 'tomorrow' } }],
  ])('refuses %s', async (_title, body) => {
    const { send } = setUp();
    expect((await send('PUT', `/secrets/a?${version}`, body)).status).toBe(400);
  });

  it('takes a permission away as soon as it is revoked', async () => {
    const { state, send } = setUp({ secrets: { a: '1' } });
    state.permissions.revoke(state.world.systemAssigned.objectId, 'get');
    expect((await send('GET', `/secrets/a?${version}`)).status).toBe(403);
    expect((await send('GET', `/secrets?${version}`)).status).toBe(200);
  });
});

describe('of several vaults', () => {
  const vaults = ['local', 'other-kv'];
  const at = (vault: string, name = 'a') => `https://${vault}.vault.azure.net/secrets/${name}?${version}`;

  it('each has secrets of its own, and the first has those that name no vault', async () => {
    const { state, send } = setUp({ vaults, secrets: { a: '1', 'Other-KV/b': '2' } });
    const statuses = async (...urls: string[]) => Promise.all(urls.map(async (url) => (await send('GET', url)).status));
    expect(await statuses(at('local'), at('LOCAL'), at('other-kv'))).toEqual([200, 200, 404]);
    expect(await statuses(at('local', 'b'), at('other-kv', 'b'))).toEqual([404, 200]);
    await send('PUT', at('other-kv'), { value: 'its own' });
    expect((await (await send('GET', at('other-kv'))).text().then(JSON.parse)).value).toBe('its own');
    expect((await (await send('GET', at('local'))).text().then(JSON.parse)).value).toBe('1');
    expect(state.vaults.of('other-kv').list('live')).toHaveLength(2);
  });

  it('all are one where none is named', async () => {
    const { send } = setUp({ secrets: { a: '1' } });
    for (const vault of ['local', 'other-kv', 'anything']) expect((await send('GET', at(vault))).status).toBe(200);
  });
});

it('a program may delete and purge where it is told so', async () => {
  const { state, send } = setUp({ secrets: { a: '1' }, permissions: ['delete', 'purge'] });
  expect((await send('DELETE', `/secrets/a?${version}`)).status).toBe(200);
  state.clock.advance(1000);
  expect((await send('DELETE', `/deletedsecrets/a?${version}`)).status).toBe(204);
  expect((await send('GET', `/secrets/a?${version}`)).status).toBe(403);
});

it.each(['vault.usgovcloudapi.net', 'vault.azure.cn'])(
  'a token of the public cloud is refused at %s',
  async (suffix) => {
    const { send } = setUp({ secrets: { a: '1' } });
    const response = await send('GET', `https://local.${suffix}/secrets/a?${version}`);
    expect([response.status, await response.text()]).toEqual([
      401,
      expect.stringContaining('AKV10022: Invalid audience'),
    ]);
    expect(response.headers.get('www-authenticate')).toContain(`resource="https://${suffix}"`);
  },
);
