import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from 'msi-credential';
import { failureAnswer, secretAnswer } from './answers.ts';
import { explainFailure } from './failure.ts';
import { readSettings } from './settings.ts';

// One for all invocations of this worker: it keeps the token between them.
const credential = getKeyVaultCredential();

/** Reads the latest version of the secret, each time anew. */
async function secret(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    // Settings are read in here: a function that throws while it loads is a 404 without a reason.
    // biome-ignore lint/style/noProcessEnv: a function's settings are its environment.
    const { vaultUrl, secretName } = readSettings(process.env);
    const client = new SecretClient(vaultUrl, credential);
    const { value } = await client.getSecret(secretName);
    return secretAnswer(request, value, credential.diagnostics);
  } catch (error) {
    const failure = explainFailure(error, credential.diagnostics);
    context.error(`${failure.code}: ${failure.title}`);
    return failureAnswer(request, failure);
  }
}

// 'function': the answer is the secret itself, so callers need a key of the function (?code= or x-functions-key).
app.http('secret', { route: 'secret', methods: ['GET'], authLevel: 'function', handler: secret });
