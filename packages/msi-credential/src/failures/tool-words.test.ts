import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import { formatFix } from '../codes.ts';
import { explainTool } from './developer-tool.ts';
import { essenceOf } from './tool-words.ts';

const tools = {
  az: {
    name: 'azure-cli',
    title: 'Azure CLI',
    signIn: 'az login',
    tenantFlag: '--tenant',
    claimsFlag: '--claims-challenge',
  },
  azd: {
    name: 'azure-developer-cli',
    title: 'Azure Developer CLI',
    signIn: 'azd auth login',
    tenantFlag: '--tenant-id',
    claimsFlag: '--claims',
  },
  pwsh: {
    name: 'azure-powershell',
    title: 'Azure PowerShell',
    signIn: 'Connect-AzAccount',
    tenantFlag: '-Tenant',
    claimsFlag: '-ClaimsChallenge',
  },
} as const;
type Job = 'github-actions' | 'azure-pipelines' | undefined;

const request = {
  scope: 'https://vault.azure.net/.default',
  resource: 'https://vault.azure.net',
  identity: { kind: 'system-assigned' },
} as const;

function explained(tool: keyof typeof tools, words: string, job?: Job) {
  const error = Object.assign(new Error(words), { name: 'CredentialUnavailableError' });
  return explainTool(error, { ...tools[tool], job }, request).explanation;
}

const tls =
  "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)')))";
const rows: [title: string, tool: keyof typeof tools, words: string, advises: RegExp, job?: Job][] = [
  ['TLS is inspected', 'az', `ERROR: ${tls}\nCertificate verification failed.`, /REQUESTS_CA_BUNDLE/],
  [
    'TLS is inspected',
    'azd',
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    /SSL_CERT_FILE/,
  ],
  [
    'TLS is inspected',
    'pwsh',
    'The SSL connection could not be established, see inner exception.',
    /authority to those/,
  ],
  [
    'a folder of another user',
    'az',
    `Traceback (most recent call last):\n  File "/opt/az/x.py", line 1, in <module>\nPermissionError: [Errno 13] Permission denied: '/root/.azure/az.sess'`,
    /AZURE_CONFIG_DIR/,
  ],
  ['a read-only folder', 'az', "ERROR: [Errno 30] Read-only file system: '/.azure'", /AZURE_CONFIG_DIR/],
  ['a folder of another user', 'azd', 'ERROR: mkdir /root/.azd: permission denied', /AZD_CONFIG_DIR/],
  ['a folder of another user', 'pwsh', "Access to the path '/root/.Azure' is denied.", /~\/\.Azure/],
  ['a full disk', 'az', 'ERROR: [Errno 28] No space left on device', /disk is full/],
  [
    'no name server',
    'az',
    "ERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x (Caused by NameResolutionError(\"Failed to resolve 'login.microsoftonline.com' ([Errno -3] Temporary failure in name resolution)\"))",
    /nslookup/,
  ],
  [
    'no name server',
    'azd',
    'Post "https://login.microsoftonline.com": dial tcp: lookup login.microsoftonline.com: no such host',
    /nslookup/,
  ],
  ['a proxy that refuses', 'az', "ERROR: ... (Caused by ProxyError('Cannot connect to proxy.', ...))", /HTTPS_PROXY/],
  ['no way out', 'az', 'ERROR: ... Max retries exceeded (Caused by ConnectTimeoutError(...))', /port 443/],
  [
    'no subscription',
    'az',
    "ERROR: No subscription found. Run 'az account set' to select a subscription.",
    /az account set --subscription/,
  ],
  [
    'another subscription',
    'az',
    `ERROR: The subscription of 'x' doesn't exist in cloud 'AzureCloud'.`,
    /az account list/,
  ],
  ['a broken profile', 'az', 'ERROR: Expecting value: line 1 column 1 (char 0)', /az account clear/],
  ['a broken profile', 'azd', "ERROR: invalid character 'x' looking for beginning of value", /azd auth logout/],
  [
    'a broken profile in a traceback',
    'az',
    'Traceback (most recent call last):\n  File "x", line 1\njson.decoder.JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)',
    /az account clear/,
  ],
  [
    'no module',
    'pwsh',
    `The 'Az.Account' module >= 2.2.0 is not installed. Install the Azure Az PowerShell module with: "Install-Module -Name Az".`,
    /Install-Module Az\.Accounts/,
  ],
  [
    'no module',
    'pwsh',
    "The term 'Get-AzAccessToken' is not recognized as a name of a cmdlet",
    /Install-Module Az\.Accounts/,
  ],
  ['no Python', 'az', '/usr/bin/az: line 3: /opt/az/bin/python3: not found', /az version/],
  [
    'a broken installation',
    'az',
    "Traceback (most recent call last):\nModuleNotFoundError: No module named 'azure.cli'",
    /az version/,
  ],
  ['nobody signed in', 'az', "ERROR: Please run 'az login' to setup account.", /`az login`/],
  ['nobody signed in', 'azd', 'ERROR: not logged in, run `azd auth login` to login', /`azd auth login`/],
  ['nobody signed in', 'pwsh', 'Run Connect-AzAccount to login.', /`Connect-AzAccount`/],
  [
    'a sign-in too old',
    'azd',
    '{"error":"fetching token: failed:\\n(invalid_grant) AADSTS70043 expired"}',
    /`azd auth login`/,
  ],
  [
    'a proof that is over',
    'az',
    'ERROR: AADSTS700024: Client assertion is not within its valid time range.\nPlease run:\naz login',
    /azure\/login.*AZURE_CLIENT_ID/,
    'github-actions',
  ],
  [
    'a proof that is over',
    'az',
    'ERROR: AADSTS700024: Client assertion is not within its valid time range.\nPlease run:\naz login',
    /AzureCLI@2.*SYSTEM_ACCESSTOKEN/,
    'azure-pipelines',
  ],
  [
    'a resource that is not there',
    'az',
    'ERROR: AADSTS500011: The resource principal named x was not found.',
    /az ad sp create/,
  ],
  ['consent that is missing', 'az', 'ERROR: AADSTS65001: not consented. Run: az login', /admin-consent/],
  ['something else', 'az', 'ERROR: a surprise', /Read what Azure CLI says/],
];

describe('what a tool says is told first, and decides what is advised', () => {
  test.each(rows)('%s, %s: %s', (_, tool, words, advises, job) => {
    const { code, cause, fix } = explained(tool, words, job);
    expect(code).toBe('ERR_TOOL_UNAVAILABLE');
    expect(cause).toMatch(new RegExp(`^${tools[tool].title} gave no token: `));
    expect(formatFix(fix)).toMatch(advises);
  });

  test.each(rows.filter(([title]) => !/sign|over|something|consent|is not there|subscription/.test(title)))(
    'no sign-in is advised first for %s, %s',
    (_, tool, words, __, job) => {
      const [first] = explained(tool, words, job).fix;
      expect(first?.run ?? '').not.toMatch(/\b(az|azd auth) login|Connect-AzAccount/);
    },
  );

  test('the wording of each', async () => {
    const told = rows.map(([title, tool, words, , job]) => [`${tool}: ${title}`, explained(tool, words, job)] as const);
    await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/tool-words.txt');
  });
});

describe('the sign-in with claims', () => {
  const claims = '{"access_token":{"acrs":{"value":"c1"}}}';
  const base64 = Buffer.from(claims).toString('base64');
  const runFor = (tool: keyof typeof tools, more: object) => {
    const error = Object.assign(new Error('run az login; id'), { name: 'CredentialUnavailableError' });
    return explainTool(error, tools[tool], { ...request, claims, ...more }).explanation;
  };

  test.each([
    ['az', {}, `az login --claims-challenge ${base64} --scope https://vault.azure.net/.default`],
    ['az', { tenantId: 'contoso.com' }, / --tenant contoso\.com$/],
    [
      'az',
      { tenantId: 'x; id', scope: 'https://x/$(id)' },
      `az login --claims-challenge ${base64} --scope SCOPE --tenant TENANT`,
    ],
    ['azd', {}, `azd auth login --claims ${base64} --scope https://vault.azure.net/.default`],
    ['pwsh', {}, `Connect-AzAccount -ClaimsChallenge ${base64}`],
  ] as const)('%s, %o', (tool, more, expected) => {
    const { code, fix, cause } = runFor(tool, more);
    expect(code).toBe('ERR_CLAIMS_UNSUPPORTED');
    expect(fix).toEqual([
      { text: expect.any(String), run: typeof expected === 'string' ? expected : expect.stringMatching(expected) },
    ]);
    expect(cause + formatFix(fix)).not.toMatch(/;|\$\(/);
  });
});

test.each([
  ['Please sign in', 'Please sign in'],
  ['WARNING: a notice\nERROR: no', 'no'],
  ['\u001b[91mERROR: no\u001b[0m', 'no'],
  ['Traceback (most recent call last):\n  File "x"\n    y()\nValueError: no', 'ValueError: no'],
  [
    'ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: no way\nTraceback (most recent call last):\n  File "x"\nValueError: no',
    'no way',
  ],
  ['{"type":"consoleMessage","data":{"message":""}}\n{"error":"no","message":"m"}', 'no'],
  ['{"type":"consoleMessage","data":{"message":"\\nno\\n"}}', 'no'],
  ['{"error"', '{"error"'],
  ['', ''],
])('the essence of %j is %j', (output, essence) => expect(essenceOf(output)).toBe(essence));
