/** The daemon is one file: adapters bring their runners with them when they are bundled and minified as it is. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { Adapters } from '#network/daemon/worker/adapters/adapters.ts';
import { counted, Folder, listTests, openAndRun } from './real-context.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');

test.each(['vitest', 'playwright'] as const)('%s, out of one minified file', { timeout: 60_000 }, async (name) => {
  using place = new Folder();
  const outfile = join(place.path, 'adapters.mjs');
  await build({
    entryPoints: [join(root, 'network', 'daemon', 'worker', 'adapters', 'adapters.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
  });
  const { builtAdapters } = (await import(pathToFileURL(outfile).href)) as { readonly builtAdapters: Adapters };
  const adapter = builtAdapters[name];
  if (!adapter) throw new Error(`There is no adapter ${name}.`);
  using folder = new Folder({
    'a.test.js': `import { expect, test } from '${name === 'vitest' ? name : '@playwright/test'}';\ntest('fits › \\\\ \`', () => {});\ntest('differs', () => expect(1).toBe(2));\n`,
  });
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
  const listed = await listTests(adapter, folder.path);
  expect(listed).toHaveLength(2);
  expect(counted(await openAndRun(adapter, folder.path, listed.map(({ test }) => test)))).toEqual({ passed: 1, failed: 1 }); // prettier-ignore
});
