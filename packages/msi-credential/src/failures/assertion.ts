// What a federated credential has to name: issuer, subject and audience of an assertion, as far as a command may hold them.
import { isGuid } from '../selection/environment.ts';
import { decodeClaims, field, textField } from '../tokens/read-token.ts';

/** What a federated credential has to name, exactly. */
export interface Assertion {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** Of the assertion that we sent ourselves: each value in which no character ends the quotes of a shell or of JSON. */
export function assertionSent(jwt: string | undefined): Partial<Assertion> {
  const claims = decodeClaims(jwt ?? '');
  const audience = field(claims, 'aud');
  const value = (text: string | undefined) =>
    text !== undefined && /^[\w:/.@+{}*,-][\w:/.@+{}*, -]{0,599}$/.test(text) ? text : undefined;
  const issuer = textField(claims, 'iss');
  return {
    ...pick('issuer', issuer?.startsWith('https://') ? value(issuer) : undefined),
    ...pick('subject', value(textField(claims, 'sub'))),
    ...pick('audience', value(Array.isArray(audience) ? textField(audience, '0') : textField(claims, 'aud'))),
  };
}

/**
 * In somebody's words, "Assertion Subject: 'repo:a/b'". Whoever answers in Entra's place may name an issuer of his own, which
 * the command would make the application trust. So only the forms of known platforms count.
 */
export function assertionIn(words: string): Partial<Assertion> {
  const printed = (name: keyof Assertion) => {
    const text = new RegExp(`Assertion ${name}:? '([^'\\s]{1,300})'`, 'i').exec(words)?.[1];
    return pick(name, text !== undefined && known[name](text) ? text : undefined);
  };
  return { ...printed('issuer'), ...printed('subject'), ...printed('audience') };
}

const id = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';

/** GitHub Actions (an enterprise may have its own), AKS, Azure Pipelines, managed identities. */
const issuer = new RegExp(
  `^https://(token\\.actions\\.githubusercontent\\.com(/[a-z\\d-]{1,39})?|[a-z\\d-]{1,40}\\.oic\\.prod-aks\\.azure\\.com/${id}/${id}/|vstoken\\.dev\\.azure\\.com/${id}|login\\.microsoftonline\\.(com|us)/${id}/v2\\.0)$`,
  'i',
);
const subject =
  /^(repo:[\w.-]{1,39}\/[\w.-]{1,100}(:(pull_request|environment:[\w.-]{1,100}|ref:refs\/(heads|tags)\/[\w./-]{1,100}))?|system:serviceaccount:[a-z\d-]{1,63}:[a-z\d.-]{1,253}|sc:\/\/[\w.-]{1,60}\/[\w.-]{1,64}\/[\w.-]{1,100})$/i;
const audience = /^api:\/\/AzureADTokenExchange(USGov|China)?$/;

const known: Readonly<Record<keyof Assertion, (text: string) => boolean>> = {
  issuer: (text) => issuer.test(text),
  subject: (text) => subject.test(text) || isGuid(text),
  audience: (text) => audience.test(text) || isGuid(text),
};

function pick(name: keyof Assertion, text: string | undefined): Partial<Assertion> {
  return text === undefined ? {} : { [name]: text };
}
