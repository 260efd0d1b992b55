/**
 * Tests of pytest, 7 and later: one test is one unit, named by its node id. A warm runner collects once and executes one test at a time, so that a
 * test costs what it costs, and fixtures of the session are set up once (pytest-runner.ts).
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writableFolder } from './adapter-tools.ts';
import type { AdapterContext, GuardedProcess, TestAdapter } from './adapter.ts';
import { pytestRunner } from './pytest-runner.ts';
import { ChannelRunner, listThrough } from './runner-channel.ts';

const settingsSchema = z.strictObject({
  /** Further arguments of pytest: `-m`, `-o`, `-p`, `--rootdir`. */
  arguments: z.array(z.string()).default([]),
  /** Files and folders with tests; unless given, those of its own configuration. */
  paths: z.array(z.string()).default([]),
  /** The interpreter, with pytest: `.venv/bin/python`. */
  python: z.string().min(1).default('python3'),
  /** Tests with one of these markers need a server for themselves. */
  serialMarkers: z.array(z.string().min(1)).default(['serial']),
  /** Whether a runner stays between tests; `false` starts pytest for each unit anew. */
  warm: z.boolean().default(true),
});
type PytestSettings = z.infer<typeof settingsSchema>;

/** What pytest writes for itself goes into a folder of the runner, and no file that cannot be collected stops the others. */
function argumentsOf(settings: PytestSettings, written: string): string[] {
  return [
    ...settings.arguments,
    '-q',
    '--continue-on-collection-errors',
    `--basetemp=${join(written, 'temporary')}`,
    '-o',
    `cache_dir=${join(written, 'cache')}`,
    '-o',
    'console_output_style=classic',
    ...settings.paths,
  ];
}

async function start(context: AdapterContext<PytestSettings>, list: boolean): Promise<GuardedProcess> {
  const { settings, scratch } = context;
  const file = join(scratch, 'testops_pytest_runner.py');
  await writeFile(file, pytestRunner);
  const written = await writableFolder(join(scratch, `written-${randomUUID()}`));
  const told = {
    list,
    folder: written,
    warm: settings.warm,
    serialMarkers: settings.serialMarkers,
    arguments: [...argumentsOf(settings, written), ...(list ? ['--collect-only'] : [])],
  };
  return context.start({
    command: [settings.python, file],
    variables: { TESTOPS_RUNNER: JSON.stringify(told) },
    channel: true,
  });
}

export const pytestAdapter: TestAdapter<PytestSettings> = {
  name: 'pytest',
  settings: settingsSchema,
  async list(context) {
    return listThrough(await start(context, true), 'pytest could not list the tests');
  },
  async open(context) {
    return ChannelRunner.open(await start(context, false), 'pytest could not be started');
  },
};
