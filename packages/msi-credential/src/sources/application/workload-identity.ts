// A Kubernetes service account that Entra trusts (AKS workload identity), through @azure/identity.
// https://learn.microsoft.com/azure/aks/workload-identity-overview
import { explain, type Fix } from '../../codes.ts';
import { problemWithPath, value } from '../../selection/environment.ts';
import type { Detection, Environment, Problem, SelectOptions, Source } from '../../types.ts';
import { absent, incomplete, invalid } from '../detection.ts';
import { type Application, applicationOf, offerOf } from './application.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { tenancyVariables } from './tenancy.ts';

const tokenFile = 'AZURE_FEDERATED_TOKEN_FILE';
const proxyName = 'AZURE_KUBERNETES_TOKEN_PROXY';
const proxyVariables = [
  proxyName,
  'AZURE_KUBERNETES_CA_FILE',
  'AZURE_KUBERNETES_CA_DATA',
  'AZURE_KUBERNETES_SNI_NAME',
] as const;

export const workloadIdentity: Source = {
  name: 'workload-identity',
  title: 'Workload identity (AKS)',
  family: 'application',
  variables: [tokenFile, 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', ...proxyVariables, ...tenancyVariables],
  advice: { text: 'label the pod azure.workload.identity/use: "true" and restart it' },
  announced,
};

function announced(env: Environment, options: SelectOptions): Detection {
  const path = value(env, tokenFile);
  if (path === undefined) return absent(`${tokenFile} is not set`);
  const { application, missing } = applicationOf(env, options);
  if (application === undefined) return incomplete({ present: tokenFile, missing, fix: [{ text: webhook }] });
  const problem = problemWithPath(tokenFile, path) ?? problemWithProxy(env);
  if (problem) return invalid(problem);
  const tokenProxy = value(env, proxyName) !== undefined;
  return offerOf(application, {
    reason: `${tokenFile}, AZURE_TENANT_ID and AZURE_CLIENT_ID are set${tokenProxy ? `, with ${proxyName}` : ''}`,
    title: 'Workload identity',
    host: 'Kubernetes',
    key: [path, tokenProxy],
    acquire: (request, flight) => signIn(signInWith(application, path, tokenProxy), request, flight),
  });
}

const webhook =
  'The webhook sets them in pods labelled azure.workload.identity/use: "true", from the annotation azure.workload.identity/client-id of the service account. Add what is missing and restart the pod.';

/**
 * The rules of AKS identity bindings. `@azure/identity` has them too, but reports them as a file that cannot be read, with
 * the address in the text. It takes these variables from the process's own environment.
 */
function problemWithProxy(env: Environment): Problem | undefined {
  const [proxy, file, data, sni] = proxyVariables.map((name) => value(env, name));
  const problem = (cause: string, code: Problem['code'] = 'ERR_SETTING_INVALID') =>
    explain(code, cause, {
      fix: [{ text: 'The webhook sets them for identity bindings. Remove what overrides them, and restart the pod.' }],
    });
  if (proxy === undefined) {
    const others = file ?? data ?? sni;
    return others === undefined
      ? undefined
      : problem(`Other variables of the token proxy are set, but ${proxyName} is not.`, 'ERR_SOURCE_INCOMPLETE');
  }
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    return problem(`${proxyName} is not an https URL without user name, query and fragment.`);
  }
  return file !== undefined && data !== undefined
    ? problem('AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set.')
    : undefined;
}

/** `tokenProxy`: with AKS identity bindings, requests to Entra go through the cluster's own proxy. */
function signInWith(application: Application, tokenFilePath: string, tokenProxy: boolean): SignIn {
  const { tenantId, clientId } = application;
  const own = { tenantId, clientId, tokenFilePath, ...(tokenProxy && { enableAzureProxy: true }) };
  return {
    source: 'workload-identity',
    application,
    proof: `the token in ${tokenFile}`,
    file: { variable: tokenFile, path: tokenFilePath, fix: aboutFile, denied: aboutOwner },
    secrets: [],
    // Made anew each time: the kubelet replaces the file, so each exchange reads it.
    create: ({ WorkloadIdentityCredential }, options) => new WorkloadIdentityCredential({ ...own, ...options }),
  };
}

const aboutFile: readonly Fix[] = [
  {
    text: 'The webhook mounts the file in pods labelled azure.workload.identity/use: "true". See whether it did:',
    run: 'kubectl describe pod POD',
  },
  { text: 'Then restart the pod.' },
];

/** https://github.com/Azure/azure-workload-identity/issues/156 */
const aboutOwner: readonly Fix[] = [
  {
    text: "The file is there and belongs to another user. Set securityContext.fsGroup in the pod's spec, to any group id: the kubelet then lets that group read it. Or set runAsUser to the user that it belongs to:",
    run: 'kubectl exec POD -- sh -c \'id; ls -lnL "$AZURE_FEDERATED_TOKEN_FILE"\'',
  },
];
