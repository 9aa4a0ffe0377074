import { expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { issueForIdentity, issueForPerson } from './issue-token.ts';
import { createState } from './state.ts';

const hour = 3_600_000;
const vault = 'https://vault.azure.net';

function stopped() {
  const state = createState(readConfig({}));
  state.clock.freeze(Date.parse('2030-01-01T00:00:00Z'));
  const { systemAssigned, userAssigned } = state.world;
  return { state, systemAssigned, userAssigned };
}

it.each([
  ['at once', 0, true],
  ['just before the half of its day is over', 12 * hour - 1000, true],
  ['when the half of its day is over', 12 * hour, false],
  ['after its end', 25 * hour, false],
  ['when the clock was set back behind its beginning', -hour, false],
])('%s an identity asks again: it gets the same token: %s ms, %s', (_, later, same) => {
  const { state, systemAssigned } = stopped();
  const first = issueForIdentity(state, systemAssigned, vault);
  state.clock.advance(later);
  const second = issueForIdentity(state, systemAssigned, vault);
  expect(second.token === first.token).toBe(same);
  expect(second.expiresIn).toBe(same ? 86_400 - later / 1000 : 86_400);
  expect(second.expiresAt - second.expiresIn).toBe(state.clock.now() / 1000);
});

it('each identity, audience and person has a token of its own', () => {
  const { state, systemAssigned, userAssigned } = stopped();
  const tokens = [
    issueForIdentity(state, systemAssigned, vault),
    issueForIdentity(state, userAssigned, vault),
    issueForIdentity(state, systemAssigned, 'https://management.azure.com'),
    issueForPerson(state, vault),
  ].map(({ token }) => token);
  expect(new Set(tokens).size).toBe(4);
  expect(state.issued).toEqual(tokens);
});

it('a stand-in that runs for long remembers the newest thousand of all things', () => {
  const { state, systemAssigned } = stopped();
  for (let n = 0; n < 1100; n += 1) {
    issueForIdentity(state, systemAssigned, `https://a${n}.vault.azure.net`);
    state.requests.add('key-vault', `/${n}`, new Request(`http://127.0.0.1/${n}`));
  }
  expect([state.issued.length, state.tokenCache.size, state.requests.all.length]).toEqual([1000, 100, 1000]);
  expect([state.requests.all[0]?.url, state.requests.all.at(-1)?.url]).toEqual(['/100', '/1099']);
});
