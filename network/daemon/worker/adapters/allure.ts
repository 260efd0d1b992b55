/**
 * Tests of any framework that has an Allure adapter. A command executes them; which ones stands in a test plan of Allure (`ALLURE_TESTPLAN_PATH`),
 * and what became of them in the results that it writes into a folder of its own for each request, so that no result is an old one.
 *
 * A test is named by its full name, with its parameters in braces. Tests that differ in parameters alone are one unit: a plan cannot tell them apart.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import { writableFolder } from './adapter-tools.ts';
import type { AdapterContext, AttemptFile, FinishedTest, GuardedProcess, Runner, RunListener, TestAdapter } from './adapter.ts';
import { onlyAsked } from './runner-channel.ts';

const command = z.array(z.string()).min(1);
const settingsSchema = z
  .strictObject({
    /** Program and arguments. `{results}` stands for the folder of results, which is in the variable ALLURE_RESULTS_DIR too. */
    command,
    /** A folder of the package with the results of an earlier run, which name the tests. */
    listFrom: z.string().min(1).optional(),
    /** Or a command whose results name them: a dry run, or a run as any other. */
    listCommand: command.optional(),
    /** Tests with one of these tags need a server for themselves. */
    serialTags: z.array(z.string().min(1)).default(['serial']),
  })
  .refine(({ listFrom, listCommand }) => (listFrom === undefined) !== (listCommand === undefined), {
    error: 'give either listFrom or listCommand: where the names of the tests come from',
  });
type AllureSettings = z.infer<typeof settingsSchema>;

// -------------------------------------------------------------------------------------------------------------- results

const attachmentSchema = z.object({ name: z.string().nullish(), type: z.string().nullish(), source: z.string() });
type Attachment = z.infer<typeof attachmentSchema>;

interface Step {
  readonly attachments?: Attachment[] | null | undefined;
  readonly steps?: Step[] | null | undefined;
}
const stepSchema: z.ZodType<Step> = z.object({
  attachments: z.array(attachmentSchema).nullish(),
  get steps() {
    return z.array(stepSchema).nullish();
  },
});

const resultSchema = z.object({
  name: z.string().nullish(),
  fullName: z.string().nullish(),
  status: z.string().nullish(),
  statusDetails: z.object({ message: z.string().nullish(), trace: z.string().nullish() }).nullish(),
  start: z.number().nullish(),
  stop: z.number().nullish(),
  labels: z.array(z.object({ name: z.string(), value: z.coerce.string() })).nullish(),
  parameters: z.array(z.object({ name: z.string(), value: z.coerce.string(), excluded: z.boolean().nullish() })).nullish(),
  attachments: z.array(attachmentSchema).nullish(),
  steps: z.array(stepSchema).nullish(),
});
type Result = z.infer<typeof resultSchema>;

/** Results of a folder, each once; one that is not written to its end yet is read the next time. */
class ResultsFolder {
  readonly path: string;
  readonly #read = new Set<string>();

  constructor(path: string) {
    this.path = path;
  }

  get count(): number {
    return this.#read.size;
  }

  async next(): Promise<Result[]> {
    const names = (await readdir(this.path)).filter((name) => name.endsWith('-result.json') && !this.#read.has(name)).sort();
    const results: Result[] = [];
    for (const name of names) {
      const result = await this.#result(name);
      if (!result) continue;
      this.#read.add(name);
      results.push(result);
    }
    return results.sort((left, right) => (left.start ?? 0) - (right.start ?? 0));
  }

  async #result(name: string): Promise<Result | undefined> {
    try {
      return resultSchema.safeParse(JSON.parse(await readFile(join(this.path, name), 'utf8'))).data;
    } catch {
      return undefined;
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------- names

const braces = / \{.*\}$/s;

function selectorOf({ fullName, name }: Result): string {
  return fullName ?? name ?? 'unnamed';
}

function nameOf(result: Result): TestId {
  const selector = selectorOf(result);
  const parameters = (result.parameters ?? []).filter(({ excluded }) => excluded !== true).map(({ name, value }) => `${name}=${value}`);
  // What ends in braces by itself gets empty ones, so that the name of the plan can be told from it.
  const suffix = parameters.length > 0 || braces.test(selector) ? ` {${parameters.join(', ')}}` : '';
  return testIdSchema.parse(`${selector}${suffix}`.slice(0, 4_000));
}

/** The name that the plan has of a test. Parameters may have braces, too: all that could be it are tried. */
function selectorsOf(test: TestId): string[] {
  if (!test.endsWith('}')) return [test];
  return [...test.matchAll(/ \{/g)].map(({ index }) => test.slice(0, index));
}

function listedTest(result: Result, serialTags: readonly string[]): ListedTest {
  const labels = result.labels ?? [];
  const of = (name: string): string[] => labels.flatMap((label) => (label.name === name ? [label.value] : []));
  const selector = selectorOf(result).slice(0, 4_096);
  const tags = [...new Set(of('tag'))].map((tag) => tag.slice(0, 128)).slice(0, 100);
  return {
    test: nameOf(result),
    unit: selector,
    group: (of('package')[0] ?? of('suite')[0] ?? of('parentSuite')[0] ?? '').slice(0, 4_096),
    serial: tags.some((tag) => serialTags.includes(tag)),
    tags,
  };
}

// ------------------------------------------------------------------------------------------------------------- verdicts

const verdicts: Readonly<Record<string, FinishedTest['verdict']>> = { passed: 'passed', failed: 'failed', skipped: 'skipped' };

function finishedTest(result: Result, folder: string): FinishedTest {
  const { statusDetails, status, start, stop } = result;
  // Every other word, and none, says that it could not be judged.
  const verdict = verdicts[status ?? ''] ?? 'broken';
  const message = statusDetails?.message?.trim().split('\n')[0]?.slice(0, 1_000);
  const details = [statusDetails?.message, statusDetails?.trace].filter((text) => text).join('\n');
  const files = attachmentsOf(result).map((attachment) => fileOf(attachment, folder));
  return {
    test: nameOf(result),
    verdict,
    duration: Math.max(0, (stop ?? 0) - (start ?? stop ?? 0)),
    ...(message && verdict !== 'passed' ? { message } : {}),
    ...(details && verdict !== 'passed' ? { details } : {}),
    ...(files.length > 0 ? { files: files.slice(0, 100) } : {}),
  };
}

function attachmentsOf({ attachments, steps }: Step): Attachment[] {
  return [...(attachments ?? []), ...(steps ?? []).flatMap(attachmentsOf)];
}

/** A source is the name of a file beside the result, never a path. */
function fileOf({ name, type, source }: Attachment, folder: string): AttemptFile {
  const file = basename(source);
  const plain = (name ?? file).replaceAll(/[/\\\0]/g, '_').slice(0, 200) || file;
  const ending = extname(file);
  return {
    name: plain.endsWith(ending) ? plain : `${plain}${ending}`,
    type: (type ?? 'application/octet-stream').slice(0, 128),
    from: { path: join(folder, file) },
  };
}

// ------------------------------------------------------------------------------------------------------------ execution

/** ms between looks into the folder of results. */
const lookInterval = 300;

/** Executes a command to its end, in a folder of results of its own. */
class Execution {
  readonly results: ResultsFolder;
  readonly process: GuardedProcess;
  readonly #printed: string[] = [];

  private constructor(folder: string, process: GuardedProcess) {
    this.results = new ResultsFolder(folder);
    this.process = process;
    for (const stream of ['stdout', 'stderr'] as const) {
      process.onLine(stream, (line) => {
        this.#printed.push(line.slice(0, 1_000));
        if (this.#printed.length > 20) this.#printed.shift();
      });
    }
  }

  static async start(
    context: AdapterContext<AllureSettings>,
    words: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): Promise<Execution> {
    const folder = await writableFolder(join(context.scratch, `results-${randomUUID()}`));
    const process = await context.start({
      command: words.map((word) => word.replaceAll('{results}', folder)),
      variables: { ALLURE_RESULTS_DIR: folder, ...variables },
    });
    process.endInput();
    return new Execution(folder, process);
  }

  /** Tells results as they are written; rejects when the command failed without any. */
  async follow(take: (result: Result) => void): Promise<void> {
    const end = this.process.ended;
    let over: boolean;
    do {
      over = await Promise.race([end.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, lookInterval, false))]);
      for (const result of await this.results.next()) take(result);
    } while (!over);
    const { exitStatus } = await end;
    if (exitStatus === 0 || this.results.count > 0) return;
    const message = `The command ended with exit status ${exitStatus} and without a result: ${this.#printed.join('\n')}`;
    throw new ProblemError({ code: 'suite-problem', message });
  }
}

class AllureRunner implements Runner {
  readonly warm = false;
  readonly #context: AdapterContext<AllureSettings>;
  #execution: Execution | undefined;

  constructor(context: AdapterContext<AllureSettings>) {
    this.#context = context;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    const { scratch, settings } = this.#context;
    const plan = join(scratch, 'testplan.json');
    const selectors = [...new Set(tests.flatMap(selectorsOf))];
    await writeFile(plan, JSON.stringify({ version: '1.0', tests: selectors.map((selector) => ({ selector })) }));
    this.#execution = await Execution.start(this.#context, settings.command, { ALLURE_TESTPLAN_PATH: plan, ...variables });
    const asked = onlyAsked(tests, listener);
    const { path } = this.#execution.results;
    await this.#execution.follow((result) => {
      const finished = finishedTest(result, path);
      asked.started(finished.test);
      // Where the framework tries again, it is the first attempt that counts.
      asked.finished(finished);
    });
  }

  async close(): Promise<void> {
    await this.#execution?.process.kill();
  }
}

async function listTests(context: AdapterContext<AllureSettings>): Promise<readonly ListedTest[]> {
  const { listFrom, listCommand = [], serialTags } = context.settings;
  const listed = new Map<TestId, ListedTest>();
  const take = (result: Result): void => void listed.set(nameOf(result), listedTest(result, serialTags));
  if (listFrom === undefined) {
    const execution = await Execution.start(context, listCommand, {});
    await execution.follow(take);
  } else {
    for (const result of await new ResultsFolder(join(context.folder, listFrom)).next()) take(result);
  }
  if (listed.size > 0) return [...listed.values()];
  throw new ProblemError({ code: 'suite-problem', message: `There are no results of Allure in ${listFrom ?? 'what the command wrote'}.` });
}

export const allureAdapter: TestAdapter<AllureSettings> = {
  name: 'allure',
  settings: settingsSchema,
  list: listTests,
  async open(context) {
    return new AllureRunner(context);
  },
};
