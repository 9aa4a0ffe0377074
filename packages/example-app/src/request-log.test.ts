import { describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import type { RequestEntry } from './request-log.ts';

async function logged(path: string, headers: Record<string, string> = {}) {
  const entries: RequestEntry[] = [];
  const app = createApp(() => Promise.reject(new Error('marker-secret')), { log: (entry) => entries.push(entry) });
  app.get('/broken', () => {
    throw new Error('marker-secret');
  });
  const response = await app.request(path, { headers });
  return { entries, response, text: await response.text() };
}

describe('each request', () => {
  test.each([
    ['/ping', 200],
    ['/healthz-not', 404],
    ['/', 502],
    ['/broken', 500],
  ])('%s is one entry, without query or headers', async (path, status) => {
    const { entries, text } = await logged(`${path}?token=marker-secret`, { authorization: 'marker-secret' });
    expect(entries).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        method: 'GET',
        path,
        status,
        durationMs: expect.any(Number),
        id: expect.stringMatching(/^[\da-f-]{36}$/),
      },
    ]);
    expect(JSON.stringify(entries) + text).not.toContain('marker-secret');
  });

  test.each([
    ['a plain one of the caller is kept', 'abc-123', true],
    ['one that could forge a line is not', 'a"b', false],
    ['nor a long one', 'x'.repeat(300), false],
  ])('has an id that the answer carries too: %s', async (_, id, kept) => {
    const { entries, response } = await logged('/ping', { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).toBe(entries[0]?.id);
    expect(entries[0]?.id === id).toBe(kept);
  });
});
