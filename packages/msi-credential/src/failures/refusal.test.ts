import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import { json, plain, start } from '../../test/fake-io.ts';
import type { ErrorCode } from '../codes.ts';
import type { HttpReply } from '../io.ts';
import { explainRefusal, generalRefusals, type RefusalRow, readRefusal } from './refusal.ts';

const secret = 'MARKER-of-the-host';
const context = { secrets: [secret], now: start };
const edgeRef = 'Ref A: 0123456789ABCDEF0123456789ABCDEF Ref B: AMS231020512051 Ref C: 2026-11-23T10:00:00Z';

describe('a refusal is read', () => {
  test.each<[string, HttpReply, string, string?]>([
    ['without a word', plain(503), '503 with no details'],
    [
      'flat',
      json(400, { error: 'invalid_request', error_description: 'No.' }),
      '400, invalid_request: No',
      'invalid_request',
    ],
    ['nested', json(400, { error: { code: 'NotFound', message: 'No.' } }), '400, NotFound: No', 'NotFound'],
    ['of App Service', json(500, { statusCode: 500, message: 'No.' }), '500, No'],
    ['of App Service 2017', json(200, { ExceptionMessage: 'No.' }), '200, No'],
    [
      'of App Service 2017 on Windows',
      plain(
        400,
        JSON.stringify({ StatusCode: 400, Message: 'No.', CorrelationId: 'e2e00000-0000-4000-8000-000000000001' }),
      ),
      '400, No (correlation id e2e00000-0000-4000-8000-000000000001)',
    ],
    ['in plain text', plain(404, 'Not found\n'), '404, Not found'],
    ['as a page', plain(403, '<html>x</html>'), '403, an HTML page (a proxy?), 14 characters'],
    ['as JSON with nothing in it', json(400, {}), '400, 2 characters'],
    ['as half of JSON', plain(400, '{"access_token":"x'), '400, 18 characters'],
    ['as a success', plain(200, 'token'), '200, 5 characters'],
    [
      'with its id',
      json(400, { message: 'No', correlationId: 'e2e00000-0000-4000-8000-000000000001' }),
      '400, No (correlation id e2e00000-0000-4000-8000-000000000001)',
    ],
    ['with an id that is none', json(400, { message: 'No', correlationId: 'see above' }), '400, No'],
    [
      'with the id of a header',
      plain(400, '', { 'x-ms-request-id': 'e2e00000-0000-4000-8000-000000000002' }),
      '400 with no details (correlation id e2e00000-0000-4000-8000-000000000002)',
    ],
    [
      'with the id of the edge',
      plain(404, '', { 'x-msedge-ref': edgeRef }),
      `404 with no details (x-msedge-ref ${edgeRef})`,
    ],
    ['with something else in its place', plain(404, '', { 'x-msedge-ref': `${edgeRef} x` }), '404 with no details'],
    ['with a pause', plain(429, '', { 'retry-after': '7' }), '429 with no details, and asks for a pause of 7 s'],
    ['with a pause that is no number', plain(429, '', { 'retry-after': 'soon' }), '429 with no details'],
    ['with the secret in it', json(400, { error: secret, message: `not ${secret}` }), '400, ***: not ***', '***'],
  ])('%s', (_, reply, text, code) => {
    expect(readRefusal(reply, [secret])).toEqual({ code, text });
  });

  test('without an id of the edge that is the secret', () => {
    expect(readRefusal(plain(404, '', { 'x-msedge-ref': edgeRef }), ['AMS231020512051']).text).not.toContain('AMS');
  });
});

describe('a row fits by', () => {
  test.each<[string, RefusalRow, fits: readonly HttpReply[], fitsNot: readonly HttpReply[]]>([
    ['nothing', {}, [plain(400), json(500, { error: 'x' })], []],
    ['its status', { status: 400 }, [plain(400)], [plain(401)]],
    ['one of its statuses', { status: [401, 403] }, [plain(401), plain(403)], [plain(402)]],
    ['a test of the status', { status: (status) => status > 499 }, [plain(500)], [plain(499)]],
    [
      'the code',
      { code: 'NotFound' },
      [json(404, { error: 'NotFound' }), json(400, { error: { code: 'NotFound' } })],
      [plain(404, 'NotFound'), json(404, { error: 'NotFoundEither' })],
    ],
    [
      'a pattern of the code',
      { code: /^Not/ },
      [json(404, { error: 'NotFound' })],
      [plain(404), json(404, { error: 'x' })],
    ],
    ['a code or none', { code: /^(a)?$/ }, [json(400, { error: 'a' }), plain(400)], [json(400, { error: 'b' })]],
    ['the body', { body: /unreachable/ }, [plain(403, 'an unreachable network')], [plain(403)]],
    [
      'all of them',
      { status: 400, code: 'a', body: /b/ },
      [json(400, { error: 'a', message: 'b' })],
      [json(401, { error: 'a', message: 'b' }), json(400, { error: 'b' }), json(400, { error: 'a' })],
    ],
  ])('%s', (_, row, fitting, others) => {
    const explained = (reply: HttpReply) =>
      explainRefusal(reply, 'GET x', [{ ...row, gives: 'ERR_IDENTITY_NOT_FOUND' }], context).explanation.code;
    expect(fitting.map(explained)).toEqual(fitting.map(() => 'ERR_IDENTITY_NOT_FOUND'));
    expect(others.map(explained)).toEqual(others.map(() => 'ERR_REFUSED'));
  });

  test('being the first', () => {
    const rows = [{ status: 400, cause: 'First.' }, { status: 400, cause: 'Second.' }, ...generalRefusals];
    const { explanation } = explainRefusal(plain(400), 'GET x', rows, context);
    expect(explanation.cause).toBe('GET x answered 400 with no details. First.');
  });
});

test('its code, its advice, the status and the pause are those of the explanation', () => {
  const fix = [{ text: 'Ask:', run: 'az login' }];
  const row = { gives: 'ERR_IDENTITY_NOT_FOUND', fix } as const;
  expect(explainRefusal(plain(404, '', { 'retry-after': '2' }), 'GET x', [row], context)).toMatchObject({
    explanation: { code: 'ERR_IDENTITY_NOT_FOUND', status: 404, fix },
    retryAfterMs: 2_000,
  });
});

describe('in general', () => {
  const rows: readonly (readonly [title: string, HttpReply, ErrorCode, row: number | undefined])[] = [
    ['too many requests', plain(429, '<p>Slow down</p>'), 'ERR_THROTTLED', 0],
    ['a redirect', plain(302, '<p>Moved</p>', { location: `http://x/?${secret}` }), 'ERR_REFUSED', 1],
    ['a page', plain(404, ' <h1>Not Found</h1>'), 'ERR_REFUSED', 2],
    ['no such path', plain(404, '404 page not found'), 'ERR_REFUSED', 3],
    ['a bad request', plain(400, `not ${secret}`), 'ERR_REFUSED', 4],
    ['an outage', json(503, { message: 'busy' }), 'ERR_REFUSED', 5],
    ['a refusal of another kind', json(403, { message: 'no' }), 'ERR_REFUSED', undefined],
  ];
  const explain = (reply: HttpReply) => explainRefusal(reply, 'GET x', generalRefusals, context).explanation;

  test.each(rows)('%s', (_, reply, code, row) => {
    const explanation = explain(reply);
    expect(explanation).toMatchObject({ code, status: reply.status });
    const { cause = '', fix } = generalRefusals[row ?? -1] ?? {};
    expect(explanation.cause).toContain(cause);
    if (fix !== undefined) expect(explanation.fix).toEqual(fix);
    expect(JSON.stringify(explanation)).not.toContain(secret);
  });

  test('no row is without a case above', () => {
    expect(rows.flatMap(([, , , row]) => row ?? [])).toEqual(generalRefusals.map((_, index) => index));
  });

  test('the wording of each', async () => {
    const told = rows.map(([title, reply]) => [title, explain(reply)] as const);
    await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/refusal.txt');
  });
});
