// A Kubernetes service account that Entra trusts (AKS workload identity), through @azure/identity.
// https://learn.microsoft.com/azure/aks/workload-identity-overview
import type { Io } from '../../io.ts';
import { problemWithPath, value } from '../../selection/environment.ts';
import type {
  AcquiredToken,
  Detection,
  Environment,
  Problem,
  SelectOptions,
  Source,
  TokenRequest,
} from '../../types.ts';
import { signIn } from './sign-in.ts';
import { type Tenancy, tenancyOf, tenancyVariables } from './tenancy.ts';

export interface WorkloadIdentitySettings extends Tenancy {
  readonly clientId: string;
  readonly tokenFilePath: string;
  /** AKS identity bindings: requests to Entra go by the cluster's own proxy. */
  readonly tokenProxy: boolean;
}

const proxyName = 'AZURE_KUBERNETES_TOKEN_PROXY';
const proxyVariables = [
  proxyName,
  'AZURE_KUBERNETES_CA_FILE',
  'AZURE_KUBERNETES_CA_DATA',
  'AZURE_KUBERNETES_SNI_NAME',
] as const;

export const workloadIdentity: Source<WorkloadIdentitySettings> = {
  name: 'workload-identity',
  title: 'Workload identity (AKS)',
  family: 'application',
  variables: [
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    ...proxyVariables,
    ...tenancyVariables,
  ],
  advice: 'label the pod azure.workload.identity/use: "true" and restart it',
  detect,
  acquire,
};

function detect(env: Environment, options: SelectOptions): Detection<WorkloadIdentitySettings> {
  const tokenFilePath = value(env, 'AZURE_FEDERATED_TOKEN_FILE');
  if (tokenFilePath === undefined) return { verdict: 'absent', reason: 'AZURE_FEDERATED_TOKEN_FILE is not set' };
  const clientId = options.clientId ?? value(env, 'AZURE_CLIENT_ID');
  const { problem, ...tenancy } = tenancyOf(env, options);
  const missing = [
    tenancy.tenantId === undefined && 'AZURE_TENANT_ID',
    clientId === undefined && 'AZURE_CLIENT_ID',
  ].filter((name) => name !== false);
  if (clientId === undefined || missing.length > 0) {
    const message = `AZURE_FEDERATED_TOKEN_FILE is set but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not.`;
    const hint =
      'The webhook sets them from the annotation azure.workload.identity/client-id of the service account, in pods labelled azure.workload.identity/use: "true": add what is missing and restart the pod.';
    return { verdict: 'partial', missing, problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint } };
  }
  const wrong = problem ?? problemWithPath('AZURE_FEDERATED_TOKEN_FILE', tokenFilePath) ?? problemWithProxy(env);
  if (wrong) return { verdict: 'partial', missing: [], problem: wrong };
  const tokenProxy = value(env, 'AZURE_KUBERNETES_TOKEN_PROXY') !== undefined;
  const reason = `AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID are set${tokenProxy ? ', with AZURE_KUBERNETES_TOKEN_PROXY' : ''}`;
  return {
    verdict: 'found',
    settings: { ...tenancy, clientId, tokenFilePath, tokenProxy },
    reason,
    host: 'Kubernetes',
  };
}

/**
 * The rules of AKS identity bindings, which `@azure/identity` has too, but tells as a file that cannot be read and with
 * the address in the text. It takes these variables from the process's own environment.
 */
function problemWithProxy(env: Environment): Problem | undefined {
  const [proxy, file, data, sni] = proxyVariables.map((name) => value(env, name));
  const problem = (message: string, code: Problem['code'] = 'ERR_SETTING_INVALID') => {
    const hint = 'The webhook sets them for identity bindings: remove what overrides them, and restart the pod.';
    return { code, message, hint };
  };
  if (proxy === undefined) {
    const others = file ?? data ?? sni;
    if (others === undefined) return undefined;
    return problem(`Other variables of the token proxy are set but ${proxyName} is not.`, 'ERR_SOURCE_INCOMPLETE');
  }
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    return problem(`${proxyName} is not an https URL without user name, query and fragment.`);
  }
  return file !== undefined && data !== undefined
    ? problem('AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set.')
    : undefined;
}

async function acquire(settings: WorkloadIdentitySettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { tenantId, clientId, tokenFilePath, tokenProxy } = settings;
  const own = {
    ...(tenantId !== undefined && { tenantId }),
    clientId,
    tokenFilePath,
    ...(tokenProxy && { enableAzureProxy: true }),
  };
  return signIn(
    {
      source: 'workload-identity',
      application: settings,
      proof: 'the token in AZURE_FEDERATED_TOKEN_FILE',
      file: { variable: 'AZURE_FEDERATED_TOKEN_FILE', path: tokenFilePath, fix: aboutFile },
      secrets: [],
      // Made anew each time, so the file, which the kubelet replaces, is read for each exchange.
      create: ({ WorkloadIdentityCredential }, options) => new WorkloadIdentityCredential({ ...own, ...options }),
    },
    request,
    io,
  );
}

const aboutFile = [
  {
    text: 'The webhook mounts the file in pods labelled azure.workload.identity/use: "true". See whether it did:',
    run: 'kubectl describe pod POD',
  },
  { text: 'Then restart the pod.' },
];
