import { createHash, randomUUID, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { answer } from './routes.ts';
import { issueToken } from './state/issue-token.ts';
import { createState } from './state/state.ts';
import type { Site, State } from './types.ts';
import { createClientCertificate } from './wire/certificates.ts';

// The stand-in's rows of protocols/*.json: the request goes in, the answer must be the recorded one.

interface Exchange {
  title: string;
  scripted?: boolean;
  variables: Record<string, string>;
  request: {
    method: string;
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    form?: Record<string, string>;
    body?: Record<string, unknown>;
  };
  reply: { status: number; headers: Record<string, string>; body: unknown; match?: string[] };
  token?: { expiresIn?: number; notBeforeIn?: number; text?: string; audience?: string };
  assertion?: { alg: 'PS256' | 'RS256'; thumbprint: 'x5t' | 'x5t#S256'; expiresIn?: number; certificate?: 'unknown' };
  permissionModel?: 'access-policies';
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../protocols/${name}.json`, import.meta.url), 'utf8'));
const exchanges = (name: string): Exchange[] =>
  read(name).exchanges.filter((exchange: Exchange) => exchange.scripted !== true);

type Certificate = Awaited<ReturnType<typeof createClientCertificate>>;
let registered: Certificate;
let unknown: Certificate;
beforeAll(async () => {
  [registered, unknown] = await Promise.all([createClientCertificate('local'), createClientCertificate('stranger')]);
});

function stateFor(exchange: Exchange): State {
  const options = {
    secrets: { 'db-password': 'example' },
    permissionModel: exchange.permissionModel ?? ('rbac' as const),
  };
  const state = createState(readConfig(options, exchange.assertion && registered));
  if (exchange.request.path.includes('disabled')) state.secrets.set('disabled', 'v', { enabled: false });
  return state;
}

function clientAssertion(exchange: Exchange): string {
  const { alg, thumbprint, expiresIn = 600, certificate } = exchange.assertion ?? { alg: 'PS256', thumbprint: 'x5t' };
  const { certPem, keyPem } = certificate === 'unknown' ? unknown : registered;
  const hash = createHash(thumbprint === 'x5t' ? 'sha1' : 'sha256').update(new X509Certificate(certPem).raw);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const client = exchange.variables.AZURE_CLIENT_ID;
  const aud = `https://login.microsoftonline.com${exchange.request.path}`;
  const claims = { aud, iss: client, sub: client, jti: randomUUID(), nbf: now, exp: now + expiresIn };
  const signed = `${encode({ alg, typ: 'JWT', [thumbprint]: hash.digest('base64url') })}.${encode(claims)}`;
  const padding = alg === 'PS256' ? { padding: 6, saltLength: 32 } : {};
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: keyPem, ...padding }).toString('base64url')}`;
}

async function requestOf(exchange: Exchange, origin: string, host: string, state: State): Promise<Request> {
  const { expiresIn, notBeforeIn, text, ...rest } = exchange.token ?? {};
  const soon = (inSeconds: number | undefined) =>
    inSeconds === undefined ? {} : new Date(Date.now() + inSeconds * 1000);
  const token = await issueToken(state, {
    ...rest,
    ...(expiresIn === undefined ? {} : { expiresAt: soon(expiresIn) as Date }),
    ...(notBeforeIn === undefined ? {} : { notBefore: soon(notBeforeIn) as Date }),
  });
  const fill = (word: string) =>
    word
      .replace('{secret}', state.hostSecrets.of(host))
      .replace('{token}', text ?? token)
      .replace('{assertion}', () => clientAssertion(exchange))
      .replace('{25601 characters}', 'x'.repeat(25_601));
  const filled = (words: Record<string, string>) =>
    Object.fromEntries(Object.entries(words).map(([name, word]) => [name, fill(word)]));
  const { method, path, query, headers, form, body } = exchange.request;
  const content = form ? new URLSearchParams(filled(form)).toString() : body && fill(JSON.stringify(body));
  const search = new URLSearchParams(query).toString();
  const url = `${origin}${path}${search && `?${search}`}`;
  return new Request(url, { method, headers: filled(headers), ...(content === undefined ? {} : { body: content }) });
}

const placeholders: Record<string, RegExp> = {
  '{token}': /^[\w-]+\.[\w-]+\.[\w-]+$/,
  '{unix}': /^\d{10}$/,
  '{us-date}': /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d \+00:00$/,
  '{guid}': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  '{text}': /./s,
};

function expected(value: unknown): unknown {
  if (value === '{unix-number}') return expect.any(Number);
  if (typeof value === 'string') {
    if (value.endsWith('/{version}')) return expect.stringMatching(new RegExp(`^${value.slice(0, -9)}[0-9a-f]{32}$`));
    const pattern = placeholders[value];
    return pattern ? expect.stringMatching(pattern) : value;
  }
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expected(one)]));
}

async function check(exchange: Exchange, site: Site, origin: string, host: string) {
  const state = stateFor(exchange);
  const response = await answer(site, await requestOf(exchange, origin, host, state), state);
  const body = await response.text().then(JSON.parse);
  expect(response.status, JSON.stringify(body)).toBe(exchange.reply.status);
  expect(Object.fromEntries(response.headers)).toMatchObject(exchange.reply.headers);
  if (exchange.title.startsWith('instance') || exchange.title === 'OpenID metadata') {
    expect(body).toMatchObject(expected(exchange.reply.body) as object);
  } else {
    expect(body).toEqual(expected(exchange.reply.body));
  }
  for (const fragment of exchange.reply.match ?? []) expect(body.error.message).toContain(fragment);
}

describe('App Service answers as its golden file says', () => {
  it.each(exchanges('app-service'))('$title', async (exchange) => {
    const host = exchange.variables.IDENTITY_ENDPOINT ? 'app-service' : 'app-service-2017';
    await check(exchange, 'app-service', 'http://127.0.0.1:4141', host);
  });
});

describe('Entra answers as its golden file says', () => {
  it.each(exchanges('entra'))('$title', (exchange) =>
    check(exchange, 'entra', 'https://login.microsoftonline.com', 'service-principal'),
  );
});

describe('Key Vault answers as its golden file says', () => {
  it.each(exchanges('key-vault'))('$title', (exchange) =>
    check(exchange, 'key-vault', 'https://local.vault.azure.net', 'app-service'),
  );
});

it('knows the identities of the golden world', () => {
  expect(createState(readConfig({})).world).toMatchObject(read('world'));
});
