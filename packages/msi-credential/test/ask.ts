import { inspect } from 'node:util';
import { expect } from 'vitest';
import { createWorld, credentialIn } from '../src/credential.ts';
import { formatDiagnostics } from '../src/diagnosis/report.ts';
import type { HttpReply, HttpRequest, Machine } from '../src/io.ts';
import type { CredentialOptions, Detection, Environment, SelectOptions, Source } from '../src/types.ts';
import { fakeAzureIdentity } from './fake-azure-identity.ts';
import { type Answer, fakeIo, forever, json, networkError, type Repeated, start } from './fake-io.ts';

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

/** What a source says: from the environment, and from the machine where there is one and the environment cannot tell. */
export function detect(source: Source, env: Environment, options: SelectOptions = {}, machine?: Machine): Detection {
  const announced = source.announced(env, options);
  const seen = announced.verdict === 'unknown' && machine ? source.onMachine?.(machine, env, options) : undefined;
  return seen ?? announced;
}

/** What there is besides the environment. */
export interface Surroundings {
  readonly answers?: readonly (Answer | Repeated)[];
  readonly machine?: Partial<Machine>;
  /** What `readTrustedFile` finds. */
  readonly files?: Readonly<Record<string, string | Error>>;
  readonly azureIdentity?: ReturnType<typeof fakeAzureIdentity>;
  /** Between 0 and 1; default 0, which makes each pause its shortest. */
  readonly random?: number;
  readonly request?: Parameters<ReturnType<typeof credentialIn>['getToken']>[1];
  readonly scope?: string;
}

/** One `getToken` in a world of its own, and all that it did. */
export function ask(env: Environment, around: Surroundings = {}, options: CredentialOptions = {}) {
  const { files = {}, azureIdentity = fakeAzureIdentity() } = around;
  const io = fakeIo({
    answers: [...(around.answers ?? [])],
    machine: around.machine ?? {},
    random: () => around.random ?? 0,
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
export function indiscreet(secret: string): readonly Repeated[] {
  const answers: Answer[] = [
    json(400, { error: secret, error_description: `not ${secret}` }),
    json(400, { error: { code: secret, message: `not ${secret}`, correlationId: secret } }),
    json(500, { statusCode: 500, message: secret, correlationId: secret }),
    { status: 400, headers: {}, body: secret },
    { status: 403, headers: { 'x-ms-request-id': secret }, body: `<p>${secret}</p>` },
    { status: 200, headers: {}, body: secret },
    json(200, { access_token: `${secret}\n`, expires_on: secret }),
    { status: 302, headers: { location: `http://127.0.0.1/?${secret}` }, body: '' },
    networkError('ECONNRESET'),
  ];
  return answers.map(forever);
}

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

/** What a cause keeps of an error: a copy with its name and its words. */
export function copyOf({ name, message }: Error) {
  return expect.objectContaining({ name, message: message.replace(/\.$/, '') });
}
