import type { IncomingMessage, ServerResponse } from 'node:http';

/** A handler of `Request` and `Response` as one of Node's `http` server. */
export function listenerOf(
  handle: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const response = await answerOf(handle, incoming);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(incoming.method === 'HEAD' ? undefined : await response.text());
  };
}

/** Nothing may escape: nobody would catch it, and it would end the process. */
async function answerOf(handle: (request: Request) => Promise<Response>, incoming: IncomingMessage): Promise<Response> {
  // There is no `Request` for it: https://fetch.spec.whatwg.org/#forbidden-method
  if (incoming.method === 'TRACE') return plain(404, 'Not Found');
  try {
    return await handle(requestOf(incoming));
  } catch {
    // An error's words are nothing for a visitor.
    return plain(500, 'The page could not be made.');
  }
}

/**
 * The host is the caller's word, so the address does not have it, even where the request names a whole URL
 * (https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2); the header stays.
 */
function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage): Request {
  const target = url.startsWith('/') ? `http://localhost${url}` : url;
  const { pathname, search } = new URL(URL.canParse(target) ? target : 'http://localhost/');
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return new Request(`http://localhost${pathname}${search}`, { method, headers: entries });
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain' } });
}
