import { type Diagnostics, diagnose } from 'msi-credential';
import { describe, expect, test } from 'vitest';
import { createApp } from '../app.ts';
import type { ReadSecret } from '../secret.ts';
import { distance } from './html.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'marker-secret' };
const hostile = `<script>alert("x")</script>'"><img src=x onerror=alert(1)>`;

async function page(diagnostics: Diagnostics, read: ReadSecret = async () => ({ value: 'xyzzy', diagnostics })) {
  const app = createApp(read, { vaultUrl: 'https://v.vault.azure.net', diagnostics: () => diagnostics });
  const response = await app.request('/', { headers: { accept: browser } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('the page', () => {
  const diagnostics = diagnose({ env: appService });

  test('does not hold the secret', async () => {
    const { status, text } = await page(diagnostics);
    expect(status).toBe(200);
    expect(text).toContain('App Service managed identity');
    expect(text).not.toMatch(/xyzzy|marker-secret/);
  });

  test('lets nothing run, load or be framed that is not its own, and is not kept', async () => {
    const { headers, text } = await page(diagnostics);
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      vary: 'accept',
    });
    expect(text).not.toMatch(/ style="| on[a-z]+="|<script(?! type="module" src=)/);
  });

  test.each([
    ['http', null],
    ['https', 'max-age=31536000'],
  ])('asks for TLS only behind TLS: %s', async (proto, expected) => {
    const headers = { 'x-forwarded-proto': proto };
    const response = await createApp(() => Promise.reject(new Error())).request('/ping', { headers });
    expect(response.headers.get('strict-transport-security')).toBe(expected);
  });

  test('escapes whatever a host, a token or an error says', async () => {
    const [first] = diagnostics.sources;
    const told: Diagnostics = {
      ...diagnostics,
      selected: { source: 'app-service', title: hostile, host: hostile, reason: hostile, identity: hostile },
      principal: { objectId: hostile, applicationId: hostile, tenantId: hostile, resourceId: hostile, name: hostile },
      sources: [{ ...(first as NonNullable<typeof first>), title: hostile, reason: hostile }],
      warnings: [{ code: hostile as 'HALF_SET', message: hostile }],
      defaultAzureCredential: hostile,
    };
    const failing = () => Promise.reject(Object.assign(new Error(hostile), { code: hostile }));
    for (const { text } of [await page(told), await page(told, failing)]) {
      expect(text).toContain('&lt;script&gt;alert');
      expect(text).not.toMatch(/<script>|<img src=x/);
    }
  });

  test('tells of what was passed over, half-set and would be chosen by others', async () => {
    const env = {
      ...appService,
      AZURE_TENANT_ID: 'a0000000-0000-4000-8000-000000000001',
      AZURE_CLIENT_ID: 'a0000000-0000-4000-8000-000000000002',
      AZURE_CLIENT_SECRET: 'marker-secret',
      AZURE_FEDERATED_TOKEN_FILE: ' ',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1/',
    };
    const { text } = await page(diagnose({ env }));
    expect(text).toContain('Passed over');
    expect(text).toContain('Would use EnvironmentCredential (service-principal) here.');
    expect(text).toContain('Incomplete');
    expect(text).toContain('HALF_SET');
    expect(text).not.toContain('marker-secret');
  });

  test('draws the life of the token', async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const attempt = { source: 'app-service', resource: 'r', outcome: 'token', background: false } as const;
    const { text } = await page({
      ...diagnostics,
      token: { resource: 'https://vault.azure.net', expiresOn: at(45), refreshOn: at(30) },
      attempts: [{ ...attempt, startedOn: at(-15), durationMs: 0 }],
    });
    const [fresh, now] = [/class="fresh"[^>]*width="(\d+)/, /class="now" x1="(\d+)/].map((one) => one.exec(text)?.[1]);
    expect([fresh, now]).toEqual(['75', '25']);
    expect(text).toMatch(/Life of the token: renewed in (29|30) min, expires in (44|45) min/);
  });

  test('lists the requests for a token once one has failed', async () => {
    const failed = { source: 'imds', resource: 'r', outcome: 'ERR_PROBE_FAILED', background: false } as const;
    const attempts = [{ ...failed, startedOn: new Date(0).toISOString(), durationMs: 12 }];
    const { text } = await page({ ...diagnostics, attempts });
    expect(text).toContain('<code>ERR_PROBE_FAILED</code> after 12 ms');
  });
});

test.each([
  [-90_000, '1 min ago'],
  [-1, 'just now'],
  [59_000, 'in less than a minute'],
  [3_600_000, 'in 1 h'],
  [90_000_000, 'in 1 d 1 h'],
])('%d ms are %s', (ms, text) => expect(distance(ms)).toBe(text));
