// GitHub's OIDC tokens for the jobs of a workflow.
// https://docs.github.com/actions/reference/security/oidc

import { randomUUID } from 'node:crypto';
import { seconds } from '../../state/clock.ts';
import { githubActions } from '../../state/federations.ts';
import type { Endpoint } from '../../types.ts';

/** `GET /_apis/distributedtask/hubs/actions/plans/{plan}/jobs/{job}/idtoken?api-version=2.0&audience=...` */
export const githubActionsToken: Endpoint = (request, state) => {
  const secret = state.hostSecrets.of('github-actions');
  if (request.headers.get('authorization') !== `Bearer ${secret}`)
    return refuse(401, 'The request token is not valid.');
  const query = new URL(request.url).searchParams;
  if (query.get('api-version') !== '2.0') {
    return refuse(400, 'The api-version is missing: keep the query that ACTIONS_ID_TOKEN_REQUEST_URL already has.');
  }
  const audiences = query.getAll('audience');
  if (audiences.length > 1) return refuse(400, 'The parameter audience appears more than once.');
  const now = seconds(state.clock);
  const value = state.issuers['github-actions'].sign({
    jti: randomUUID(),
    sub: githubActions.subjects[state.config.githubSubject],
    // Without one the owner's URL is meant, which Entra then refuses.
    aud: audiences[0] || 'https://github.com/local',
    iss: githubActions.issuer,
    iat: now,
    nbf: now - 300,
    exp: now + 300,
    ref: 'refs/heads/main',
    repository: 'local/app',
    repository_owner: 'local',
    runner_environment: 'github-hosted',
  });
  return Response.json({ count: value.length, value });
};

const refuse = (status: number, message: string): Response => Response.json({ message }, { status });

/** The answers to paths and methods that the service does not know. */
export const githubActionsRefusals = {
  notFound: () => refuse(404, 'There is nothing at this path.'),
  methodNotAllowed: () => refuse(405, 'Only GET is supported.'),
};
