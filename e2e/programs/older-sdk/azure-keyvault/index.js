// The requests of azure-keyvault 3.0.5, as they were recorded here.
const { send } = require('../send.cjs');

exports.KeyVaultClient = class {
  #credentials;

  constructor(credentials) {
    this.#credentials = credentials;
  }

  /** Asks without a token first: the refusal says for which resource one is needed. */
  async getSecret(vaultBaseUrl, name, version) {
    const url = `${vaultBaseUrl}/secrets/${name}/${version}?api-version=7.0`;
    const refused = await send(url);
    const [, resource] = /resource="([^"]+)"/.exec(refused.headers['www-authenticate']) ?? [];
    const headers = { authorization: `Bearer ${await this.#credentials.getToken(resource)}` };
    const { status, body } = await send(url, { headers });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }
};
