/** A JSON answer, with the content type that most of Azure's services give it. */
export const json = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
