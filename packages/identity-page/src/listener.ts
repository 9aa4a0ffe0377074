import type { IncomingMessage, ServerResponse } from 'node:http';

/** A handler of `Request` and `Response` as one of Node's `http` server. */
export function listenerOf(
  handle: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const response = await handle(requestOf(incoming)).catch(failed);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(incoming.method === 'HEAD' ? undefined : await response.text());
  };
}

/** The host is the caller's word, so the address does not have it; the header stays. */
function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage): Request {
  const address = `http://localhost${url}`;
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return new Request(URL.canParse(address) ? address : 'http://localhost/', { method, headers: entries });
}

/** Nobody else would catch it, and an error's words are nothing for a visitor. */
function failed(): Response {
  return new Response('The page could not be made.\n', { status: 500, headers: { 'content-type': 'text/plain' } });
}
