/**
 * Tests of Playwright: one test is one unit, a serial suite is one as a whole. A test is named by project, file and titles. A reporter of ours chooses
 * them exactly (playwright-runner.ts): neither lines nor titles do, and a title that fits nothing ends well with nothing executed.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TestId } from '#shared/campaign/words.ts';
import { writableFolder } from './adapter-tools.ts';
import type { AdapterContext, GuardedProcess, Runner, RunListener, TestAdapter } from './adapter.ts';
import { moduleFile } from './package-modules.ts';
import { playwrightReporter } from './playwright-runner.ts';
import { listThrough, onlyAsked, RunnerChannel, tell } from './runner-channel.ts';

const settingsSchema = z.strictObject({
  /** Further arguments of `playwright test`: `--config`, `--project`, `--trace`. */
  arguments: z.array(z.string()).default([]),
  /** The program that runs Node. */
  node: z.string().min(1).default('node'),
  /** Tests that are executed at once where a unit has several. */
  workers: z.int().min(1).max(100).default(1),
  /** Tests with one of these tags (without `@`) need a server for themselves. */
  serialTags: z.array(z.string().min(1)).default(['serial']),
});
type PlaywrightSettings = z.infer<typeof settingsSchema>;

interface Start {
  readonly list: boolean;
  readonly tests: readonly TestId[];
  /** Patterns for the files that are loaded; none: all of them. */
  readonly files: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

async function start(context: AdapterContext<PlaywrightSettings>, { list, tests, files, variables }: Start): Promise<GuardedProcess> {
  const { settings, scratch, folder } = context;
  const program = await moduleFile(folder, join('@playwright', 'test', 'cli.js'));
  const reporter = join(scratch, 'testops-playwright-reporter.cjs');
  await writeFile(reporter, playwrightReporter);
  const written = await writableFolder(join(scratch, `written-${randomUUID()}`));
  // In a file: there may be more of them than a variable takes.
  const asked = join(scratch, 'testops-tests.json');
  await writeFile(asked, JSON.stringify(tests));
  const told = { list, asked, folder: written, serialTags: settings.serialTags };
  const fixed = [
    `--reporter=${reporter}`,
    `--output=${join(written, 'results')}`,
    '--retries=0',
    '--max-failures=0',
    '--pass-with-no-tests',
  ];
  // A forgotten `only` is an error, and a screenshot that is not there yet a failure.
  const strict = ['--forbid-only', '--update-snapshots=none', `--workers=${settings.workers}`];
  return context.start({
    command: [settings.node, program, 'test', ...settings.arguments, ...fixed, ...strict, ...(list ? ['--list'] : files)],
    variables: { TESTOPS_RUNNER: JSON.stringify(told), CI: 'true', FORCE_COLOR: '0', ...variables },
    channel: true,
  });
}

/**
 * Patterns of the files in which tests are, so that others are not loaded. They fit more than these, also what a source map calls the same file:
 * Playwright looks at both. The tests themselves are chosen by their whole names.
 */
function filesOf(tests: readonly TestId[]): string[] {
  const files = new Set(
    tests.map((test) =>
      fileOf(test)
        .replace(/^.*\/|^\[.*\] /, '')
        .replace(/\.[^.]*$/, ''),
    ),
  );
  return [...files].map((file) => `/${file.replaceAll(/\W/g, '\\$&')}\\.[^/]*$`);
}

/** The file of a test, with its project before it. */
function fileOf(test: TestId): string {
  return test.split(' › ', 1)[0] ?? test;
}

class PlaywrightRunner implements Runner {
  readonly warm = false;
  readonly #context: AdapterContext<PlaywrightSettings>;
  #process: GuardedProcess | undefined;

  constructor(context: AdapterContext<PlaywrightSettings>) {
    this.#context = context;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    const asked = onlyAsked(tests, listener);
    // A file that does not load keeps Playwright from executing anything: those that were listed as such go alone.
    const { files = [], rest = [] } = Object.groupBy(tests, (test) => (fileOf(test) === String(test) ? 'files' : 'rest'));
    for (const part of [...files.map((file) => [file]), rest].filter(({ length }) => length > 0)) {
      const told = await this.#execute(part, filesOf(part), variables, asked);
      // Another name in a source map: the file is found when all are loaded.
      if (!told) await this.#execute(part, [], variables, asked);
    }
  }

  /** Whether anything was told of the tests. */
  async #execute(
    tests: readonly TestId[],
    files: readonly string[],
    variables: Readonly<Record<string, string>>,
    listener: RunListener,
  ): Promise<boolean> {
    this.#process = await start(this.#context, { list: false, tests, files, variables });
    const channel = new RunnerChannel(this.#process);
    let told = false;
    channel.listen((message) => {
      told ||= message.kind === 'finished';
      tell(message, listener);
    });
    const ready = await channel.next('ready');
    await this.#process.ended;
    if (!ready || channel.problem !== undefined) throw await channel.whyItEnded('Playwright could not be started');
    return told;
  }

  async close(): Promise<void> {
    await this.#process?.kill();
  }
}

export const playwrightAdapter: TestAdapter<PlaywrightSettings> = {
  name: 'playwright',
  settings: settingsSchema,
  async list(context) {
    return listThrough(await start(context, { list: true, tests: [], files: [], variables: {} }), 'Playwright could not list the tests');
  },
  async open(context) {
    await moduleFile(context.folder, join('@playwright', 'test', 'cli.js'));
    return new PlaywrightRunner(context);
  },
};
