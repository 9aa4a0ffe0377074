// A bare identity endpoint for the benches: counts its requests, answers at once; /control sets how it behaves.
import { createServer } from 'node:http';

let requests = 0;
let mode = 'ok';
const claims = Buffer.from(JSON.stringify({ oid: 'bench', exp: 4_000_000_000 })).toString('base64url');

createServer((request, response) => {
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/control') {
    mode = url.searchParams.get('mode') ?? mode;
    if (mode === 'end') process.exit();
    const seen = requests;
    requests = 0;
    return response.end(String(seen));
  }
  requests += 1;
  if (mode === 'hang') return;
  if (mode === '500') return response.writeHead(500).end('{}');
  const expires = Math.floor((Number(url.searchParams.get('now')) || Date.now()) / 1000) + 86_400;
  response.setHeader('content-type', 'application/json');
  const body = {
    access_token: `e30.${claims}.c2ln`,
    expires_on: String(expires),
    resource: url.searchParams.get('resource'),
    token_type: 'Bearer',
  };
  const answer = () => response.end(JSON.stringify(body));
  if (mode === 'slow') setTimeout(answer, 100);
  else answer();
}).listen(0, '127.0.0.1', function listening() {
  process.send(this.address().port);
});
