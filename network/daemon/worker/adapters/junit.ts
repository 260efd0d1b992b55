/**
 * Tests of any tool that writes JUnit XML: a command is executed, and what its files say counts, never how it ended. Tests are listed by a
 * command that prints their ids, or from a report of before that lies in the package.
 */
import { rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { listedTestSchema, type ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { AdapterContext, FinishedTest, GuardedProcess, RunListener, Runner, TestAdapter } from './adapter.ts';
import { execute, filesOf, UniqueNames, writableFolder } from './adapter-tools.ts';
import { readJunitFile, type JunitCase } from './junit-xml.ts';

const words = z.array(z.string().max(16_384)).min(1).max(256);
const patterns = z.array(z.string().min(1).max(4_096)).min(1).max(100);

export const junitSettings = z.strictObject({
  /** `{tests}` is a file with the ids, one a line; `{reports}` an empty folder; `{select}` the words of `select` for each test. */
  command: words,
  select: z.array(z.string().max(16_384)).max(20).default([]),
  /** Where its reports are: patterns, within the package unless they begin with `{reports}`. */
  reports: patterns.default(['{reports}/**/*.xml']),
  /** Prints an id a line, or reports of before. */
  list: z.union([z.strictObject({ command: words }), z.strictObject({ reports: patterns })]),
  /** What is executed together: one test, those of a class, or all. Without `select` and `{tests}` a command always executes all. */
  unit: z.enum(['test', 'class', 'all']).default('class'),
  serial: z.boolean().default(false),
  directory: z.string().max(4_096).default('.'),
});
export type JunitSettings = z.infer<typeof junitSettings>;
type Context = AdapterContext<JunitSettings>;

const mostListed = 1_000_000;
const separator = '::';

export const junitAdapter: TestAdapter<JunitSettings> = {
  name: 'junit',
  settings: junitSettings,
  async list(context) {
    const { list } = context.settings;
    const ids = 'command' in list ? await printedIds(context, list.command) : await reportedIds(context, list.reports);
    return ids.map((id) => listed(id, context.settings));
  },
  open(context) {
    return Promise.resolve(new JunitRunner(context));
  },
};

function listed(id: string, { unit, serial, ...settings }: JunitSettings): ListedTest {
  const group = id.includes(separator) ? id.slice(0, id.indexOf(separator)) : '';
  const chooses = settings.select.length > 0 || settings.command.some((word) => word.includes('{tests}'));
  const together = !chooses || unit === 'all' ? 'all' : unit === 'class' && group !== '' ? group : id;
  return listedTestSchema.parse({ test: id, unit: together, group, serial, tags: [] });
}

async function printedIds(context: Context, command: readonly string[]): Promise<readonly string[]> {
  const executed = await execute(context, {
    command,
    directory: resolve(context.folder, context.settings.directory),
    keptLines: mostListed,
  });
  if (executed.exitStatus !== 0) {
    const how = executed.signal ?? `exit status ${executed.exitStatus ?? 'unknown'}`;
    throw new ProblemError({ code: 'not-listed', message: `The listing command ended with ${how}: ${executed.last.slice(-1_000)}` });
  }
  return executed.lines.map((line) => line.trim()).filter((line) => line !== '');
}

async function reportedIds(context: Context, wanted: readonly string[]): Promise<readonly string[]> {
  const files = await filesOf(context.folder, wanted);
  if (files.length === 0) throw new ProblemError({ code: 'not-listed', message: `No report fits ${wanted.join(', ')}.` });
  const names = new UniqueNames();
  const ids: string[] = [];
  for (const file of files) for (const each of await readJunitFile(join(context.folder, file))) ids.push(names.name(idOf(each)));
  return ids;
}

/** `Class::name`, as it stands in reports. */
function idOf({ className, name }: JunitCase): string {
  return (className === '' ? name : `${className}${separator}${name}`).slice(0, 4_000) || 'unnamed';
}

class JunitRunner implements Runner {
  readonly warm = true;
  private readonly context: Context;
  private process: GuardedProcess | undefined;
  private count = 0;

  constructor(context: Context) {
    this.context = context;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    const { folder, scratch, settings } = this.context;
    const reports = await writableFolder(join(scratch, `reports-${++this.count}`));
    const list = join(scratch, `tests-${this.count}.txt`);
    await writeFile(list, tests.map((test) => `${test}\n`).join(''));
    const before = await this.reportFiles(reports);
    const [only] = tests.length === 1 ? tests : [];
    if (only !== undefined) listener.started(only);
    const command = settings.command.flatMap((word) => fill(word, { tests, reports, list, select: settings.select }));
    const executed = await execute(this.context, {
      command,
      directory: resolve(folder, settings.directory),
      variables,
      onStarted: (process) => (this.process = process),
    });
    if (executed.signal !== null)
      throw new ProblemError({ code: 'ended-by-signal', message: `The command was ended by ${executed.signal}.` });
    await this.tell(new Set(tests), { before, after: await this.reportFiles(reports), listener });
    await Promise.all([reports, list].map((each) => rm(each, { recursive: true, force: true })));
  }

  async close(): Promise<void> {
    await this.process?.kill();
  }

  /** Reports by what tells a new one from an old one; what lies there from before says nothing of this run. */
  private async reportFiles(reports: string): Promise<ReadonlyMap<string, string>> {
    const { folder, settings } = this.context;
    const marker = '{reports}/';
    const own = settings.reports.filter((each) => each.startsWith(marker)).map((each) => each.slice(marker.length));
    const others = settings.reports.filter((each) => !each.startsWith(marker));
    const found = [
      ...(own.length === 0 ? [] : await filesOf(reports, own)).map((file) => join(reports, file)),
      ...(others.length === 0 ? [] : await filesOf(folder, others)).map((file) => join(folder, file)),
    ];
    const entries = found.map(async (file): Promise<readonly [string, string]> => {
      const { ino, size, mtimeMs } = await stat(file);
      return [file, `${ino} ${size} ${mtimeMs}`];
    });
    return new Map(await Promise.all(entries));
  }

  /** A report that is not sound says nothing of anybody: what no other one tells cannot be judged. */
  private async tell(asked: Set<TestId>, { before, after, listener }: Told): Promise<void> {
    const names = new UniqueNames();
    let fault: string | undefined;
    for (const [file, version] of after) {
      if (before.get(file) === version) continue;
      const cases = await readJunitFile(file).catch((failure: unknown) => {
        fault ??= problemOf(failure).message;
        return [];
      });
      for (const each of cases) {
        const test = testIdSchema.parse(names.name(idOf(each)));
        if (asked.delete(test)) listener.finished(finishedTest(test, each));
      }
    }
    if (fault === undefined) return;
    for (const test of asked) listener.finished({ test, verdict: 'broken', duration: 0, message: fault });
  }
}

interface Told {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly listener: RunListener;
}

function finishedTest(test: TestId, { verdict, duration, message, details }: JunitCase): FinishedTest {
  return { test, verdict, duration, ...(message !== '' && { message }), ...(details !== '' && { details }) };
}

interface Filling {
  readonly tests: readonly TestId[];
  readonly reports: string;
  readonly list: string;
  readonly select: readonly string[];
}

/** One word of the command as the words that it becomes; what a test is called stays within one word. */
function fill(word: string, { tests, reports, list, select }: Filling): readonly string[] {
  if (word === '{select}') return tests.flatMap((test) => select.map((each) => fillTest(each, test)));
  return [word.replaceAll('{tests}', () => list).replaceAll('{reports}', () => reports)];
}

function fillTest(word: string, test: TestId): string {
  const at = test.indexOf(separator);
  const values: Readonly<Record<string, string>> = {
    id: test,
    class: at < 0 ? '' : test.slice(0, at),
    name: at < 0 ? test : test.slice(at + separator.length),
  };
  return word.replace(/\{(id|class|name)\}/g, (whole, key: string) => values[key] ?? whole);
}
