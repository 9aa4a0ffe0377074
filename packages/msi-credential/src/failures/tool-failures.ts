// What each failure of a tool needs. Signing in helps with few of them.
import type { Fix } from '../codes.ts';
import type { SourceName } from '../types.ts';

/** The tool and where it runs. */
export interface ToolPlace {
  readonly name: SourceName;
  readonly title: string;
  /** In a job of a build service nobody signs in by hand. */
  readonly job?: 'github-actions' | 'azure-pipelines' | undefined;
}

/** A failure by the tool's words. The first row that fits counts. */
interface Row {
  readonly words: RegExp;
  fix(place: ToolPlace): readonly Fix[];
}

type ByTool = Readonly<Partial<Record<SourceName, Fix>>>;

/** https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy */
const trust: ByTool = {
  'azure-cli': {
    text: "The certificate isn't trusted, as behind a firewall that inspects TLS. Give az the system's authorities and the firewall's in one file:",
    run: 'export REQUESTS_CA_BUNDLE=/path/to/ca-bundle.pem',
  },
  'azure-developer-cli': {
    text: "The certificate isn't trusted, as behind a firewall that inspects TLS. Add the firewall's authority to the system's, or name it:",
    run: 'export SSL_CERT_FILE=/path/to/ca-bundle.pem',
  },
  'azure-powershell': {
    text: "The certificate isn't trusted, as behind a firewall that inspects TLS. Add the firewall's authority to those that the system trusts.",
  },
};

const ownFolder: ByTool = {
  'azure-cli': {
    text: 'az must be able to write to its folder, ~/.azure unless AZURE_CONFIG_DIR names another. Give the folder to the user that runs this process, or name one of its own and sign in again:',
    run: 'export AZURE_CONFIG_DIR="$HOME/.azure-own"',
  },
  'azure-developer-cli': {
    text: 'azd must be able to write to its folder, ~/.azd unless AZD_CONFIG_DIR names another. Give the folder to the user that runs this process, or name one of its own and sign in again:',
    run: 'export AZD_CONFIG_DIR="$HOME/.azd-own"',
  },
  'azure-powershell': {
    text: 'PowerShell must be able to write to ~/.Azure. Give the folder to the user that runs this process.',
  },
};

const startAnew: ByTool = {
  'azure-cli': { text: 'The files of az are damaged. Remove what it keeps of sign-ins:', run: 'az account clear' },
  'azure-developer-cli': {
    text: 'The files of azd are damaged. Remove what it keeps of sign-ins:',
    run: 'azd auth logout',
  },
  'azure-powershell': {
    text: 'The files of PowerShell are damaged. Remove what it keeps of sign-ins:',
    run: 'pwsh -Command Clear-AzContext -Force',
  },
};

const installation: ByTool = {
  'azure-cli': {
    text: 'Its installation is incomplete or missing. Install it again, then see whether it runs:',
    run: 'az version',
  },
  'azure-developer-cli': {
    text: 'Its installation is incomplete or missing. Install it again, then see whether it runs:',
    run: 'azd version',
  },
  'azure-powershell': {
    text: 'Install the module, for the user that runs this process:',
    run: 'pwsh -Command "Install-Module Az.Accounts -Scope CurrentUser -Repository PSGallery -Force"',
  },
};

const only =
  (byTool: ByTool) =>
  ({ name }: ToolPlace): readonly Fix[] =>
    [byTool[name] ?? []].flat();

const rows: readonly Row[] = [
  {
    words:
      /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError|self[- ]signed certificate|unable to get local issuer|x509: |certificate signed by unknown|UntrustedRoot|remote certificate is invalid|SSL connection could not be established/i,
    fix: only(trust),
  },
  {
    words:
      /PermissionError|Permission denied|\bEACCES\b|\bEPERM\b|Errno (1|13|30)\]|Read-only file system|Access to the path .{0,300} is denied|Access is denied/i,
    fix: only(ownFolder),
  },
  {
    words: /No space left on device|\bENOSPC\b|not enough space on the disk/i,
    fix: () => [{ text: 'The disk is full. Make room for the files of the tool.' }],
  },
  {
    words:
      /Az\.Accounts?'? .{0,80}(not installed|not loaded|not found)|no valid module file|'?Get-AzAccessToken'? .{0,40}not recognized|Az\.Accounts' was not loaded/i,
    fix: only(installation),
  },
  {
    words:
      /could ?n[o']t be found|is not recognized as an? |No module named|ModuleNotFoundError|ImportError|cannot execute|bad interpreter|python3?: (command )?not found|error while loading shared libraries/i,
    fix: only(installation),
  },
  {
    words: /ProxyError|proxyconnect|Cannot connect to proxy|Tunnel connection failed|407 Proxy/i,
    fix: () => [
      {
        text: 'The tool does not get through its proxy. Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which it reads itself.',
      },
    ],
  },
  {
    words:
      /getaddrinfo|Name or service not known|name resolution|NameResolutionError|nodename nor servname|no such host|Failed to resolve|No address associated|Could not resolve/i,
    fix: () => [
      {
        text: "The tool found no address for the name. Check this machine's name server, and whether a proxy is needed (HTTPS_PROXY):",
        run: 'nslookup login.microsoftonline.com',
      },
    ],
  },
  {
    words:
      /ConnectionError|Max retries exceeded|Connection (refused|reset|aborted)|ConnectTimeout|ReadTimeout|timed out|dial tcp|i\/o timeout|ECONN|ETIMEDOUT|Network is unreachable|connection attempt failed/i,
    fix: () => [
      {
        text: 'The tool did not get through to Entra. Allow outbound traffic to login.microsoftonline.com, port 443, or set HTTPS_PROXY.',
      },
    ],
  },
  {
    words:
      /No subscriptions? (was |were )?found|az account set|The subscription of .{0,300} doesn't exist|Subscription .{0,300} not found/i,
    fix: () => [
      { text: 'Choose one of your subscriptions:', run: 'az account list --output table' },
      { run: 'az account set --subscription SUBSCRIPTION' },
      { text: 'If you have none in this tenant:', run: 'az login --tenant TENANT --allow-no-subscriptions' },
    ],
  },
  {
    words:
      /JSONDecodeError|Expecting value|Unexpected UTF-8 BOM|azureProfile\.json|msal_token_cache|clouds\.config|invalid character .{0,20} looking for|unmarshal|Unable to load .{0,60}context|DecryptionError|PersistenceDecryptionError/i,
    fix: (place) => [...only(startAnew)(place), { text: 'Then sign in again.' }],
  },
];

/** What ends a failure with such words; undefined where signing in may. */
export function fixOfWords(words: string, place: ToolPlace): readonly Fix[] | undefined {
  const fix = rows.find((row) => row.words.test(words))?.fix(place);
  return fix === undefined || fix.length === 0 ? undefined : fix;
}

/** What signs each tool in in a job, as the beginning of a sentence. */
const ofJob: Readonly<Record<NonNullable<ToolPlace['job']>, Readonly<Partial<Record<SourceName, string>>>>> = {
  'github-actions': {
    'azure-cli': 'In GitHub Actions, azure/login signs az in',
    'azure-powershell': 'In GitHub Actions, azure/login with `enable-AzPSSession: true` signs PowerShell in',
    'azure-developer-cli': 'In GitHub Actions, `azd auth login --federated-credential-provider github` signs azd in',
  },
  'azure-pipelines': {
    'azure-cli': 'In Azure Pipelines, an AzureCLI@2 task signs az in',
    'azure-powershell': 'In Azure Pipelines, an AzurePowerShell@5 task signs PowerShell in',
    'azure-developer-cli':
      'In Azure Pipelines, `azd auth login --federated-credential-provider azure-pipelines` in an AzureCLI@2 task signs azd in',
  },
};

const withoutTool: Readonly<Record<NonNullable<ToolPlace['job']>, string>> = {
  'github-actions':
    'Or give this step AZURE_TENANT_ID and AZURE_CLIENT_ID of the application that trusts the repository, and the job `permissions: id-token: write`: then no tool is asked, and each token has a proof of its own.',
  'azure-pipelines':
    'Or run the step in an AzureCLI@2 task with SYSTEM_ACCESSTOKEN mapped (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)): then no tool is asked, and each token has a proof of its own.',
};

/** What signs in in a job, where no person can, and what needs no such sign-in. Undefined elsewhere. */
export function signInOfJob({ job, name }: ToolPlace): readonly Fix[] | undefined {
  if (job === undefined) return undefined;
  const limit = 'just before the step. Its proof is over after some minutes, and the tool cannot get another one.';
  return [{ text: `${ofJob[job][name]}, ${limit}` }, { text: withoutTool[job] }];
}
