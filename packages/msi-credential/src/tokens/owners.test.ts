import { expect, test } from 'vitest';
import { sources } from '../sources/index.ts';
import type { ManagedIdentity, Offer } from '../types.ts';
import { createOwners } from './owners.ts';

const source = sources[0] as (typeof sources)[0];
const candidates = (...key: readonly string[]) => [{ source, offer: { key } as unknown as Offer }];
const system: ManagedIdentity = { kind: 'system-assigned' };
const user = (id: string, from = 'the option clientId'): ManagedIdentity => ({
  kind: 'user-assigned',
  by: 'clientId',
  id,
  from,
});

test.each<[string, Parameters<ReturnType<typeof createOwners>>, boolean]>([
  ['the same settings', [candidates('a', 'b'), user('c1')], true],
  ['an id in other letter case', [candidates('a', 'b'), user('C1')], true],
  ['the same id, found elsewhere', [candidates('a', 'b'), user('c1', 'AZURE_CLIENT_ID')], true],
  ['another id', [candidates('a', 'b'), user('c2')], false],
  ['another kind of id', [candidates('a', 'b'), { ...user('c1'), by: 'objectId' } as ManagedIdentity], false],
  ['the system-assigned identity', [candidates('a', 'b'), system], false],
  ['another secret', [candidates('a', 'c'), user('c1')], false],
  ['words that are divided otherwise', [candidates('a b'), user('c1')], false],
])('%s have the same owner, or not', (_, other, same) => {
  const ownerOf = createOwners();
  const owner = ownerOf(candidates('a', 'b'), user('c1'));
  expect(ownerOf(...other) === owner).toBe(same);
  expect(ownerOf(...other).number === owner.number).toBe(same);
  expect(ownerOf(candidates('a', 'b'), user('c1'))).toBe(owner);
});

test('an owner is known again after many others, and forgotten after very many', () => {
  const ownerOf = createOwners();
  const settings = (index: number) => [candidates(String(index)), system] as const;
  const first = ownerOf(...settings(0));
  for (let index = 1; index < 400; index += 1) ownerOf(...settings(index));
  expect(ownerOf(...settings(0))).toBe(first);
  for (let index = 400; index < 1_600; index += 1) ownerOf(...settings(index));
  expect(ownerOf(...settings(0)).number).toBe(1_601);
});
