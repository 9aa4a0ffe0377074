// What the programs here share: our credential, and a check of the token that a client sent.
import { createRequire } from 'node:module';
import { getKeyVaultCredential } from 'msi-credential';

const [, , folder] = process.argv;
/** The packages installed in FOLDER. */
export const load = createRequire(`${folder}/program.js`);
export const credential = getKeyVaultCredential();

/** The token of an `Authorization` header; fails unless it is for that service. */
export function expectToken(header, audience) {
  const token = String(header).replace(/^Bearer /, '');
  const { aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (aud.replace(/\/$/, '') !== audience) throw new Error(`A token for ${aud} came, not for ${audience}.`);
}

/** An HTTP client for the SDKs, which checks the token and gives one answer. Without a token it asks for one. */
export function answering(audience, body, { type = 'application/json', challenge } = {}) {
  const { createHttpHeaders } = load('@azure/core-rest-pipeline');
  const asked = [];
  return {
    asked,
    async sendRequest(request) {
      asked.push(request);
      const header = request.headers.get('authorization');
      const reply = (status, headers, text) => ({
        request,
        status,
        headers: createHttpHeaders(headers),
        bodyAsText: text,
      });
      if (challenge !== undefined && asked.length === 1) return reply(401, { 'www-authenticate': challenge }, '');
      // Cosmos DB's scheme of its own.
      expectToken(decodeURIComponent(String(header)).replace(/^type=aad&ver=1.0&sig=/, ''), audience);
      const text = typeof body === 'function' ? body(request) : body;
      return reply(200, { 'content-type': type }, JSON.stringify(text));
    },
  };
}
