// A GitHub Actions job whose OIDC token Entra trusts; the exchange goes through @azure/identity.
// https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-azure
import { credentialError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../types.ts';
import { acquireWith } from '../wire/azure-identity.ts';
import { cloudOf } from '../wire/clouds.ts';
import { readEndpoint, showEndpoint } from '../wire/endpoint.ts';
import { showId, value } from '../wire/environment.ts';
import { getCall } from '../wire/managed-identity-call.ts';
import { localServicePolicy, readRefusal, type SendPolicy, send } from '../wire/send.ts';
import { checkTenant, type Tenancy, tenancyOf } from '../wire/tenancy.ts';
import { parseJson, textField } from '../wire/token-response.ts';

export interface GithubActionsSettings extends Tenancy {
  readonly clientId: string;
  readonly requestUrl: URL;
  readonly requestToken: string;
}

const variables = [
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
] as const;

export const githubActions: Source<GithubActionsSettings> = {
  name: 'github-actions',
  title: 'GitHub Actions (OIDC)',
  family: 'application',
  variables,
  detect,
  acquire,
};

/** GitHub's own toolkit tries up to ten times; its service is a public one, so the proxy of the runner is used. */
const policy: SendPolicy = { ...localServicePolicy, networkPausesMs: [500, 1_000, 2_000, 4_000], tryTimeoutMs: 15_000 };

function detect(env: Environment, options: SelectOptions): Detection<GithubActionsSettings> {
  const [url, requestToken] = [value(env, variables[0]), value(env, variables[1])];
  const clientId = options.clientId ?? value(env, 'AZURE_CLIENT_ID');
  const { problem, ...tenancy } = tenancyOf(env, options);
  const meant = clientId !== undefined || tenancy.tenantId !== undefined;
  if (url === undefined && requestToken === undefined) {
    const near = meant && value(env, 'GITHUB_ACTIONS') !== undefined;
    const reason = near
      ? 'this job has no OIDC token: give it `permissions: id-token: write` (pull requests from forks get none)'
      : `${variables[0]} is not set`;
    return { verdict: 'absent', reason, near };
  }
  // Many jobs ask for an OIDC token for another cloud, or sign in with azure/login: only with an id is it meant for Entra here.
  if (!meant) return { verdict: 'absent', reason: 'AZURE_TENANT_ID and AZURE_CLIENT_ID are not set', near: true };
  const present = [url, requestToken, tenancy.tenantId, clientId];
  const missing = variables.filter((_, index) => present[index] === undefined);
  if (url === undefined || requestToken === undefined || clientId === undefined || missing.length > 0) {
    const message = `This GitHub Actions job has an OIDC token, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`;
    const hint =
      "Set the ids of the application whose federated credential trusts this repository in the step's env; the rest comes with `permissions: id-token: write`.";
    return { verdict: 'partial', missing, problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint } };
  }
  const endpoint = readEndpoint('ACTIONS_ID_TOKEN_REQUEST_URL', url);
  const wrong = problem ?? ('problem' in endpoint ? endpoint.problem : undefined);
  if (wrong || 'problem' in endpoint)
    return { verdict: 'partial', missing: [], ...(wrong && { problem: wrong }) } as Detection<GithubActionsSettings>;
  const reason = `${variables.join(', ')} are set`;
  return {
    verdict: 'found',
    settings: { ...tenancy, clientId, requestUrl: endpoint.url, requestToken },
    reason,
    host: 'GitHub Actions',
  };
}

async function acquire(settings: GithubActionsSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  checkTenant(settings, request.tenantId, 'github-actions');
  const { tenantId = '', clientId, authorityHost, additionallyAllowedTenants } = settings;
  return acquireWith(
    {
      source: 'github-actions',
      whence: `Entra, asked for application ${showId(clientId)} with GitHub's OIDC token,`,
      unavailable: { code: 'ERR_SETTING_INVALID' },
      // GitHub's token lives five minutes and is asked for anew for each exchange (Azure/login#180).
      create: ({ ClientAssertionCredential }) =>
        new ClientAssertionCredential(tenantId, clientId, () => requestAssertion(settings, request.signal, io), {
          authorityHost,
          additionallyAllowedTenants: [...additionallyAllowedTenants],
        }),
    },
    request,
    io,
  );
}

/** The URL has a query already, to which the audience is added: without it Entra would refuse the token. */
async function requestAssertion(
  { requestUrl, requestToken, authorityHost }: GithubActionsSettings,
  signal: AbortSignal,
  io: Io,
): Promise<string> {
  const headers = { authorization: `Bearer ${requestToken}`, accept: 'application/json' };
  const call = {
    ...getCall(requestUrl, { audience: cloudOf(authorityHost).exchangeAudience }, headers),
    viaProxy: true,
  };
  const reply = await send(io, call, policy, signal);
  const assertion = reply.status === 200 ? textField(parseJson(reply.body), 'value') : undefined;
  if (assertion !== undefined) return assertion;
  const refusal = readRefusal(reply, [requestToken]);
  const code = reply.status === 200 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
  throw credentialError(code, `GitHub's OIDC service (GET ${showEndpoint(requestUrl)}) answered ${refusal.text}.`, {
    source: 'github-actions',
    status: reply.status,
    hint: 'Check that the job has `permissions: id-token: write` and is not a pull request from a fork.',
  });
}
