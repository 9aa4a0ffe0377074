// A GitHub Actions job whose OIDC token Entra trusts; the exchange goes through @azure/identity.
// https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-azure

import { readEndpoint } from '../../http/endpoint.ts';
import type { Io } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../../types.ts';
import { getCall, problemWithSecret } from '../managed-identity/call.ts';
import { acquireWithAssertion, requestOidcToken } from './client-assertion.ts';
import { cloudOf } from './clouds.ts';
import { type Tenancy, tenancyOf, tenancyVariables } from './tenancy.ts';

export interface GithubActionsSettings extends Tenancy {
  readonly clientId: string;
  readonly requestUrl: URL;
  readonly requestToken: string;
}

const announcing = [
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
] as const;

export const githubActions: Source<GithubActionsSettings> = {
  name: 'github-actions',
  title: 'GitHub Actions (OIDC)',
  family: 'application',
  variables: [...announcing, 'GITHUB_ACTIONS', ...tenancyVariables],
  advice: 'give the job `permissions: id-token: write`, AZURE_TENANT_ID and AZURE_CLIENT_ID',
  detect,
  acquire,
};

function detect(env: Environment, options: SelectOptions): Detection<GithubActionsSettings> {
  const [url, requestToken] = [value(env, announcing[0]), value(env, announcing[1])];
  if (url === undefined && requestToken === undefined && value(env, 'GITHUB_ACTIONS') === undefined) {
    return { verdict: 'absent', reason: `${announcing[0]} is not set` };
  }
  const clientId = options.clientId ?? value(env, 'AZURE_CLIENT_ID');
  const { problem, ...tenancy } = tenancyOf(env, options);
  const meant = clientId !== undefined || tenancy.tenantId !== undefined;
  if (url === undefined && requestToken === undefined) {
    const near = meant ? 'give the job `permissions: id-token: write` (pull requests from forks get none)' : undefined;
    return { verdict: 'absent', reason: 'this job has no OIDC token', near };
  }
  // Many jobs ask for an OIDC token for another cloud, or sign in with azure/login: only with an id is it meant for Entra here.
  if (!meant) {
    const near = "set the ids of the application that trusts this repository in the step's env";
    return { verdict: 'absent', reason: 'AZURE_TENANT_ID and AZURE_CLIENT_ID are not set', near };
  }
  const present = [url, requestToken, tenancy.tenantId, clientId];
  const missing = announcing.filter((_, index) => present[index] === undefined);
  if (url === undefined || requestToken === undefined || clientId === undefined || missing.length > 0) {
    const message = `This GitHub Actions job has an OIDC token, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`;
    const hint =
      "Set the ids of the application whose federated credential trusts this repository in the step's env; the rest comes with `permissions: id-token: write`.";
    return { verdict: 'partial', missing, problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint } };
  }
  const endpoint = readEndpoint('ACTIONS_ID_TOKEN_REQUEST_URL', url);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  const wrong = problem ?? problemWithSecret('ACTIONS_ID_TOKEN_REQUEST_TOKEN', requestToken);
  if (wrong) return { verdict: 'partial', missing: [], problem: wrong };
  const reason = `${announcing.join(', ')} are set`;
  return {
    verdict: 'found',
    settings: { ...tenancy, clientId, requestUrl: endpoint.url, requestToken },
    reason,
    host: 'GitHub Actions',
  };
}

/** GitHub's token lives five minutes and is asked for anew for each exchange (Azure/login#180). */
async function acquire(settings: GithubActionsSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { requestUrl, requestToken, authorityHost } = settings;
  const names = { source: 'github-actions', proof: "GitHub's OIDC token" } as const;
  // The URL has a query already. Without an audience GitHub's token would be for the repository's owner.
  const call = getCall(
    requestUrl,
    { audience: cloudOf(authorityHost).exchangeAudience },
    { authorization: `Bearer ${requestToken}`, accept: 'application/json' },
  );
  const service = {
    source: 'github-actions',
    title: 'GitHub',
    field: 'value',
    secret: requestToken,
    variables: { url: announcing[0], secret: announcing[1] },
    statusPage: 'https://www.githubstatus.com',
    fix: [{ text: hint }],
  } as const;
  const getAssertion = () => requestOidcToken(call, service, request.signal, io);
  return acquireWithAssertion(settings, names, getAssertion, request, io);
}

const hint = 'Check that the job has `permissions: id-token: write` and is not a pull request from a fork.';
