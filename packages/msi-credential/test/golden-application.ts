import { expect } from 'vitest';
import { ask } from './ask.ts';
import { azureError, fakeAzureIdentity, type Made } from './fake-azure-identity.ts';
import { start } from './fake-io.ts';
import { answersTo, expectRequests, filesOf, type GoldenRow, type Leg, legsOf, replyOf } from './golden.ts';

/**
 * Plays a row of an application's sign-in: the request for the assertion, where there is one, and what `@azure/identity`,
 * which sends the leg to Entra, is given for that.
 */
export async function expectSignIn(source: string, row: GoldenRow): Promise<void> {
  const legs = legsOf(row);
  const assertion = legs.filter(({ origin }) => origin === undefined);
  const entra = legs.find(({ origin }) => origin !== undefined);
  const azureIdentity = fakeAzureIdentity(() => answerOf(entra));
  const around = { answers: answersTo(assertion, row), files: filesOf(row), azureIdentity };
  const { io, credential, token, made } = ask(row.variables, around, row.identity);
  expect(credential.diagnostics.selected?.source).toBe(source);
  const outcome = await token.then(
    () => 'token',
    (error) => error.code,
  );
  expect(outcome).toBe(row.outcome);
  expectRequests(io.requests, assertion);
  if (!row.scripted) expect(io.requests).toHaveLength(assertion.length);
  if (entra === undefined) return;
  expect(made).toHaveLength(1);
  for (const each of made) expect(await formOf(each, row)).toEqual(formIn(entra));
}

function answerOf(entra: Leg | undefined) {
  if (entra === undefined || entra.reply.status === 200) {
    return { token: 'entra', expiresOnTimestamp: start + 3_599_000 };
  }
  const error = azureError('AuthenticationRequiredError', 'invalid_client: what the package makes of it');
  return { outcome: replyOf(entra), error };
}

const formIn = ({ request: { path, form = {} } }: Leg) => ({
  tenantId: path.split('/')[1],
  clientId: form.client_id,
  assertion: form.client_assertion,
  scope: form.scope,
});

/** What the form will say, by what the credential was given. */
async function formOf({ credential, args, asked }: Made, { files = {} }: GoldenRow) {
  const scope = asked[0]?.scope;
  if (credential === 'WorkloadIdentityCredential') {
    const { tenantId, clientId, tokenFilePath } = args[0] as Record<string, string>;
    return { tenantId, clientId, assertion: String(files[tokenFilePath ?? '']).trim(), scope };
  }
  const [tenantId, clientId, getAssertion] = args as [string, string, () => Promise<string>];
  return { tenantId, clientId, assertion: await getAssertion(), scope };
}
