import { expect } from 'vitest';
import { ask } from './ask.ts';
import { answersTo, expectRequests, expiry, filesOf, type GoldenRow, legsOf } from './golden.ts';

/** Plays a row of a managed identity protocol: the same requests as in the file, the same outcome. */
export async function expectHostExchange(source: string, row: GoldenRow): Promise<void> {
  const { variables, identity, scope, scripted } = row;
  const legs = legsOf(row);
  const around = { answers: answersTo(legs, row), files: filesOf(row), ...(scope !== undefined && { scope }) };
  const { io, credential, token } = ask(variables, around, identity);
  expect(credential.diagnostics.selected?.source).toBe(source);
  const outcome = await token.then(
    ({ expiresOnTimestamp }) => `token until ${expiresOnTimestamp}`,
    (error) => error.code,
  );
  expect(outcome).toBe(row.outcome === 'token' ? `token until ${expiry}` : row.outcome);
  expectRequests(io.requests, legs);
  if (!scripted) expect(io.requests).toHaveLength(legs.length);
}
