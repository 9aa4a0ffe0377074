// A service with nothing but the page, for the browser's tests: everybody on this machine may see it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identityListener } from '../dist/index.js';

const { SECRET_NAME: secretName } = process.env;
const page = identityListener({ secretName, authorize: () => true });
const server = createServer((request, response) => {
  if (request.url?.split('?')[0] === '/identity') page(request, response);
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}/identity`);
});
