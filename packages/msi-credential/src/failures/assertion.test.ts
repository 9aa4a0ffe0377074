import { describe, expect, test } from 'vitest';
import { jwt } from '../../test/fake-io.ts';
import { assertionIn, assertionSent } from './assertion.ts';

const guid = 'a0000000-0000-4000-8000-0000000000c3';
const secret = 'xyZ8Q~aB3.cD-ef_Gh1IjK2lMn3oPq4RsT5uVw';

describe('of the assertion that we sent', () => {
  test.each([
    [{ iss: 'https://oidc.example/x', sub: 'project:a/b', aud: 'api://AzureADTokenExchange' }],
    [{ iss: 'https://gitlab.example:8443', sub: 'repo:Contoso/app:environment:the test', aud: ['one', 'two'] }],
  ])('every value counts: %j', (claims) => {
    const audience = [claims.aud].flat()[0];
    expect(assertionSent(jwt(claims))).toEqual({ issuer: claims.iss, subject: claims.sub, audience });
  });

  test.each(["x'; rm -rf $HOME; '", 'x"}', 'x`id`', 'x\\', 'x\ny', 'a'.repeat(700)])(
    'nothing of %j, which a shell could take for something else',
    (text) => expect(assertionSent(jwt({ iss: `https://${text}`, sub: text, aud: text }))).toEqual({}),
  );

  test.each([undefined, '', 'opaque', 'a.b.c', jwt({ iss: guid, sub: 1, aud: {} })])('%s names none', (token) =>
    expect(assertionSent(token)).toEqual({}),
  );
});

describe('of what somebody says', () => {
  const say = (name: string, text: string) => `no. Assertion ${name}: '${text}'. Assertion X: 'y'.`;

  test.each([
    ['Issuer', 'https://token.actions.githubusercontent.com'],
    ['Issuer', 'https://token.actions.githubusercontent.com/contoso'],
    ['Issuer', `https://westeurope.oic.prod-aks.azure.com/${guid}/${guid}/`],
    ['Issuer', `https://vstoken.dev.azure.com/${guid}`],
    ['Issuer', `https://login.microsoftonline.com/${guid}/v2.0`],
    ['Subject', 'repo:Contoso/app:ref:refs/heads/feature/x'],
    ['Subject', 'repo:Contoso/app:environment:prod'],
    ['Subject', 'system:serviceaccount:my-namespace:my.account'],
    ['Subject', 'sc://contoso/project/connection'],
    ['Subject', guid],
    ['Audience', 'api://AzureADTokenExchangeUSGov'],
  ])('%s %s has the form of a known platform', (name, text) => {
    expect(assertionIn(say(name, text))).toEqual({ [name.toLowerCase()]: text });
  });

  test.each([
    ['Issuer', 'https://token.actions.githubusercontent.com.evil.example'],
    ['Issuer', 'https://evil.example/token.actions.githubusercontent.com'],
    ['Issuer', 'https://x@vstoken.dev.azure.com'],
    ['Issuer', `https://${secret}.oic.prod-aks.azure.com/${guid}/${guid}/`],
    ['Subject', secret],
    ['Subject', `repo:${secret}`],
    ['Subject', 'repo:a/b:pull_request; rm -rf x'],
    ['Subject', "x'; rm -rf $HOME; '"],
    ['Audience', 'api://evil.example'],
    ['Audience', secret],
  ])('%s %s has not', (name, text) => {
    expect(assertionIn(say(name, text))).toEqual({});
  });
});
