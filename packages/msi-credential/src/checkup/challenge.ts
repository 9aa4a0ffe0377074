// What a vault's first answer says before its tenant counts: whether it asks for a token at all, and for which.
import type { HttpReply } from '../io.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';
import { isStandIn } from '../key-vault/secret/stand-in.ts';
import { failed, type Patient, type StepResult } from './step.ts';

/** Whose answer it is. */
type Asked = Pick<Patient, 'credential' | 'allowStandIn'> & { readonly vaultUrl: URL };

/** What ends the step; undefined where the answer is a challenge that clients follow. */
export function problemWithChallenge(name: string, reply: HttpReply, patient: Asked): StepResult | undefined {
  const { hostname, host } = patient.vaultUrl;
  const standIn = isStandIn(hostname);
  if (standIn && reply.status < 300) {
    const detail = `${host} asks for no token. Whoever reaches it can read what is in it.`;
    return { name, status: 'warning', detail };
  }
  const asked = resourceHostOf(reply.headers['www-authenticate']);
  // As @azure/keyvault-common 2.1.1 compares them.
  if (reply.status !== 401 || asked === undefined || hostname.endsWith(`.${asked}`)) return undefined;
  if (standIn && patient.allowStandIn === true) return undefined;
  const mismatch = new Error(`The challenge resource '${asked}' does not match the requested domain.`);
  const failure = failed(name, explainKeyVaultError(mismatch, patient.credential, { vaultUrl: patient.vaultUrl.href }));
  return { ...failure, detail: `it asks for a token for ${asked}\n${failure.detail}` };
}

/** The host of the resource that a challenge asks a token for; it may be anybody's answer. */
function resourceHostOf(challenge: string | undefined): string | undefined {
  const [, resource = ''] = /\b(?:resource|scope)="(https?:\/\/[^"\s]{1,300})"/i.exec(challenge ?? '') ?? [];
  const host = URL.canParse(resource) ? new URL(resource).hostname : '';
  return /^[0-9a-z.-]{1,253}$/.test(host) ? host : undefined;
}
