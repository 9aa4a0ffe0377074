import { describe, expect, test } from 'vitest';
import { distance, similarTo } from './similar.ts';

test.each([
  ['', '', 0],
  ['token', 'token', 0],
  ['token', 'tokens', 1],
  ['toke', 'token', 1],
  ['tokan', 'token', 1],
  ['exlpain', 'explain', 1],
  ['', 'doctor', 6],
  ['doctor', '', 6],
  ['kitten', 'sitting', 3],
])('from "%s" to "%s" it is %i slips', (from, to, slips) => {
  expect(distance(from, to)).toBe(slips);
  expect(distance(to, from)).toBe(slips);
});

describe('whoever wrote', () => {
  const names = ['explain', 'doctor', 'token', 'vault-url', 'client-id'];
  test.each([
    ['dokter', 'doctor'],
    ['Doctor', 'doctor'],
    ['doc', 'doctor'],
    ['exlpain', 'explain'],
    ['explian', 'explain'],
    ['tokne', 'token'],
    ['--vaultUrl', 'vault-url'],
    ['--vault', 'vault-url'],
    ['clinet-id', 'client-id'],
    ['client_id', 'client-id'],
    ['nonsense', undefined],
    ['to', undefined],
    ['', undefined],
  ])('"%s" meant %s', (word, name) => expect(similarTo(word, names)).toBe(name));
});
