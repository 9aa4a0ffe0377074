// Entra's refusals of what an application proves itself with: an assertion of somebody else's, a certificate, a secret.
import { federate, listCredentials, otherCloud, type Refusal } from './aadsts-steps.ts';

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
const ofIdentity = [
  'As the assertion, use the token of a user-assigned managed identity (the option federatedCredential), or of an issuer outside of Entra.',
];
const sameTenant = [
  "Use a managed identity of the application's own tenant, or register the application in the identity's. An application with several tenants can then be asked for in each of them.",
];
const askAdministrator = [
  'This is a policy of the tenant {tenant}, not a setting of the application. Ask its administrator, or use another tenant.',
];
const newCertificate = [
  { text: 'See how long it is valid:', run: 'openssl x509 -in CERT.pem -noout -dates' },
  'Compare with the clock of this machine.',
  {
    text: 'Add the public part of a new certificate, and put it and its key into the file that AZURE_CLIENT_CERTIFICATE_PATH names:',
    run: 'az ad app credential reset --id {client} --cert @CERT.pem --append',
  },
];

/**
 * By the texts of public reports: Microsoft's list has few of them.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
export const refusedProofs: Readonly<Record<string, Refusal>> = {
  70025: { meaning: 'The application has no federated credential at all', fix: federate },
  70023: {
    meaning: 'The assertion lives too long. Entra takes one that lives for a day at most',
    fix: ({ source }) =>
      source === 'workload-identity'
        ? [
            "AZURE_FEDERATED_TOKEN_FILE names the cluster's own token. Name the one that the webhook projects, /var/run/secrets/azure/tokens/azure-identity-token, or set expirationSeconds to 3600 in the volume that you project yourself.",
            { text: 'See what is mounted:', run: 'kubectl describe pod POD' },
          ]
        : ['Ask its issuer for one that lives for an hour.'],
  },
  700222: {
    meaning: "Entra doesn't take a token that Entra itself has issued as the assertion here",
    fix: [
      'As the proof, use the token of a user-assigned managed identity of the same tenant (the option federatedCredential), or of an issuer outside of Entra.',
      { text: 'See what the application trusts:', run: listCredentials },
    ],
  },
  700226: {
    meaning: 'Of the tokens that Entra issues, only those of managed identities can be the assertion',
    fix: ofIdentity,
  },
  700231: {
    meaning: 'The assertion itself came by a federated credential, and Entra allows no second one after it',
    fix: ({ source, ...context }) => [
      'Sign in with the first assertion: have the application trust its issuer, and leave out the identity in between.',
      ...federate({ ...context, source: source === 'workload-identity' ? source : undefined, assertion: undefined }),
    ],
  },
  700236: { meaning: 'The managed identity and the application belong to different tenants', fix: sameTenant },
  7002381: {
    meaning: "The tenant wants a claim in GitHub's token that this repository's tokens don't have",
    fix: askAdministrator,
  },
  700021: {
    meaning: 'The assertion names another application than the request, in iss and sub',
    fix: [
      'Check {clientIdSetting} ({client}). Entra expects it in both claims of an assertion that a certificate signed.',
    ],
  },
  700023: {
    meaning: 'The assertion was made for another tenant or another cloud',
    fix: ['Check {tenantIdSetting} ({tenant}).', otherCloud],
  },
  7000229: {
    meaning: 'The application is registered, but has no service principal in the tenant',
    fix: [
      { text: 'Sign in to that tenant:', run: 'az login --tenant {tenant}' },
      { text: 'Add the service principal:', run: 'az ad sp create --id {client}' },
    ],
  },
  7000232: {
    meaning: "The client id is a managed identity's, which has no secret and no certificate",
    fix: [
      "Unset AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH, and the identity is asked through its host. Or set {clientIdSetting} to an application's client id.",
    ],
  },
  700025: {
    meaning: 'The application is registered as a public client, which has no secret and no certificate',
    fix: [
      {
        text: 'Make it a confidential one:',
        run: 'az ad app update --id {client} --is-fallback-public-client false',
      },
      'In Entra it is the switch "Allow public client flows" on the page Authentication. Or use another application, one of the type Web.',
    ],
  },
  1000502: { meaning: 'The certificate has expired, or is not valid yet', fix: newCertificate },
  7000274: { meaning: 'The certificate has expired, or is not valid yet', fix: newCertificate },
  7000214: { meaning: 'The certificate has been revoked', fix: newCertificate.slice(-1) },
  7000277: { meaning: 'The certificate has been revoked', fix: newCertificate.slice(-1) },
};
