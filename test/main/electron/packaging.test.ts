/** The packaging's configuration is one that electron-builder takes, and closes what it should. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..', '..');
const require = createRequire(import.meta.url);
const { validateConfiguration } = require('app-builder-lib/out/util/config/config.js') as {
  readonly validateConfiguration: (configuration: unknown, log: unknown) => Promise<void>;
};
const log = { isEnabled: false, add: () => undefined };
const configuration = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Record<string, unknown>;

test('electron-builder takes the configuration', async () => {
  await expect(validateConfiguration(configuration, log)).resolves.toBeUndefined();
  await expect(validateConfiguration({ ...configuration, electronFuses: { runAsNod: false } }, log)).rejects.toThrow(
    /electronFuses should be/,
  );
});

test('the fuses leave nothing but the app', () => {
  expect(configuration['electronFuses']).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  });
});

test('double clicks on runs and scenarios open the console', () => {
  expect((configuration['fileAssociations'] as { ext: string }[]).map(({ ext }) => ext)).toEqual(['testops-run', 'scn']);
});
