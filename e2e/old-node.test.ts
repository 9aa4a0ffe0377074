import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { docsUrl } from '../packages/msi-credential/src/codes.ts';
import { pathOf } from '../scripts/runtimes.ts';
import { tooOld } from './node-version.ts';

// `pnpm test:nodes` brings these runtimes.

const folder = fileURLToPath(new URL('.', import.meta.url));
const bin = (name: string) => fileURLToPath(new URL(`../packages/${name}/bin/${name}.js`, import.meta.url));

describe.each(tooOld)('Node.js %s', (version) => {
  const node = pathOf(version);
  const sentence = `needs Node.js 22.21, 24.5 or later. This is ${version}.`;

  const run = (...args: readonly string[]) =>
    new Promise<{ exitCode: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(node, args, { cwd: folder, env: {}, timeout: 25_000 }, (error, stdout, stderr) =>
        resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
      );
    });

  describe.runIf(existsSync(node))('is there and', () => {
    test.each([
      ['msi-credential', 'getKeyVaultCredential()'],
      ['msi-credential', 'diagnose()'],
      ['msi-credential/key-vault', "getKeyVaultSecret('x', { credential: {} })"],
      [
        'msi-credential/key-vault',
        "resolveKeyVaultReferences({ A: '@Microsoft.KeyVault(VaultName=vault;SecretName=secret)' })",
      ],
      ['msi-credential/checkup', 'detectHost()'],
      ['msi-credential/checkup', 'checkup({ credential: {} })'],
      ['msi-identity-page', "identityPage({ vaultUrl: 'https://v.vault.azure.net' })"],
    ])('opens %s, whose %s says which one it needs', async (entry, call) => {
      const program = `import * as ours from '${entry}';
        console.log('open');
        try { await ours.${call}; } catch ({ code, name, message }) { console.log(JSON.stringify({ code, name, message })); }`;
      const { stdout, stderr } = await run('--input-type=module', '-e', program);
      expect(stderr).toBe('');
      const [open, error = '{}'] = stdout.split('\n');
      expect(open).toBe('open');
      expect(JSON.parse(error)).toEqual({
        code: 'ERR_NODE_VERSION',
        name: 'CredentialUnavailableError',
        message: `msi-credential ${sentence} Run the program with a newer Node.js. The one on PATH is: \`node --version\`. [ERR_NODE_VERSION, ${docsUrl}#err_node_version]`,
      });
    });

    // Of those, Node.js 18 cannot require an ES module.
    test.skipIf(version.startsWith('18.'))('requires msi-credential as well', async () => {
      const program = `const { diagnose } = require('msi-credential');
        try { diagnose() } catch ({ code }) { console.log(code) }`;
      expect((await run('-e', program)).stdout).toBe('ERR_NODE_VERSION\n');
    });

    test('an uncaught one is short', async () => {
      const program = "import { getKeyVaultCredential } from 'msi-credential'; getKeyVaultCredential();";
      const { exitCode, stderr } = await run('--input-type=module', '-e', program);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`msi-credential ${sentence}`);
      expect(stderr.length).toBeLessThan(2_000);
    });

    test('the command says it', async () => {
      const { exitCode, stdout, stderr } = await run(bin('msi-credential'), 'doctor');
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^msi-credential .*\[ERR_NODE_VERSION, https:.*\]\n$/);
      expect(stderr).toContain(sentence);
    });

    test('msi-local says it', async () => {
      const ended = await run(bin('msi-local'), 'run', '--', 'node', 'app.js');
      expect(ended).toEqual({ exitCode: 125, stdout: '', stderr: `msi-local ${sentence}\n` });
    });
  });
});
