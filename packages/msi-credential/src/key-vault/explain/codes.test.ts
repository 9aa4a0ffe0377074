import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes } from '../../codes.ts';
import { docsOfKeyVault, explain, keyVaultErrorCodes, kindOf } from './codes.ts';

const guide = readFileSync(new URL('../../../../../docs/key-vault.md', import.meta.url), 'utf8');
const sections = guide.split(/^### /m).slice(1);

test('every code has its heading, once, and no heading is without a code', () => {
  const headings = sections.map((section) => section.split('\n', 1)[0]);
  expect(headings.toSorted()).toEqual([...keyVaultErrorCodes].toSorted());
});

test.each(keyVaultErrorCodes)('%s is told by symptom, meaning, fix and how to verify', (code) => {
  const section = sections.find((one) => one.startsWith(`${code}\n`));
  expect(section?.match(/^- (Symptom|Meaning|Fix|Verify)\b/gm)).toEqual([
    '- Symptom',
    '- Meaning',
    '- Fix',
    '- Verify',
  ]);
});

test('an explanation leads to its heading and has its title', () => {
  expect(explain('KV_FIREWALL', 'c', [])).toMatchObject({
    title: expect.stringMatching(/^[A-Z].*[^.]$/),
    docs: expect.stringMatching(/docs\/key-vault\.md#kv_firewall$/),
  });
  expect(docsOfKeyVault('KV_UNKNOWN')).toMatch(/^https:\/\/github\.com\/.+#kv_unknown$/);
});

test('a kind says what to do: that of a code of ours, and else the credential is why', () => {
  expect(['KV_FIREWALL', 'KV_TOKEN_KEY', 'KV_PROXY', 'KV_ABORTED'].map(kindOf)).toEqual([
    'denied',
    'token',
    'unreachable',
    'timeout',
  ]);
  expect(new Set(errorCodes.map(kindOf))).toEqual(new Set(['credential']));
  expect(kindOf('constructor')).toBe('credential');
});
