// http.mjs FOLDER CLIENT: a program without an SDK, which asks App Service's endpoint and the vault with an HTTP client.
import https from 'node:https';
import { pathToFileURL } from 'node:url';
import read from './read.cjs';

const [, , folder, name] = process.argv;
const { env } = process;
const require = read.from(folder);
const load = (path) => import(pathToFileURL(`${folder}/node_modules/${path}`));
const axios = (name) => async () => {
  const client = require(name);
  return async (url, headers) => (await client.get(url, { headers })).data;
};

/** Node's own, without a library around it. The endpoint speaks plain http, which isn't its subject. */
const plain = (url, headers) =>
  url.startsWith('http:')
    ? fetch(url, { headers }).then((answer) => answer.json())
    : new Promise((done, fail) => {
        const request = https.get(url, { headers }, (answer) => {
          let text = '';
          answer.on('data', (piece) => {
            text += piece;
          });
          answer.on('end', () => done(JSON.parse(text)));
        });
        request.on('error', fail);
      });

/** Each makes a function from an address and headers to the JSON that came back. */
const clients = {
  fetch: async () => async (url, headers) => (await fetch(url, { headers })).json(),
  https: async () => plain,
  undici: async () => async (url, headers) => (await require('undici').request(url, { headers })).body.json(),
  got: async () => {
    const { got } = await load('got/dist/source/index.js');
    return (url, headers) => got(url, { headers, retry: { limit: 0 } }).json();
  },
  'node-fetch': async () => {
    const { default: get } = await load('node-fetch/src/index.js');
    return async (url, headers) => (await get(url, { headers })).json();
  },
  superagent: async () => async (url, headers) => (await require('superagent').get(url).set(headers)).body,
  axios: axios('axios'),
  'axios-1.13.2': axios('axios113'),
  'axios-1.7.9': axios('axios17'),
  'axios-0.21.4': axios('axios021'),
};

async function run() {
  const get = await clients[name]();
  const endpoint = `${env.IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://vault.azure.net`;
  const token = await get(endpoint, { 'X-IDENTITY-HEADER': env.IDENTITY_HEADER });
  const headers = { authorization: `Bearer ${token.access_token}` };
  return (await get(`${env.KEY_VAULT_URL}/secrets/secret?api-version=7.4`, headers)).value;
}
read.tell(run());
