import { expect, test } from 'vitest';
import { isStandIn } from './stand-in.ts';

const hostOf = (address: string) => new URL(address).hostname;

test.each([
  ['https://localhost:8443', true],
  ['https://127.0.0.1:8443', true],
  ['https://127.9.9.9', true],
  ['https://[::1]:8443', true],
  ['https://0x7f.1:8443', true],
  ['https://10.0.0.4', true],
  ['https://192.168.1.2:4997', true],
  ['https://[fd00::1]', true],
  ['https://contoso.localhost:8443', true],
  ['https://vault.test', true],
  ['https://VAULT.TEST.', true],
  ['https://vault.example', true],
  ['https://host.docker.internal:4997', true],
  ['https://lowkey-vault:8443', true],
  ['https://kv.default.svc.cluster.local', true],
  ['https://kv.home.arpa', true],
  ['https://kv.lan', true],
  ['https://contoso.vault.azure.net', false],
  ['https://contoso.vault.azure.cn', false],
  ['https://contoso.vault.usgovcloudapi.net:8443', false],
  ['https://contoso.privatelink.vaultcore.azure.net', false],
  ['https://vault.contoso.com', false],
  ['https://localhost.contoso.com', false],
  ['https://198.51.100.7', false],
  ['https://[2001:db8::1]', false],
])('%s is a stand-in: %s', (address, expected) => expect(isStandIn(hostOf(address))).toBe(expected));
