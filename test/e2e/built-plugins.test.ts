/** The built command loads plugins: the program of their process is one file, since that process may read no other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, inject } from 'vitest';
import { runCommand } from './console-command.ts';

test('a scenario is checked against the plugins of its environment', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'built-plugins-'));
  try {
    const files: Readonly<Record<string, string>> = {
      'environment.yaml': 'environment: X\nrouter: nats://127.0.0.1:9\noperator: { name: dana, key: dana.seed }\n',
      'environment.pin.json': '{"format":1,"environment":"X","daemons":[]}',
      'good.scn': 'own_check 3\n',
      'plugins/own.mjs': `import { definePlugin } from 'testops-console/plugin';
        export default definePlugin({ name: 'own_check', parameters: [{ name: 'count', type: 'integer' }], run: () => 1 });`,
    };
    await mkdir(join(folder, 'plugins'));
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
    const words = ['check', join(folder, 'good.scn'), '-e', join(folder, 'environment.yaml'), '--offline'];
    const { status, output, errors } = await runCommand(words, { archive: join(folder, 'archive'), program: inject('builtCommand') });
    expect([status, errors]).toEqual([0, expect.not.stringContaining('own.mjs') as string]);
    expect(output).toContain('no errors');
  } finally {
    await rm(folder, { recursive: true });
  }
});
