import { inspect } from 'node:util';
import { expect } from 'vitest';
import { createWorld, credentialIn } from '../src/credential.ts';
import { formatDiagnostics } from '../src/diagnosis/report.ts';
import type { HttpReply, HttpRequest, Machine } from '../src/io.ts';
import type { CredentialOptions, Environment } from '../src/types.ts';
import { azureError, fakeAzureIdentity } from './fake-azure-identity.ts';
import { type Answer, fakeIo, json, start } from './fake-io.ts';
import { expiry, fill, type GoldenExchange, readGolden } from './golden.ts';

export const vaultScope = 'https://vault.azure.net/.default';

/** The ids of `protocols/world.json`. */
export const world = {
  tenantId: 'a0000000-0000-4000-8000-000000000001',
  otherTenantId: 'b0000000-0000-4000-8000-000000000002',
  clientId: 'a0000000-0000-4000-8000-0000000000c2',
  objectId: 'a0000000-0000-4000-8000-0000000000d2',
  resourceId:
    '/subscriptions/a0000000-0000-4000-8000-0000000000a1/resourceGroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/local',
  applicationId: 'a0000000-0000-4000-8000-0000000000c3',
} as const;

/** What stands in every secret of these tests, and in no message. */
export const marker = 'MARKER-of-the-secret';

/** What there is besides the environment. */
export interface Surroundings {
  readonly answers?: Answer[];
  readonly machine?: Partial<Machine>;
  /** What `readTrustedFile` finds. */
  readonly files?: Readonly<Record<string, string | Error>>;
  readonly azureIdentity?: ReturnType<typeof fakeAzureIdentity>;
  readonly request?: Parameters<ReturnType<typeof credentialIn>['getToken']>[1];
  readonly scope?: string;
}

/** One `getToken` in a world of its own, and all that it did. */
export function ask(env: Environment, around: Surroundings = {}, options: CredentialOptions = {}) {
  const { files = {}, azureIdentity = fakeAzureIdentity() } = around;
  const io = fakeIo({
    answers: [...(around.answers ?? [])],
    machine: around.machine ?? {},
    azureIdentity: azureIdentity.azureIdentity,
    readTrustedFile(path) {
      opened.push(path);
      const file = files[path] ?? fileError('ENOENT');
      return file instanceof Error ? Promise.reject(file) : Promise.resolve(file);
    },
  });
  const opened: string[] = [];
  /** When each request was made, in seconds since the first. */
  const times: number[] = [];
  const { exchange } = io;
  io.exchange = (request) => {
    times.push((io.now() - start) / 1000);
    return exchange(request);
  };
  const credential = credentialIn(createWorld(io), { env, ...options });
  const token = io.settle(credential.getToken(around.scope ?? vaultScope, around.request));
  return { io, credential, token, times, opened, made: azureIdentity.made };
}

/** A request as it is on the wire: method, address, headers, body. */
export function onTheWire({ method, url, headers, body }: HttpRequest) {
  return { line: `${method} ${url.href}`, headers, ...(body !== undefined && { body }) };
}

/** An error of the file system. */
export function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: /some/file`), { code, syscall: 'open' });
}

/** A refusal as most services word it. */
export function refusal(status: number, error: string, text = 'no', headers: Record<string, string> = {}): HttpReply {
  return json(status, { error, error_description: text }, headers);
}

/** Answers that repeat the secret, in each shape that a refusal has, and outside of them. */
export const indiscreet = (secret: string): Answer[] => [
  json(400, { error: secret, error_description: `not ${secret}` }),
  json(400, { error: { code: secret, message: `not ${secret}`, correlationId: secret } }),
  json(500, { statusCode: 500, message: secret, correlationId: secret }),
  { status: 400, headers: {}, body: secret },
  { status: 403, headers: { 'x-ms-request-id': secret }, body: `<p>${secret}</p>` },
  { status: 200, headers: {}, body: secret },
  json(200, { access_token: `${secret}\n`, expires_on: secret }),
  { status: 302, headers: { location: `http://127.0.0.1/?${secret}` }, body: '' },
  Object.assign(new Error('connect ECONNRESET'), { code: 'ECONNRESET' }),
];

/** Fails if the marker is in what people see of a failure. */
export async function expectNoSecret({ token, credential }: ReturnType<typeof ask>): Promise<void> {
  const error: unknown = await token.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const { message, stack } = error as Error;
  const { diagnostics } = credential;
  const seen = [
    message,
    stack,
    JSON.stringify(error),
    inspect(error, { depth: 9 }),
    JSON.stringify(diagnostics),
    formatDiagnostics(diagnostics),
  ];
  expect(seen.join('\n')).not.toContain(marker);
}

/** An exchange of several requests, as the golden files of most protocols have them. */
interface GoldenRow
  extends Omit<GoldenExchange, 'request' | 'reply'>,
    Partial<Pick<GoldenExchange, 'request' | 'reply'>> {
  readonly legs?: readonly (Pick<GoldenExchange, 'request' | 'reply'> & { readonly origin?: string })[];
  readonly files?: Readonly<Record<string, string | { readonly size?: number; readonly link?: string }>>;
  readonly scope?: string;
}

const thumbprint = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
const more: Readonly<Record<string, string>> = {
  '"{unix-number}"': String(expiry / 1000),
  '"{seconds-number}"': '86400',
  '"{number}"': '3',
  '{seconds}': '86400',
  '{key}': 'golden-key-of-the-agent',
  '{assertion}': 'golden.assertion.of-the-host',
  '{thumbprint}': thumbprint,
  '{THUMB:PRINT}': thumbprint.toUpperCase().replace(/..(?=.)/g, '$&:'),
};

/** The rows of a golden file, with their titles. */
export function goldenRows(name: string): readonly (readonly [string, GoldenRow])[] {
  let text = JSON.stringify(readGolden(name).exchanges);
  for (const [placeholder, value] of Object.entries(more)) text = text.replaceAll(placeholder, value);
  return (fill(JSON.parse(text)) as GoldenRow[]).map((row) => [row.title, row]);
}

/** Plays a row: the same requests as in the file, the same outcome. */
export async function expectGolden(source: string, row: GoldenRow): Promise<void> {
  const legs = row.legs ?? [{ request: row.request, reply: row.reply } as Pick<GoldenExchange, 'request' | 'reply'>];
  const own = legs.filter((leg) => !('origin' in leg));
  const entra = legs.find((leg) => 'origin' in leg);
  const azureIdentity = fakeAzureIdentity(() => entraAnswer(entra?.reply));
  const answers = own.map(({ reply }) => ({ ...reply, body: textOf(reply.body) }));
  const asked = ask(
    row.variables,
    { answers, files: filesOf(row.files), azureIdentity, ...(row.scope !== undefined && { scope: row.scope }) },
    row.identity,
  );
  expect(asked.credential.diagnostics.selected?.source).toBe(source);
  const outcome = await asked.token.then(
    () => 'token',
    (error) => error.code,
  );
  expect(outcome).toBe(row.outcome);
  const { requests } = asked.io;
  for (const [index, { request }] of own.entries()) expectRequest(requests[index], request);
  if (!row.scripted) expect(requests).toHaveLength(own.length);
  if (entra === undefined) return;
  expect(asked.made).toHaveLength(1);
  for (const made of asked.made) await expectExchange(made, entra.request, row.files);
}

function expectRequest(actual: HttpRequest | undefined, expected: GoldenExchange['request']): void {
  expect(actual).toMatchObject({ method: expected.method, headers: expected.headers });
  expect(actual?.url.pathname).toBe(expected.path);
  expect([...(actual?.url.searchParams ?? [])].sort()).toEqual(Object.entries(expected.query ?? {}).sort());
  if (expected.form) expect(Object.fromEntries(new URLSearchParams(actual?.body))).toEqual(expected.form);
}

/** `@azure/identity` sends the second leg: what it is given must be what the form says. */
async function expectExchange(
  made: ReturnType<typeof fakeAzureIdentity>['made'][number],
  { path, form }: GoldenExchange['request'],
  files: GoldenRow['files'],
): Promise<void> {
  const [first, clientId, getAssertion] = made.args as [unknown, string, () => Promise<string>];
  const given =
    made.credential === 'WorkloadIdentityCredential'
      ? await ofFile(first as { tenantId: string; clientId: string; tokenFilePath: string }, files)
      : { tenantId: first, client_id: clientId, client_assertion: await getAssertion() };
  expect({ ...given, scope: made.asked[0]?.scope }).toEqual({
    tenantId: path.split('/')[1],
    client_id: form?.client_id,
    client_assertion: form?.client_assertion,
    scope: form?.scope,
  });
}

async function ofFile(
  { tenantId, clientId, tokenFilePath }: { tenantId: string; clientId: string; tokenFilePath: string },
  files: GoldenRow['files'] = {},
) {
  return { tenantId, client_id: clientId, client_assertion: String(files[tokenFilePath]).trim() };
}

function entraAnswer(reply: GoldenExchange['reply'] | undefined) {
  if (reply === undefined || reply.status === 200) return { token: 'entra', expiresOnTimestamp: start + 3_599_000 };
  const error = azureError('AuthenticationRequiredError', 'invalid_client: what the package makes of it');
  return { outcome: { ...reply, body: textOf(reply.body) }, error };
}

/** What reading a file of the golden world gives; larger than allowed and links are refused by `io`. */
function filesOf(files: GoldenRow['files'] = {}): Record<string, string | Error> {
  const read = (file: string | { readonly size?: number; readonly link?: string }) => {
    if (typeof file === 'string') return file;
    return file.link === undefined ? new Error(`${file.size} bytes, more than 4096`) : fileError('ELOOP');
  };
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [path, read(file)]));
}

const textOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
