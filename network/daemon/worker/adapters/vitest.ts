/**
 * Tests of vitest: one file is one unit, since its tests share its state; each test has its own verdict, named by project, file, suites and title.
 * A runner keeps vitest open, and is told which files to run, exactly (vitest-runner.ts).
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AdapterContext, GuardedProcess, TestAdapter } from './adapter.ts';
import { moduleFile } from './package-modules.ts';
import { ChannelRunner, listThrough } from './runner-channel.ts';
import { vitestRunner } from './vitest-runner.ts';

const settingsSchema = z.strictObject({
  /** Further words of `vitest run`: filters of files, `--project`, `--config`. */
  arguments: z.array(z.string()).default([]),
  /** The program that runs Node 20 or later. */
  node: z.string().min(1).default('node'),
  /** Tests with one of these tags of vitest make their file one that needs a server for itself. */
  serialTags: z.array(z.string().min(1)).default(['serial']),
});
type VitestSettings = z.infer<typeof settingsSchema>;

async function start(context: AdapterContext<VitestSettings>, list: boolean): Promise<GuardedProcess> {
  const { settings, scratch, folder } = context;
  const module = await moduleFile(folder, join('vitest', 'dist', 'node.js'));
  const file = join(scratch, 'testops-vitest-runner.mjs');
  await writeFile(file, vitestRunner);
  const told = { list, module, serialTags: settings.serialTags, arguments: settings.arguments };
  // With CI, a snapshot that is not there is a failure, and so is a forgotten `only`.
  return context.start({ command: [settings.node, file], variables: { TESTOPS_RUNNER: JSON.stringify(told), CI: 'true' }, channel: true });
}

export const vitestAdapter: TestAdapter<VitestSettings> = {
  name: 'vitest',
  settings: settingsSchema,
  async list(context) {
    return listThrough(await start(context, true), 'vitest could not list the tests');
  },
  async open(context) {
    return ChannelRunner.open(await start(context, false), 'vitest could not be started');
  },
};
