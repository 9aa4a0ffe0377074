import { createSelfSignedServer } from '../../msi-local/src/network/certificates.ts';
import { localServicePolicy, type SendPolicy } from '../src/http/send.ts';
import { pausesWhileStarting } from '../src/http/starting.ts';
import { arcAgentPolicy, metadataServicePolicy } from '../src/sources/managed-identity/metadata-service.ts';
import type { Environment } from '../src/types.ts';

/** What no message, log or inspection may contain. */
export const marker = 'MARKER';
export const hostSecret = `${marker}-host-secret-0f3a`;
export const arcKey = `${marker}-arc-key-77b1`;
export const certificate = createSelfSignedServer(['127.0.0.1', 'localhost']);
export const impostor = createSelfSignedServer(['127.0.0.1', 'localhost']);

/** A protocol as its host announces it, and how its documentation wants it to be called again. */
export interface Host {
  readonly name: string;
  readonly secure?: boolean;
  variables(port: number): Environment;
  /** The first leg of a protocol that has two; the fault is played in the second. */
  challenge?(head: string): string | undefined;
  /** Whether that means that there is no such identity. */
  notFound(status: number, body: string): boolean;
  /** How often one `getToken` asks at most when this status comes back, when nothing does, when the connection is cut. */
  tries(end: End): number;
  /** A bare 401 may be a challenge here that names nothing. */
  readonly challenges?: boolean;
}

type End = number | 'nothing' | 'cut';

const neverNotFound = () => false;
const hasCode = (body: string) => body.includes('"error"');

/** What a policy comes to when every try has the same end. */
const triesOf = (policy: SendPolicy) => (end: End) => {
  const { networkPausesMs, retries } = policy;
  if (end === 'nothing') return networkPausesMs.length + 1;
  if (end === 'cut') return [...pausesWhileStarting(() => 0)].length + 1;
  return (retries.find(({ statuses }) => statuses(end))?.pausesMs.length ?? 0) + 1;
};

const local = triesOf(localServicePolicy);
const agent = triesOf(arcAgentPolicy);
const fabric = (end: End) => (typeof end === 'string' ? local(end) : end === 429 ? 6 : 1);

const identity = (url: string) => ({ IDENTITY_ENDPOINT: url, IDENTITY_HEADER: hostSecret });
const msi = (url: string) => ({ MSI_ENDPOINT: url, MSI_SECRET: hostSecret });
const arc = (port: number) => ({
  IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/metadata/identity/oauth2/token`,
  IMDS_ENDPOINT: `http://127.0.0.1:${port}`,
});

export const hosts: readonly Host[] = [
  {
    name: 'App Service, protocol of 2019',
    variables: (port) => identity(`http://127.0.0.1:${port}/msi/token`),
    notFound: neverNotFound,
    tries: local,
  },
  {
    name: 'App Service, protocol of 2017',
    variables: (port) => ({ WEBSITE_SITE_NAME: 'a', ...msi(`http://127.0.0.1:${port}/MSI/token`) }),
    notFound: neverNotFound,
    tries: local,
  },
  {
    name: 'Azure Machine Learning',
    variables: (port) => ({
      DEFAULT_IDENTITY_CLIENT_ID: 'a0000000-0000-4000-8000-0000000000c1',
      ...msi(`http://127.0.0.1:${port}/xdsapi/msi`),
    }),
    notFound: neverNotFound,
    tries: local,
  },
  {
    name: 'Azure Arc, first leg',
    variables: arc,
    notFound: (status, body) => (status === 400 || status === 404) && hasCode(body),
    tries: agent,
    challenges: true,
  },
  {
    name: 'Azure Arc, second leg',
    variables: arc,
    challenge: (head) =>
      /^authorization:/im.test(head)
        ? undefined
        : 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/a.key\r\nContent-Length: 0\r\n\r\n',
    notFound: (status, body) => (status === 400 || status === 404) && hasCode(body),
    tries: agent,
    challenges: true,
  },
  {
    name: 'Cloud Shell',
    variables: (port) => ({ MSI_ENDPOINT: `http://127.0.0.1:${port}/oauth2/token` }),
    notFound: neverNotFound,
    tries: local,
  },
  {
    name: 'metadata service (IMDS)',
    variables: (port) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${port}` }),
    notFound: (status) => status === 400,
    tries: triesOf(metadataServicePolicy),
  },
  {
    name: 'Service Fabric, TLS',
    secure: true,
    variables: (port) => ({
      ...identity(`https://127.0.0.1:${port}/metadata/identity/oauth2/token`),
      IDENTITY_SERVER_THUMBPRINT: certificate.thumbprint,
    }),
    notFound: neverNotFound,
    tries: fabric,
  },
  {
    name: 'Container Instances',
    variables: (port) => ({
      ...identity(`http://127.0.0.1:${port}/metadata/identity/oauth2/token?api-version=2018-02-01`),
      IDENTITY_SERVER_THUMBPRINT: 'unused',
    }),
    notFound: neverNotFound,
    tries: fabric,
  },
];
