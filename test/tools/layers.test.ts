/** The layer rules of ARCHITECTURE.md are lint rules: each forbidden import is refused, each allowed one is not. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'testops-layers-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** Whether the linter accepts a file with this text at this place. */
function accepted(file: string, text: string): boolean {
  const place = join(tree, file);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  const result = spawnSync(
    join(root, 'node_modules', '.bin', 'oxlint'),
    ['-A', 'all', '-D', 'no-restricted-imports', '-D', 'no-restricted-globals', file],
    {
      cwd: tree,
      encoding: 'utf8',
    },
  );
  rmSync(place);
  const refused = /no-restricted-(imports|globals)/.test(result.stdout);
  if (!refused && result.status !== 0) throw new Error(result.stdout + result.stderr);
  return !refused;
}

describe('layers', () => {
  test.each([
    ['shared/scenario/a.ts', "import '#network/bus/connect.ts';"],
    ['shared/scenario/a.ts', "import '../../main/core/core.ts';"],
    ['shared/scenario/a.ts', "import 'node:fs';"],
    ['shared/scenario/a.ts', "import 'ws';"],
    ['shared/scenario/a.ts', 'export const a = process.pid;'],
    ['shared/scenario/a.ts', 'setTimeout(() => 1, 2);'],
    ['network/daemon/a.ts', "import '#main/core/core.ts';"],
    ['network/daemon/a.ts', "import '@duckdb/node-api';"],
    ['main/core/a.ts', "import 'electron';"],
    ['main/cli/a.ts', "import '../../renderer/app.tsx';"],
    ['renderer/views/a.ts', "import '#main/core/core.ts';"],
    ['renderer/views/a.ts', "import 'node:fs';"],
  ])('%s may not: %s', (file, text) => expect(accepted(file, text)).toBe(false));

  test.each([
    ['shared/scenario/a.ts', "import '#shared/problem.ts'; import 'zod';"],
    ['network/daemon/a.ts', "import '#shared/problem.ts'; import 'node:fs'; import '#network/bus/connect.ts';"],
    ['main/core/a.ts', "import '#network/bus/connect.ts'; import '@duckdb/node-api';"],
    ['main/electron/a.ts', "import 'electron';"],
    ['renderer/views/a.ts', "import '#shared/problem.ts'; import 'react';"],
  ])('%s may: %s', (file, text) => expect(accepted(file, text)).toBe(true));
});
