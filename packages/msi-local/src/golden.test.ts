import { createHash, randomUUID, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalOptions, readConfig } from './config.ts';
import { createClientCertificate } from './network/certificates.ts';
import { answer } from './routes.ts';
import type { SiteName } from './sites.ts';
import { issueToken } from './state/issue-token.ts';
import { serviceAccountToken } from './state/service-account.ts';
import { createState } from './state/state.ts';
import { createIssuer } from './tokens/issuer.ts';
import { readJwt } from './tokens/tokens.ts';
import type { IssuerName, State } from './types.ts';

// The stand-in's rows of protocols/*.json: the request goes in, the answer must be the recorded one.

interface Leg {
  /** Where it goes, if not to the host's own endpoint. */
  origin?: string;
  request: {
    method: string;
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    form?: Record<string, string>;
    body?: Record<string, unknown>;
  };
  reply: { status: number; headers: Record<string, string>; body: unknown; match?: string[] };
}

interface Exchange extends Leg {
  title: string;
  scripted?: boolean;
  outcome: string;
  variables: Record<string, string>;
  /** In place of one request and reply. */
  legs?: Leg[];
  standIn?: LocalOptions;
  host?: string;
  federated?: { expiresIn?: number; notBeforeIn?: number; key?: 'unknown' } & Record<string, unknown>;
  token?: { expiresIn?: number; notBeforeIn?: number; text?: string; audience?: string };
  assertion?: {
    alg: 'PS256' | 'RS256';
    header: Record<string, string | string[]>;
    audience?: string;
    expiresIn?: number;
    padded?: true;
    certificate?: 'unknown';
  };
  permissionModel?: 'access-policies';
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../protocols/${name}.json`, import.meta.url), 'utf8'));
const exchanges = (name: string): Exchange[] =>
  read(name).exchanges.filter((exchange: Exchange) => exchange.scripted !== true);

type Certificate = Awaited<ReturnType<typeof createClientCertificate>>;
let registered: Certificate;
let unknown: Certificate;
let temporary: string;
afterAll(() => rmSync(temporary, { recursive: true, force: true }));
beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'golden-'));
  [registered, unknown] = await Promise.all([createClientCertificate('local'), createClientCertificate('stranger')]);
});

function stateFor(exchange: Exchange): State {
  const options = {
    secrets: { 'db-password': 'example' },
    permissionModel: exchange.permissionModel ?? ('rbac' as const),
    ...exchange.standIn,
    arc: { directory: join(temporary, 'tokens'), ...exchange.standIn?.arc },
  };
  const state = createState(readConfig(options, exchange.assertion && registered));
  if (exchange.request?.path.includes('disabled')) state.vaults.of('').set('disabled', 'v', { enabled: false });
  return state;
}

function clientAssertion(exchange: Exchange): string {
  const {
    alg,
    header,
    audience,
    expiresIn = 600,
    padded,
    certificate,
  } = exchange.assertion ?? { alg: 'PS256', header: {} };
  const { certPem, keyPem } = certificate === 'unknown' ? unknown : registered;
  const write = (bytes: Buffer) =>
    padded ? bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_') : bytes.toString('base64url');
  const encode = (value: object) => write(Buffer.from(JSON.stringify(value)));
  const now = Math.floor(Date.now() / 1000);
  const client = exchange.variables.AZURE_CLIENT_ID;
  const aud = audience ?? `https://login.microsoftonline.com${exchange.request.path}`;
  const claims = { aud, iss: client, sub: client, jti: randomUUID(), nbf: now, exp: now + expiresIn };
  const about = Object.entries(header).map(([name, word]) => [name, Array.isArray(word) ? word.map(fill) : fill(word)]);
  const signed = `${encode({ alg, typ: 'JWT', ...Object.fromEntries(about) })}.${encode(claims)}`;
  const padding = alg === 'PS256' ? { padding: 6, saltLength: 32 } : {};
  return `${signed}.${write(sign('sha256', Buffer.from(signed), { key: keyPem, ...padding }))}`;

  /** `{sha1 base64url padded}` and the like; the certificate itself is broken into lines, as in a PEM file. */
  function fill(word: string): string {
    const { raw } = new X509Certificate(certPem);
    const [, hash, encoding, padded] = /^\{(sha\d+) (base64(?:url)?)( padded)?\}$/.exec(word) ?? [];
    if (hash === undefined)
      return word.replace('{certificate in lines}', raw.toString('base64').replaceAll(/.{64}/g, '$&\r\n'));
    return (
      createHash(hash)
        .update(raw)
        .digest(encoding as 'base64') + (padded ? '=' : '')
    );
  }
}

/** What earlier legs of an exchange have brought. */
interface Found {
  key?: string;
  assertion?: string;
}

/** The token of the host's issuer, as it came or made anew with what the exchange says is different about it. */
function federatedAssertion({ federated }: Exchange, issuer: IssuerName, found: Found, state: State) {
  const good = found.assertion ?? serviceAccountToken(state);
  if (federated === undefined) return good;
  const { expiresIn = 600, notBeforeIn = 0, key, ...claims } = federated;
  const now = Math.floor(Date.now() / 1000);
  const changed = { ...readJwt(good)?.claims, ...claims, exp: now + expiresIn, nbf: now + notBeforeIn };
  return (key === 'unknown' ? createIssuer() : state.issuers[issuer]).sign(changed);
}

function requestOf(exchange: Exchange, leg: Leg, found: Found, protocol: Protocol, state: State) {
  const { expiresIn, notBeforeIn, text, ...rest } = exchange.token ?? {};
  const soon = (inSeconds: number | undefined) =>
    inSeconds === undefined ? {} : new Date(Date.now() + inSeconds * 1000);
  const token = issueToken(state, {
    ...rest,
    ...(expiresIn === undefined ? {} : { expiresAt: soon(expiresIn) as Date }),
    ...(notBeforeIn === undefined ? {} : { notBefore: soon(notBeforeIn) as Date }),
  });
  const assertion = () =>
    protocol.issuer === undefined
      ? clientAssertion(exchange)
      : federatedAssertion(exchange, protocol.issuer, found, state);
  const fill = (word: string) =>
    word
      .replace('{secret}', state.hostSecrets.of(exchange.host ?? protocol.host))
      .replace('{key}', found.key ?? '')
      .replace('{token}', text ?? token)
      .replace('{assertion}', assertion)
      .replace('{25601 characters}', 'x'.repeat(25_601));
  const filled = (words: Record<string, string>) =>
    Object.fromEntries(Object.entries(words).map(([name, word]) => [name, fill(word)]));
  const { method, path, query, headers, form, body } = leg.request;
  const content = form ? new URLSearchParams(filled(form)).toString() : body && fill(JSON.stringify(body));
  const search = new URLSearchParams(query).toString();
  const url = `${leg.origin ?? protocol.origin}${path}${search && `?${search}`}`;
  return new Request(url, { method, headers: filled(headers), ...(content === undefined ? {} : { body: content }) });
}

const placeholders: Record<string, string> = {
  '{token}': String.raw`[\w-]+\.[\w-]+\.[\w-]+`,
  '{assertion}': String.raw`[\w-]+\.[\w-]+\.[\w-]+`,
  '{unix}': String.raw`\d{10}`,
  '{seconds}': String.raw`\d{4,5}`,
  '{us-date}': String.raw`\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \+00:00`,
  '{guid}': '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '{version}': '[0-9a-f]{32}',
  '{text}': String.raw`[\s\S]+`,
};

function expected(value: unknown): unknown {
  if (typeof value === 'string' && /^\{(unix-|seconds-)?number\}$/.test(value)) return expect.any(Number);
  if (typeof value === 'string') {
    const parts = value.split(/(\{[a-z-]+\})/);
    if (!parts.some((part) => part in placeholders)) return value;
    const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    return expect.stringMatching(new RegExp(`^${parts.map((part) => placeholders[part] ?? escaped(part)).join('')}$`));
  }
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expected(one)]));
}

interface Protocol {
  site: SiteName;
  origin: string;
  /** Whose secret the requests bear. */
  host: string;
  issuer?: IssuerName;
}

async function check(exchange: Exchange, protocol: Protocol) {
  const state = stateFor(exchange);
  const found: Found = {};
  try {
    for (const leg of exchange.legs ?? [exchange]) await checkLeg(exchange, leg, found, protocol, state);
  } finally {
    state.arcKeys.remove();
  }
}

async function checkLeg(exchange: Exchange, leg: Leg, found: Found, protocol: Protocol, state: State) {
  const site = leg.origin === undefined ? protocol.site : 'entra';
  const response = await answer(site, requestOf(exchange, leg, found, protocol, state), state);
  const text = await response.text();
  const body = /^[[{]/.test(text) ? JSON.parse(text) : text;
  expect(response.status, text).toBe(leg.reply.status);
  expect(documentedHeaders(response)).toMatchObject(expected(leg.reply.headers) as object);
  if (exchange.outcome === 'discovery') {
    expect(body).toMatchObject(expected(leg.reply.body) as object);
  } else {
    expect(body).toEqual(expected(leg.reply.body));
  }
  for (const fragment of leg.reply.match ?? []) expect(body.error.message).toContain(fragment);
  found.assertion = body.value ?? body.oidcToken;
  const [, path] = /^Basic realm=(.+\.key)$/.exec(response.headers.get('www-authenticate') ?? '') ?? [];
  if (path && leg !== exchange.legs?.at(-1)) found.key = readFileSync(path, 'utf8');
}

/** With the folders of the documents in place of the test's own. */
function documentedHeaders({ headers }: Response): Record<string, string> {
  const fill = (word: string) => word.replace(temporary, '/var/opt/azcmagent').replace(tmpdir(), '/tmp');
  return Object.fromEntries([...headers].map(([name, word]) => [name, fill(word)]));
}

const loopback = 'http://127.0.0.1:4141';

const protocols: Record<string, Protocol> = {
  'app-service': { site: 'app-service', origin: loopback, host: 'app-service' },
  imds: { site: 'imds', origin: loopback, host: 'vm' },
  'azure-arc': { site: 'azure-arc', origin: loopback, host: 'arc' },
  'service-fabric': { site: 'service-fabric', origin: 'https://localhost:2377', host: 'service-fabric' },
  'azure-ml': { site: 'azure-ml', origin: loopback, host: 'azure-ml' },
  'cloud-shell': { site: 'cloud-shell', origin: loopback, host: 'cloud-shell' },
  'workload-identity': { site: 'entra', origin: 'https://login.microsoftonline.com', host: 'aks', issuer: 'aks' },
  'github-actions': {
    site: 'github-actions',
    origin: 'https://localhost:4141',
    host: 'github-actions',
    issuer: 'github-actions',
  },
  'azure-pipelines': {
    site: 'azure-pipelines',
    origin: 'https://localhost:4141',
    host: 'azure-pipelines',
    issuer: 'azure-pipelines',
  },
  entra: { site: 'entra', origin: 'https://login.microsoftonline.com', host: 'service-principal' },
  'resource-manager': { site: 'resource-manager', origin: 'https://management.azure.com', host: 'vm' },
  'key-vault': { site: 'key-vault', origin: 'https://local.vault.azure.net', host: 'app-service' },
};

describe.each(Object.entries(protocols))('%s answers as its golden file says', (name, protocol) => {
  it.each(exchanges(name))('$title', async (exchange) => {
    const legacy = name === 'app-service' && !exchange.variables.IDENTITY_ENDPOINT;
    const site = exchange.host === 'container-instances' ? exchange.host : protocol.site;
    await check(exchange, { ...protocol, site, host: legacy ? 'app-service-2017' : protocol.host });
  });
});

it('knows the identities of the golden world', () => {
  expect(createState(readConfig({})).world).toMatchObject(read('world'));
});
