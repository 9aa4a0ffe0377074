import { describe, expect, it } from 'vitest';
import { readConfig, readHost, readPermissions, readSecrets } from './config.ts';

describe('flags and options', () => {
  it('reads NAME=VALUE, where the value may hold = and may be empty', () => {
    expect(readSecrets(['a=1=2', 'b='])).toEqual({ a: '1=2', b: '' });
  });

  it.each([
    [['no-value'], 'NAME=VALUE'],
    [['db_password=x'], 'for example "db-password"'],
    [['=x'], 'letters, digits and hyphens'],
    [['a=1', 'a=2'], 'more than once'],
  ])('refuses %j and says what is right', (words, message) => {
    expect(() => readSecrets(words)).toThrow(message);
  });

  it('does not repeat a value in its messages', () => {
    expect(() => readSecrets(['marker-secret'])).toThrow(/^((?!marker-secret).)*$/);
  });

  it('lists the known hosts when one is unknown', () => {
    expect(() => readHost('app-servise')).toThrow('The known ones are: app-service, app-service-2017, functions');
  });

  it.each(['ab', '1st', 'a--b', 'a-', 'local.vault.azure.net', 'a'.repeat(25)])('refuses a vault called %s', (name) => {
    expect(() => readConfig({ vaults: [name] })).toThrow(`"${name}" cannot name a vault`);
  });

  it.each(['login.microsoftonline.com', 'local.vault.azure.net', '*.vault.azure.net', 'management.azure.com'])(
    'lets nothing through to %s, which is played here',
    (name) => {
      expect(() => readConfig({ passThrough: [name] })).toThrow('plays');
    },
  );

  it.each(['', '*', 'https://graph.microsoft.com', 'graph.microsoft.com:443', 'a b'])(
    'takes "%s" for no host',
    (name) => {
      expect(() => readConfig({ passThrough: [name] })).toThrow(`"${name}" is no host`);
    },
  );

  it('reads permissions, and refuses unknown ones with the known', () => {
    expect(readPermissions('get, Purge,recover')).toEqual(['get', 'purge', 'recover']);
    expect(() => readPermissions('get,rotate')).toThrow(
      'There is no permission "rotate" here. The known ones are: get, list, set, delete, recover, purge.',
    );
    expect(() => readPermissions('')).toThrow('There is no permission ""');
  });

  it('grants get, list and set where nothing is said, and nothing under deny', () => {
    expect(readConfig({}).permissions).toEqual(['get', 'list', 'set']);
    expect(readConfig({ deny: true }).permissions).toEqual([]);
    expect(() => readConfig({ deny: true, permissions: ['get'] })).toThrow('contradict');
  });

  it('refuses a secret in a vault that there is not', () => {
    expect(() => readConfig({ vaults: ['a-b'], secrets: { 'other/x': '' } })).toThrow('Add --vault other');
    expect(() => readConfig({ secrets: { 'other/x': '' } })).toThrow('Add --vault other');
    expect(() => readConfig({ vaults: ['a-b'], secrets: { 'a-b/x/y': '' } })).toThrow('cannot name a secret');
  });

  it('checks the names of secrets in options as well', () => {
    expect(() => readConfig({ secrets: { a_b: '' } })).toThrow('cannot name a secret');
  });
});
