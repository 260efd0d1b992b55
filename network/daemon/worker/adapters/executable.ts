/**
 * Tests that are programs: files of the package, or commands by name. What a program says decides: its exit status (0 passed, 77 skipped,
 * any other failed, and only when it ended by itself), the Test Anything Protocol, or a JUnit file.
 */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import { ProblemError } from '#shared/problem.ts';
import type { AdapterContext, FinishedTest, GuardedProcess, RunListener, Runner, TestAdapter } from './adapter.ts';
import { execute, filesOf, UniqueNames, writableFolder, type Executed } from './adapter-tools.ts';
import { readJunitFile, type JunitCase } from './junit-xml.ts';
import { messageOfPoint, tapFault, TapReader, verdictOfPoint, type TapPoint, type TapSummary } from './tap.ts';

const words = z.array(z.string().max(16_384)).min(1).max(256);
const pattern = z.string().min(1).max(4_096);

export const executableSettings = z
  .strictObject({
    /** Patterns of files of the package; each file is a program. */
    files: z.array(pattern).max(100).default([]),
    /** How a file is executed: `[bash, '{file}']`. */
    command: words.default(['{file}']),
    /** Commands that are tests, by their ids. */
    tests: z
      .array(
        z.strictObject({
          id: testIdSchema,
          command: words,
          serial: z.boolean().default(false),
          tags: z.array(z.string().max(128)).max(100).default([]),
        }),
      )
      .max(100_000)
      .default([]),
    /** Exit status that says "skipped". */
    skipped: z.int().min(0).max(255).default(77),
    protocol: z.enum(['exit status', 'tap', 'junit']).default('exit status'),
    /** Of TAP: whether a program is one test, or each of its points; then programs are executed once to list them. */
    list: z.enum(['program', 'tap']).default('program'),
    /** Whether each program needs a server for itself. */
    serial: z.boolean().default(false),
    /** Within the package; programs are executed there. */
    directory: z.string().max(4_096).default('.'),
  })
  .refine(({ files, tests }) => files.length > 0 || tests.length > 0, 'neither files nor tests are given')
  .refine(({ list, protocol }) => list === 'program' || protocol === 'tap', 'list: tap goes with protocol: tap');
export type ExecutableSettings = z.infer<typeof executableSettings>;
type Context = AdapterContext<ExecutableSettings>;

interface Program {
  readonly id: string;
  readonly command: readonly string[];
  readonly serial: boolean;
  readonly tags: readonly string[];
  readonly group: string;
}

/** Parts the id of a program from that of its point. */
const separator = '::';
/** Variable by which a program is told where its JUnit file belongs. */
export const reportVariable = 'TESTOPS_JUNIT_FILE';

export const executableAdapter: TestAdapter<ExecutableSettings> = {
  name: 'executable',
  settings: executableSettings,
  async list(context) {
    const programs = await programsOf(context);
    if (context.settings.list === 'tap') return listPoints(context, programs);
    return programs.map((program) => listed(program, program.id));
  },
  open(context) {
    return Promise.resolve(new ExecutableRunner(context));
  },
};

function listed(program: Program, id: string): ListedTest {
  const { serial, tags, group } = program;
  return { test: testIdSchema.parse(id), unit: program.id, group, serial, tags: [...tags] };
}

async function programsOf(context: Context): Promise<readonly Program[]> {
  const { files, tests, command, serial } = context.settings;
  const found = files.length === 0 ? [] : await filesOf(context.folder, files);
  const programs = found.map((file): Program => {
    const filled = command.map((word) => word.replaceAll('{file}', join(context.folder, file)));
    return { id: file, command: filled, serial, tags: [], group: dirname(file) };
  });
  const named = tests.map((test): Program => ({ ...test, serial: serial || test.serial, group: '' }));
  const all = [...programs, ...named];
  if (new Set(all.map(({ id }) => id)).size < all.length) {
    throw new ProblemError({ code: 'bad-settings', message: 'Two of the tests have the same id.' });
  }
  return all;
}

/** Points are known only once they were told: every program is executed. */
async function listPoints(context: Context, programs: readonly Program[]): Promise<readonly ListedTest[]> {
  const all: ListedTest[] = [];
  for (const program of programs) {
    const names = new UniqueNames();
    const reader = new TapReader((point) => all.push(listed(program, pointId(program, point, names))));
    await execute(context, { ...placeOf(context), command: program.command, onLine: (line) => reader.line(line) });
    const fault = tapFault(reader.end());
    if (fault) throw new ProblemError({ code: 'not-listed', message: `${program.id} could not be listed. ${fault}` });
  }
  return all;
}

function pointId(program: Program, { description, number }: TapPoint, names: UniqueNames): string {
  return `${program.id}${separator}${names.name(description === '' ? `point ${number}` : description)}`.slice(0, 4_000);
}

function placeOf({ folder, settings }: Context): { readonly directory: string } {
  return { directory: resolve(folder, settings.directory) };
}

class ExecutableRunner implements Runner {
  /** Nothing stays, so nothing is to be kept but the list of programs; it costs no process. */
  readonly warm = true;
  private readonly context: Context;
  private programs: Promise<ReadonlyMap<string, Program>> | undefined;
  private process: GuardedProcess | undefined;
  private count = 0;

  constructor(context: Context) {
    this.context = context;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    this.programs ??= programsOf(this.context).then((all) => new Map(all.map((each) => [each.id, each])));
    const programs = await this.programs;
    for (const [id, asked] of Map.groupBy(tests, (test) => this.programId(test))) {
      const program = programs.get(id);
      // The worker says "missing" for what is not there.
      if (!program) continue;
      if (this.context.settings.list === 'tap') await this.runPoints(program, asked, variables, listener);
      else await this.runProgram(program, asked, variables, listener);
    }
  }

  async close(): Promise<void> {
    await this.process?.kill();
  }

  private programId(test: TestId): string {
    return this.context.settings.list === 'tap' ? (test.split(separator, 1)[0] ?? test) : test;
  }

  /** Rejects when it was ended by a signal: then it said nothing that counts. */
  private async execute(program: Program, variables: Readonly<Record<string, string>>, onLine?: (line: string) => void): Promise<Executed> {
    const executed = await execute(this.context, {
      ...placeOf(this.context),
      command: program.command,
      variables,
      ...(onLine && { onLine }),
      onStarted: (process) => (this.process = process),
    });
    if (executed.signal !== null) {
      throw new ProblemError({ code: 'ended-by-signal', message: `${program.id} was ended by ${executed.signal}.` });
    }
    return executed;
  }

  private async runProgram(
    program: Program,
    [test]: readonly TestId[],
    variables: Readonly<Record<string, string>>,
    listener: RunListener,
  ) {
    if (test === undefined) return;
    const began = performance.now();
    listener.started(test);
    const told = await this.judge(program, variables).catch(notStarted);
    listener.finished({ test, duration: performance.now() - began, ...told });
  }

  private async judge(program: Program, variables: Readonly<Record<string, string>>): Promise<Told> {
    switch (this.context.settings.protocol) {
      case 'exit status':
        return byExitStatus(await this.execute(program, variables), this.context.settings.skipped);
      case 'tap': {
        const points: TapPoint[] = [];
        const reader = new TapReader((point) => points.push(point));
        const executed = await this.execute(program, variables, (line) => reader.line(line));
        return byPoints(points, reader.end(), executed);
      }
      case 'junit':
        return this.byReport(program, variables);
    }
  }

  private async byReport(program: Program, variables: Readonly<Record<string, string>>): Promise<Told> {
    const report = join(await writableFolder(join(this.context.scratch, `report-${++this.count}`)), 'report.xml');
    const executed = await this.execute(program, { ...variables, [reportVariable]: report });
    try {
      return byCases(await readJunitFile(report), executed);
    } catch (failure) {
      const message = failure instanceof ProblemError ? failure.problem.message : `It wrote no report to ${reportVariable}.`;
      return { verdict: 'broken', message, details: executed.last };
    }
  }

  /** Each point is a test; those that were not asked for are executed with the others of their program, and not told. */
  private async runPoints(program: Program, asked: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener) {
    const names = new UniqueNames();
    const open = new Set(asked);
    let began = performance.now();
    const next = (): void => {
      const [first] = open;
      if (first !== undefined) listener.started(first);
    };
    const reader = new TapReader((point) => {
      const test = testIdSchema.parse(pointId(program, point, names));
      const duration = performance.now() - began;
      began = performance.now();
      if (!open.delete(test)) return;
      listener.finished({ test, duration, ...ofPoint(point) });
      next();
    });
    next();
    const executed = await this.execute(program, variables, (line) => reader.line(line));
    const { bailOut } = reader.end();
    if (bailOut === null) return;
    for (const test of open)
      listener.finished({ test, verdict: 'broken', duration: 0, message: `Bail out! ${bailOut}`.trim(), details: executed.last });
  }
}

/** A program that is not there, or not to be executed, is a test that cannot be judged. */
function notStarted(failure: unknown): Told {
  if (failure instanceof ProblemError && failure.problem.code === 'failed-to-start')
    return { verdict: 'broken', message: failure.problem.message };
  throw failure;
}

type Told = Pick<FinishedTest, 'verdict' | 'message' | 'details'>;

function byExitStatus({ exitStatus, last }: Executed, skipped: number): Told {
  if (exitStatus === 0) return { verdict: 'passed' };
  const lastWord = last.split('\n').at(-1)?.trim() ?? '';
  if (exitStatus === skipped) return { verdict: 'skipped', ...(lastWord && { message: lastWord }) };
  const status = `It ended with exit status ${exitStatus ?? 'unknown'}`;
  return { verdict: 'failed', message: lastWord === '' ? `${status}.` : `${status}: ${lastWord}`, details: last };
}

function ofPoint(point: TapPoint): Told {
  const verdict = verdictOfPoint(point);
  if (verdict === 'passed') return { verdict };
  if (verdict === 'skipped') return { verdict, message: point.reason || 'not done yet' };
  return { verdict, message: messageOfPoint(point), details: point.diagnostics };
}

function byPoints(points: readonly TapPoint[], summary: TapSummary, { exitStatus, last }: Executed): Told {
  const failed = points.filter((point) => verdictOfPoint(point) === 'failed');
  const fault = tapFault(summary);
  if (failed[0]) {
    const rest = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`;
    const details = failed.map((point) => `not ok ${point.number} - ${point.description}\n${point.diagnostics}`.trimEnd()).join('\n');
    return {
      verdict: 'failed',
      message: `${failed[0].description || `point ${failed[0].number}`}${rest}`,
      details: [details, fault].join('\n').trimEnd(),
    };
  }
  if (fault) return { verdict: 'broken', message: fault, details: last };
  if (exitStatus !== 0)
    return { verdict: 'broken', message: `No point failed, but it ended with exit status ${exitStatus ?? 'unknown'}.`, details: last };
  if (summary.skippedAll !== null) return { verdict: 'skipped', message: summary.skippedAll };
  return { verdict: 'passed' };
}

function byCases(cases: readonly JunitCase[], { last }: Executed): Told {
  const red = cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'broken');
  const [first] = red;
  if (first) {
    const details = red.map(({ name, message, details: text }) => `${name}: ${message}\n${text}`.trimEnd()).join('\n\n');
    const verdict = red.some((each) => each.verdict === 'failed') ? 'failed' : 'broken';
    return { verdict, message: `${first.name}: ${first.message}`, details };
  }
  if (cases.length === 0) return { verdict: 'broken', message: 'Its report has no test cases.', details: last };
  return { verdict: cases.every(({ verdict }) => verdict === 'skipped') ? 'skipped' : 'passed' };
}
