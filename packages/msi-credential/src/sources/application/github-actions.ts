// A GitHub Actions job whose OIDC token Entra trusts; the exchange goes through @azure/identity.
// https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-azure
import { getCall, problemWithSecret } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { value } from '../../selection/environment.ts';
import type { Detection, Environment, SelectOptions, Source } from '../../types.ts';
import { absent, incomplete, invalid } from '../detection.ts';
import { applicationOf, offerOf } from './application.ts';
import { acquireWithOidcToken, type OidcRequest } from './client-assertion.ts';
import { cloudOf } from './clouds.ts';
import { tenancyVariables } from './tenancy.ts';

const names = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'] as const;

export const githubActions: Source = {
  name: 'github-actions',
  title: 'GitHub Actions (OIDC)',
  family: 'application',
  variables: [...names, 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'GITHUB_ACTIONS', ...tenancyVariables],
  advice: { text: 'give the job `permissions: id-token: write`, AZURE_TENANT_ID and AZURE_CLIENT_ID' },
  announced,
};

function announced(env: Environment, options: SelectOptions): Detection {
  const [url, requestToken] = [value(env, names[0]), value(env, names[1])];
  const hasToken = url !== undefined || requestToken !== undefined;
  if (!hasToken && value(env, 'GITHUB_ACTIONS') === undefined) return absent(`${names[0]} is not set`);
  const { application, missing } = applicationOf(env, options);
  const hasId = missing.length < 2;
  if (!hasToken) {
    const remedy = 'give the job `permissions: id-token: write` (pull requests from forks get none)';
    return absent('this job has no OIDC token', hasId ? remedy : undefined);
  }
  // Many jobs request an OIDC token for another cloud, or sign in with azure/login. Only an id shows that Entra is meant.
  if (!hasId) {
    const remedy = "set the ids of the application that trusts this repository in the step's env";
    return absent('AZURE_TENANT_ID and AZURE_CLIENT_ID are not set', remedy);
  }
  if (url === undefined || requestToken === undefined || application === undefined) {
    const present = url === undefined ? names[1] : names[0];
    const half = names.filter((name) => value(env, name) === undefined);
    return incomplete({ present, missing: [...half, ...missing], host: 'GitHub Actions', fix: [{ text: setIds }] });
  }
  const endpoint = readEndpoint(names[0], url);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  const problem = problemWithSecret(names[1], requestToken);
  if (problem) return invalid(problem);
  const { exchangeAudience } = cloudOf(application.authorityHost);
  const oidc = oidcRequest(endpoint.url, requestToken, exchangeAudience);
  return offerOf(application, {
    reason: `${names.join(', ')}, AZURE_TENANT_ID, AZURE_CLIENT_ID are set`,
    host: 'GitHub Actions',
    endpoints: [endpoint.url],
    key: [endpoint.url, requestToken],
    acquire: (request, flight) => acquireWithOidcToken(application, oidc, request, flight),
  });
}

const setIds =
  "Set the ids of the application whose federated credential trusts this repository in the step's env. The rest comes with `permissions: id-token: write`.";

/** The URL has a query already. Without an audience GitHub's token would be for the repository's owner. */
function oidcRequest(requestUrl: URL, requestToken: string, audience: string): OidcRequest {
  return {
    proof: "GitHub's OIDC token",
    call: getCall(requestUrl, { audience }, { authorization: `Bearer ${requestToken}`, accept: 'application/json' }),
    service: {
      source: 'github-actions',
      title: 'GitHub',
      field: 'value',
      secret: requestToken,
      variables: { url: names[0], secret: names[1] },
      statusPage: 'https://www.githubstatus.com',
      fix: [{ text: 'Check that the job has `permissions: id-token: write` and is not a pull request from a fork.' }],
    },
  };
}
