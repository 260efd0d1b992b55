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
    ['network/daemon/a.ts', "import '../../main/core/core.ts';"],
    ['platform/a.ts', "import '#network/bus/connect.ts';"],
    ['platform/a.ts', "import '../main/core/core.ts';"],
    ['shared/a.ts', "import '#platform/clock.ts';"],
    ['renderer/a.ts', "import '#platform/clock.ts';"],
    ['main/core/a.ts', "import 'electron';"],
    ['main/core/runs/a.ts', "import 'electron';"],
    ['main/demo/a.ts', "import 'electron';"],
    ['main/core/runs/a.ts', "import '#main/cli/terminal.ts';"],
    ['main/core/a.ts', "import '../web/web-host.ts';"],
    ['main/core/engine/a.ts', "import '../link/link.ts';"],
    ['main/core/workspace/a.ts', "import '../environments/access.ts';"],
    ['main/core/history/a.ts', "import '#main/core/reports/reports.ts';"],
    ['main/core/reports/html/a.ts', "import '../../metrics/scrape.ts';"],
    ['main/core/runs/a.ts', "import '../core.ts';"],
    ['main/core/runs/a.ts', "import '../campaigns/ports.ts';"],
    ['main/core/campaigns/a.ts', "import '../engine/recorder.ts';"],
    ['main/core/campaigns/journal/a.ts', "import '../../link/link.ts';"],
    ['main/core/delivery/a.ts', "import '../campaigns/ports.ts';"],
    ['renderer/stores/a.ts', "import '../views/shell/shell.tsx';"],
    ['main/cli/a.ts', "import '../../renderer/app.tsx';"],
    ['renderer/views/a.ts', "import '#main/core/core.ts';"],
    ['renderer/views/a.ts', "import 'node:fs';"],
  ])('%s may not: %s', (file, text) => expect(accepted(file, text)).toBe(false));

  test.each([
    ['shared/scenario/a.ts', "import '#shared/problem.ts'; import 'zod';"],
    ['network/daemon/a.ts', "import '#shared/problem.ts'; import 'node:fs'; import '#network/bus/connect.ts';"],
    ['network/daemon/a.ts', "import '#platform/clock.ts';"],
    ['platform/a.ts', "import '#shared/problem.ts'; import 'node:fs';"],
    ['main/core/a.ts', "import '#network/bus/connect.ts'; import '@duckdb/node-api'; import '#platform/clock.ts';"],
    ['main/core/runs/a.ts', "import '../ports.ts'; import '../environments/access.ts'; import '#main/core/engine/run-engine.ts';"],
    ['main/core/campaigns/a.ts', "import '../delivery/ports.ts'; import '../archive/standstill.ts'; import '../runs/starts.ts';"],
    ['main/core/delivery/a.ts', "import '../archive/files.ts'; import '../workspace/repository-state.ts';"],
    ['main/core/core.ts', "import './runs/start.ts'; import './console-services.ts';"],
    ['renderer/stores/a.ts', "import './session.ts'; import '../transport/host.ts';"],
    ['main/electron/a.ts', "import 'electron';"],
    ['renderer/views/a.ts', "import '#shared/problem.ts'; import 'react';"],
  ])('%s may: %s', (file, text) => expect(accepted(file, text)).toBe(true));
});
