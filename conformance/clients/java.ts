import { both, type Client, program, withCertificate } from '../client.ts';

const pom = program('java/pom.xml');
const maven = (folder: string, ...more: readonly string[]) =>
  ['mvn', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}/lib`, ...more].join(' ');

/** With one of the two HTTP clients on the class path. */
const run = (folder: string, way: string, without: string) => [
  'sh',
  '-c',
  `for jar in ${folder}/lib/*.jar; do case $jar in *${without}*) ;; *) path=$path:$jar ;; esac; done
   exec java -Dorg.slf4j.simpleLogger.defaultLogLevel=off -cp "${folder}/classes$path" Client ${way}`,
];

const java: Client = {
  name: 'java-1.19.0',
  title: '`azure-identity` 1.19.0 for Java',
  needs: ['mvn', 'javac', 'java'],
  install: (folder) => [
    // The local repository may have everything already.
    ['sh', '-c', `${maven(folder, '-o')} || ${maven(folder)}`],
    ['javac', '-cp', `${folder}/lib/*`, '-d', `${folder}/classes`, program('java/Client.java')],
  ],
  sources: ['java'],
  run: (folder, way) => run(folder, way, 'jdk-httpclient'),
  expected: [
    {
      way: 'managed',
      hosts: [
        ...both('app-service'),
        'functions',
        ...both('container-apps'),
        'vm',
        'aks',
        ...both('arc'),
        'cloud-shell',
      ],
    },
    {
      way: 'managed',
      hosts: ['app-service-2017'],
      limit: {
        says: 'secret header is missing',
        why: 'knows `IDENTITY_ENDPOINT` only, and takes `MSI_ENDPOINT` for Cloud Shell',
        source: 'msal4j: CloudShellManagedIdentitySource.java',
      },
    },
    {
      way: 'managed',
      hosts: ['azure-ml'],
      limit: {
        says: 'could not be parsed',
        why: 'takes `MSI_ENDPOINT` for Cloud Shell',
        source: 'msal4j: CloudShellManagedIdentitySource.java',
      },
    },
    {
      way: 'managed',
      hosts: ['azure-ml+user-assigned'],
      limit: {
        says: 'not supported in CLOUD_SHELL',
        why: 'takes `MSI_ENDPOINT` for Cloud Shell',
        source: 'msal4j: CloudShellManagedIdentitySource.java',
      },
    },
    {
      way: 'managed',
      hosts: ['service-fabric'],
      limit: {
        says: 'PKIX path building failed',
        why: 'compares no thumbprint, and refuses the self-signed certificate',
        source: 'msal4j: ServiceFabricManagedIdentitySource.java',
      },
    },
    {
      way: 'managed',
      hosts: ['container-instances'],
      limit: {
        says: 'api-version is not supported',
        why: 'writes its query behind one that is there already',
        source: 'msal4j: ManagedIdentityRequest.java',
      },
    },
    { way: 'object-id', hosts: ['app-service', 'container-apps', 'vm', 'arc'] },
    { way: 'resource-id', hosts: ['app-service', 'container-apps', 'vm', 'arc'] },
    { way: 'secret', hosts: ['service-principal'] },
    { way: 'environment', hosts: ['service-principal', withCertificate] },
    { way: 'certificate', hosts: [withCertificate] },
    { way: 'chain', hosts: [withCertificate] },
    { way: 'workload', hosts: ['aks'] },
    { way: 'pipelines', hosts: ['azure-pipelines'] },
    { way: 'github', hosts: ['github-actions'] },
    { way: 'default', hosts: ['app-service', 'vm', 'aks', 'arc', 'service-principal'] },
  ],
};

export const javas: readonly Client[] = [
  java,
  {
    ...java,
    name: 'java-1.19.0-jdk',
    title: "`azure-identity` 1.19.0 for Java, with the JDK's HTTP client",
    shares: java.name,
    run: (folder, way) => run(folder, way, 'core-http-netty'),
    expected: [
      { way: 'managed', hosts: ['app-service'] },
      { way: 'secret', hosts: ['service-principal'] },
    ],
  },
];
