// The example app's secret as an Azure Function: the same credential, the same client.
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from 'msi-credential';
import { getKeyVaultUrl, httpFailureOf } from 'msi-credential/key-vault';

// One of each for all invocations of this worker: they keep the token and the vault's challenge.
const credential = getKeyVaultCredential();
let client: SecretClient | undefined;

// biome-ignore lint/style/noProcessEnv: a function's settings are its environment.
const secretName = process.env.SECRET_NAME?.trim() || 'secret';
// The answer is the secret: it must not stay in a cache on the way.
const headers = { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' };

async function secret(_: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    // In here: a function that throws while it loads is a 404 without a reason.
    client ??= new SecretClient(getKeyVaultUrl(), credential);
    const { value } = await client.getSecret(secretName, { abortSignal: AbortSignal.timeout(10_000) });
    const { selected, principal: { objectId, applicationId } = {} } = credential.diagnostics;
    const owner = `Read by ${selected?.source}, object id ${objectId}, application id ${applicationId}`;
    return { status: 200, headers, body: `Your secret value is: ${value}.\n${owner}\n` };
  } catch (error) {
    const { status, text, explanation } = httpFailureOf(error, credential, { secretName });
    context.error(`${explanation.code}: ${explanation.cause}`);
    return { status, headers, body: text };
  }
}

app.http('ping', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'Hello World!!!' }) });
// 'function': callers need a key (?code= or x-functions-key), since the answer is the secret.
app.http('secret', { methods: ['GET'], authLevel: 'function', handler: secret });
