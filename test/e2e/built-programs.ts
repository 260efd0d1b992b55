/**
 * Builds what the tests of the whole system start, once for all of them and before the first: the screens, the desktop shell, and the
 * `testops` command as it is delivered, in a folder of its own so that no test depends on what was built before.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built `testops` command. */
    builtCommand: string;
  }
}

const root = join(import.meta.dirname, '..', '..');

export default function setup(project: TestProject): () => void {
  const build = (file: string, ...words: string[]): void => {
    execFileSync(process.execPath, [join(root, 'tools', file), ...words], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  build('build-renderer.mjs', '--if-stale');
  build('build-electron.mjs');
  mkdirSync(join(root, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(root, 'dist', 'test-'));
  build('build.mjs', '--out', folder);
  project.provide('builtCommand', join(folder, 'testops.mjs'));
  return () => rmSync(folder, { recursive: true, force: true });
}
