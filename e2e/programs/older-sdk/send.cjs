// Sends a request as the packages of that time do: https through a tunnel of the proxy, http directly.
const { request } = require('node:http');
const { request: requestTls } = require('node:https');
const { connect } = require('node:tls');

/** Resolves with status, headers and body. */
exports.send = async (url, { method = 'GET', headers = {}, form } = {}) => {
  const { protocol, hostname } = new URL(url);
  const socket = protocol === 'https:' ? await tunnel(hostname) : undefined;
  const through = socket && { createConnection: () => connect({ socket, servername: hostname }) };
  const sent = (socket ? requestTls : request)(url, { method, headers, ...(through ?? { agent: false }) });
  if (form) sent.setHeader('content-type', 'application/x-www-form-urlencoded');
  sent.end(form && new URLSearchParams(form).toString());
  const answer = await new Promise((done, fail) => sent.on('response', done).on('error', fail));
  const body = (await answer.toArray()).join('');
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(body) };
};

async function tunnel(hostname) {
  const { hostname: host, port } = new URL(process.env.HTTPS_PROXY);
  const sent = request({ host, port, method: 'CONNECT', path: `${hostname}:443`, agent: false }).end();
  const [{ statusCode }, socket] = await new Promise((done, fail) =>
    sent.on('connect', (...answer) => done(answer)).on('error', fail),
  );
  if (statusCode !== 200) throw new Error(`The proxy answered ${statusCode} for ${hostname}.`);
  return socket;
}
