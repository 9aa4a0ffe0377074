// Azure Pipelines' OIDC tokens for a service connection.
// https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create

import { randomUUID } from 'node:crypto';
import { seconds } from '../../state/clock.ts';
import { azurePipelines } from '../../state/federations.ts';
import type { Endpoint, State } from '../../types.ts';

/** `POST /local/_apis/distributedtask/hubs/build/plans/{plan}/jobs/{job}/oidctoken` */
export const azurePipelinesToken: Endpoint = async (request, state) => {
  const { searchParams: query, origin } = new URL(request.url);
  const secret = state.hostSecrets.of('azure-pipelines');
  if (request.headers.get('authorization') !== `Bearer ${secret}`) {
    // Empty: https://github.com/MicrosoftDocs/vsts-rest-api-specs/issues/709
    if (request.headers.get('x-tfs-fedauthredirect') === 'Suppress') return answer(401);
    // Who does not say that it is no browser is sent to sign in: https://github.com/Azure/azure-sdk-for-js/issues/31187
    const response = answer(302);
    response.headers.set('location', `${origin}/_signin`);
    return response;
  }
  if (query.get('api-version') !== '7.1') return refuse(400, 'The api-version must be 7.1.');
  // Go and Rust send none, as there is no body.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? 'application/json')) {
    return refuse(415, 'The content type must be application/json.');
  }
  if ((await request.text()) !== '') return refuse(400, 'The request takes no body.');
  if (query.get('serviceConnectionId')?.toLowerCase() !== azurePipelines.serviceConnectionId) return answer(404);
  return answer(200, { oidcToken: await token(state) });
};

/** About ten minutes. */
function token({ clock, config, world, issuers }: State): string {
  const now = seconds(clock);
  const claims = { jti: randomUUID(), aud: azurePipelines.audience, iat: now, nbf: now - 300, exp: now + 600 };
  const { issuer, subject } = azurePipelines.issuers[config.pipelinesIssuer](world);
  const signer = issuers[config.pipelinesIssuer === 'entra' ? 'tenant' : 'azure-pipelines'];
  return signer.sign({ ...claims, iss: issuer, sub: subject });
}

const refuse = (status: number, message: string) => answer(status, { $id: '1', message });

/** The answers to paths and methods that the service does not know. */
export const azurePipelinesRefusals = {
  notFound: () => answer(404),
  methodNotAllowed: () => refuse(405, 'Only POST is supported.'),
};

function answer(status: number, body?: object): Response {
  const ids = { 'x-vss-e2eid': randomUUID(), 'x-msedge-ref': `Ref A: ${randomUUID()}` };
  if (body === undefined) return new Response(null, { status, headers: ids });
  const headers = { 'content-type': 'application/json; charset=utf-8; api-version=7.1', ...ids };
  return new Response(JSON.stringify(body), { status, headers });
}
