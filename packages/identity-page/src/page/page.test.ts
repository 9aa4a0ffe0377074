import { type Diagnostics, diagnose } from 'msi-credential';
import type { StepResult } from 'msi-credential/checkup';
import { describe, expect, test } from 'vitest';
import type { Findings } from '../examine.ts';
import { identityHtml } from './page.ts';
import { distance } from './time.ts';

const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'marker-secret' };
const hostile = `<script>alert("x")</script>'"><img src=x onerror=alert(1)>`;
const diagnostics = diagnose({ env: appService });
const now = Date.parse('2030-01-01T00:00:00Z');

const ok = (name: string): StepResult => ({ name, status: 'ok', detail: 'fine' });
const failed = (name: string, explanation: StepResult['explanation']): StepResult => ({
  name,
  status: 'failed',
  detail: explanation?.cause ?? '',
  ...(explanation && { explanation }),
});

const page = (findings: Partial<Findings> = {}) =>
  identityHtml(
    { steps: [ok('token'), ok('permission')], diagnostics, vaultHost: 'v.vault.azure.net', ...findings },
    now,
  );

describe('the page', () => {
  test('has nothing inline', () => {
    expect(page()).not.toMatch(/ style="| on[a-z]+="|<script(?! type="module" src=)|marker-secret/);
  });

  test('says that the vault can be read only where that was checked', () => {
    expect(page()).toContain('the vault can be read');
    expect(page({ steps: [ok('token')] })).not.toContain('the vault can be read');
  });

  test.each([
    [{ code: 'ERR_HOST_WITHOUT_IDENTITY' }, 'Managed identity is not enabled'],
    [{ code: 'ERR_REFUSED', status: 400 }, 'The token service refused'],
    [{ code: 'ERR_REFUSED', status: 500 }, 'The token service failed'],
    [{ code: 'KV_PROXY', title: 'The proxy did not reach the vault' }, 'The proxy did not reach the vault'],
    [{ code: 'KV_UNEXPECTED_RESPONSE', status: 404, title: 'A stranger answered' }, 'A stranger answered'],
    [
      { code: 'KV_UNEXPECTED_RESPONSE', status: 500, title: 'A stranger answered' },
      'The vault failed, or something on the way to it',
    ],
  ])('%j has the headline of what is wrong', (known, headline) => {
    const explanation = { cause: 'It failed.', fix: [], docs: 'https://example.com/', ...known };
    expect(page({ steps: [failed('token', explanation)] })).toContain(`<h1 id="answer">${headline}</h1>`);
  });

  test('puts each command into a box, and the words beside it', () => {
    const fix = [
      { text: 'Grant it:', run: 'az role assignment create --role "R"' },
      { text: 'Wait.' },
      { run: 'az login' },
    ];
    const explanation = { code: 'KV_DENIED', title: 'No', cause: 'Why.', fix, docs: 'https://example.com/' };
    const text = page({ steps: [ok('token'), failed('permission', explanation)] });
    expect(text).toContain('data-copy="az role assignment create --role &quot;R&quot;"');
    expect([...text.matchAll(/class="command"/g)]).toHaveLength(2);
    expect(text).toContain('<li><p>Wait.</p></li>');
    expect(text).toContain('Try again');
  });

  test('escapes whatever a host, a token or an error says', () => {
    const [first] = diagnostics.sources;
    const told: Diagnostics = {
      ...diagnostics,
      selected: { source: 'app-service', title: hostile, host: hostile, reason: hostile, identity: hostile },
      principal: { objectId: hostile, applicationId: hostile, tenantId: hostile, resourceId: hostile, name: hostile },
      sources: [{ ...(first as NonNullable<typeof first>), title: hostile, reason: hostile }],
      warnings: [{ code: hostile as 'HALF_SET', message: hostile }],
      defaultAzureCredential: hostile,
    };
    const fix = [{ text: hostile, run: hostile }];
    const explanation = { code: hostile, title: hostile, cause: hostile, fix, docs: hostile };
    const steps = [failed(hostile, explanation)];
    for (const text of [
      page({ diagnostics: told, vaultHost: hostile }),
      page({ diagnostics: told, steps, vaultHost: hostile }),
    ]) {
      expect(text).toContain('&lt;script&gt;alert');
      expect(text).not.toMatch(/<script>|<img src=x/);
    }
  });

  test('tells of what was passed over, half-set and would be chosen by others', () => {
    const env = {
      ...appService,
      AZURE_TENANT_ID: 'a0000000-0000-4000-8000-000000000001',
      AZURE_CLIENT_ID: 'a0000000-0000-4000-8000-000000000002',
      AZURE_CLIENT_SECRET: 'marker-secret',
      AZURE_FEDERATED_TOKEN_FILE: ' ',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1/',
    };
    const both = diagnose({ env });
    const text = page({ diagnostics: both });
    expect(text).toContain('Passed over');
    expect(text).toContain(both.defaultAzureCredential);
    expect(text).toContain('Incomplete');
    expect(text).toContain('HALF_SET');
    expect(text).not.toContain('marker-secret');
  });

  test('draws the life of the token, with a legend', () => {
    const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
    const attempt = { source: 'app-service', resource: 'r', outcome: 'token', background: false } as const;
    const token = { resource: 'https://vault.azure.net', expiresOn: at(45), refreshOn: at(30) };
    const attempts = [{ ...attempt, startedOn: at(-15), durationMs: 0 }];
    const text = page({ diagnostics: { ...diagnostics, token, attempts } });
    const [fresh, place] = [/class="fresh"[^>]*width="(\d+)/, /class="now" x1="(\d+)/].map(
      (one) => one.exec(text)?.[1],
    );
    expect([fresh, place]).toEqual(['75', '25']);
    expect(text).toContain('Life of the token: renewed in 30 min, expires in 45 min');
    expect(text).toContain('class="legend"');
  });

  test('lists the requests for a token once one has failed', () => {
    const request = { source: 'imds', resource: 'r', outcome: 'ERR_PROBE_FAILED', background: false } as const;
    const attempts = [{ ...request, startedOn: new Date(0).toISOString(), durationMs: 12 }];
    expect(page({ diagnostics: { ...diagnostics, attempts } })).toContain('<code>ERR_PROBE_FAILED</code> after 12 ms');
  });
});

test.each([
  [-90_000, '1 min ago'],
  [-1, 'just now'],
  [59_000, 'in less than a minute'],
  [3_600_000, 'in 1 h'],
  [90_000_000, 'in 1 d 1 h'],
])('%d ms are %s', (ms, text) => expect(distance(ms)).toBe(text));
