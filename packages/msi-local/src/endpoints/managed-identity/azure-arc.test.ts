import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import type { ArcOptions, HostileChallenge } from '../../state/arc-keys.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';
import type { State } from '../../types.ts';

const query = 'api-version=2020-06-01&resource=https://vault.azure.net';
let folder: string;
let directory: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc-test-'));
  directory = join(folder, 'var', 'tokens');
});
afterEach(() => {
  state?.arcKeys.remove();
  rmSync(folder, { recursive: true });
});

function start(arc: ArcOptions = {}) {
  state = createState(readConfig({ arc: { directory, ...arc } }));
}

function get(more = '', headers: Record<string, string> = {}, search = query) {
  const url = `http://127.0.0.1:4141/metadata/identity/oauth2/token?${search}${more}`;
  return answer('azure-arc', new Request(url, { headers: { metadata: 'true', ...headers } }), state);
}

const pathIn = (response: Response) =>
  /^Basic realm=(.*)$/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';

/** Both steps, as a client takes them. */
async function ask(more = '') {
  const key = readFileSync(pathIn(await get(more)), 'utf8');
  return get(more, { authorization: `Basic ${key}` });
}

describe("Azure Arc's agent", () => {
  it('names a new key file for each challenge, which only its user can read', async () => {
    start();
    const paths = [pathIn(await get()), pathIn(await get())];
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) {
      expect(path.startsWith(`${directory}/`)).toBe(true);
      expect(path).toMatch(/\/[0-9a-f-]{36}\.key$/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it('takes each key once and removes its file', async () => {
    start();
    const path = pathIn(await get());
    const headers = { authorization: `Basic ${readFileSync(path, 'utf8')}` };
    expect((await get('', headers)).status).toBe(200);
    expect(existsSync(path)).toBe(false);
    const again = await get('', headers);
    expect([again.status, pathIn(again).endsWith('.key')]).toEqual([401, true]);
  });

  it('takes no key that waited too long, nor keeps its file', async () => {
    start();
    const path = pathIn(await get());
    const key = readFileSync(path, 'utf8');
    state.clock.advance(61_000);
    expect((await get('', { authorization: `Basic ${key}` })).status).toBe(401);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['no Metadata header', query, { metadata: 'TRUE' }, 400],
    ['an unknown api-version', query.replace('2020', '2031'), {}, 400],
    ['no resource', 'api-version=2020-06-01', {}, 400],
    ['a repeated parameter', `${query}&api-version=2020-06-01`, {}, 400],
    ['two selectors', `${query}&client_id=a&object_id=b`, {}, 400],
    ['a made-up key', query, { authorization: 'Basic abc' }, 401],
    ['a Bearer token', query, { authorization: 'Bearer abc' }, 401],
  ])('refuses %s', async (_title, search, headers, status) => {
    start();
    expect((await get('', headers, search)).status).toBe(status);
  });

  it.each(['2019-08-15', '2019-11-01', '2020-06-01'])('knows the api-version %s', async (version) => {
    start();
    expect((await get('', {}, query.replace('2020-06-01', version))).status).toBe(401);
  });

  it('ignores mi_res_id and answers with the identity of the machine', async () => {
    start();
    const body = await (await ask(`&mi_res_id=${state.world.userAssigned.resourceId}`)).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.oid).toBe(state.world.systemAssigned.objectId);
    expect(body).not.toHaveProperty('mi_res_id');
  });

  it('as an old agent ignores every selector and repeats none', async () => {
    start({ agent: 'old' });
    const body = await (await ask(`&client_id=${state.world.userAssigned.clientId}`)).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.oid).toBe(state.world.systemAssigned.objectId);
    expect(body).toMatchObject({ resource: '' });
    expect(body).not.toHaveProperty('client_id');
  });

  const hostile: HostileChallenge[] = [
    ...(['other-directory', 'look-alike', 'dot-dot', 'wrong-extension', 'quoted', 'too-large', 'symlink'] as const),
    ...(['missing-file', 'no-realm', 'bearer', 'no-header'] as const),
  ];
  it.each(hostile)('with the challenge "%s" gives nobody a token, not even who falls for it', async (challenge) => {
    start({ challenge });
    const path = pathIn(await get()).replaceAll('"', '');
    const key = existsSync(path) ? readFileSync(path, 'utf8') : 'guessed';
    expect((await get('', { authorization: `Basic ${key}` })).status).toBe(401);
    state.arcKeys.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves folders that were there', async () => {
    start();
    await get();
    state.arcKeys.remove();
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });
});
