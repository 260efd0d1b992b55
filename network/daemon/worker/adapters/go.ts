/**
 * Tests of Go: one package is one unit, since its tests are one program. Each top test, example and fuzz test (with its seeds) has a verdict, named
 * `example.org/package.TestName`; its subtests are only known when it runs, and what failed of them is told in its message.
 *
 * `go test -json` tells of each test when it ends. When the program dies of a panic in a goroutine, it does not: then what had begun is broken,
 * with what was printed last, and so is what was not reached.
 */
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import type { AdapterContext, FinishedTest, GuardedProcess, Runner, RunListener, TestAdapter } from './adapter.ts';
import { onlyAsked } from './runner-channel.ts';

const settingsSchema = z.strictObject({
  /** Packages, as `go test` takes them. */
  packages: z.array(z.string().min(1)).min(1).default(['./...']),
  /** Further arguments of `go test`: `-race`, `-tags=integration`, `-short`. */
  arguments: z.array(z.string()).default([]),
  /** The program. */
  go: z.string().min(1).default('go'),
  /** Tests whose name begins with one of these words make their package one that needs a server for itself: `TestSerial`. */
  serialPrefixes: z.array(z.string().min(1)).default(['TestSerial']),
});
type GoSettings = z.infer<typeof settingsSchema>;

const eventSchema = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  /** s */
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
});
type GoEvent = z.infer<typeof eventSchema>;

function eventIn(line: string): GoEvent | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const mostOutput = 12_000;
/** Begin of a name that `go test -list` prints; benchmarks are listed as well, and are no tests. */
const testName = /^(?:Test|Example|Fuzz)[^\s]*$/;

// -------------------------------------------------------------------------------------------------------------- listing

/** Tests as `go test -list` prints them. A package that cannot be built is listed itself, as a test that is broken when it is executed. */
class Listing {
  readonly tests: ListedTest[] = [];
  readonly #unbuilt = new Set<string>();
  readonly #serialPrefixes: readonly string[];

  constructor(serialPrefixes: readonly string[]) {
    this.#serialPrefixes = serialPrefixes;
  }

  take(line: string): void {
    const event = eventIn(line);
    // Go before 1.24 says in plain words which package cannot be built.
    const unbuilt = /^FAIL\t(\S+) \[(?:build|setup) failed\]/.exec(event?.Output ?? line)?.[1];
    if (unbuilt !== undefined) this.#addUnbuilt(unbuilt);
    else if (event?.Action === 'fail' && event.Package !== undefined) this.#addUnbuilt(event.Package);
    else if (event?.Package !== undefined && testName.test(event.Output?.trim() ?? ''))
      this.#add(event.Package, event.Output?.trim() ?? '');
  }

  #addUnbuilt(name: string): void {
    if (this.#unbuilt.has(name)) return;
    this.#unbuilt.add(name);
    this.tests.push(listed(name, name, { tags: ['build-error'], serial: false }));
  }

  #add(name: string, test: string): void {
    const serial = this.#serialPrefixes.some((prefix) => test.startsWith(prefix));
    this.tests.push(listed(`${name}.${test}`, name, { tags: [], serial }));
  }
}

function listed(test: string, name: string, { tags, serial }: { readonly tags: string[]; readonly serial: boolean }): ListedTest {
  return { test: testIdSchema.parse(test), unit: name, group: name, serial, tags };
}

async function listTests(context: AdapterContext<GoSettings>): Promise<readonly ListedTest[]> {
  const { settings } = context;
  const listing = new Listing(settings.serialPrefixes);
  const process = await context.start({
    command: [settings.go, 'test', '-json', '-list', '.', ...settings.arguments, ...settings.packages],
  });
  process.onLine('stdout', (line) => listing.take(line));
  const errors = lastLines(process);
  const { exitStatus } = await process.ended;
  if (exitStatus !== 0 && listing.tests.length === 0) {
    throw new ProblemError({ code: 'suite-problem', message: `go could not list the tests (exit status ${exitStatus}): ${errors()}` });
  }
  return listing.tests;
}

/** What a process said last on its standard error. */
function lastLines(process: GuardedProcess): () => string {
  const lines: string[] = [];
  process.onLine('stderr', (line) => {
    lines.push(line.slice(0, 1_000));
    if (lines.length > 40) lines.shift();
  });
  return () => lines.join('\n').trim();
}

// ------------------------------------------------------------------------------------------------------------ execution

/** One test while it is executed. */
interface Going {
  readonly test: TestId;
  /** Subtests that failed. */
  readonly subtests: string[];
  /** The first thing that each said, by its whole name. */
  readonly said: Map<string, string>;
  output: string;
}

/** Follows the events of one package's program. */
class PackageRun {
  readonly #name: string;
  readonly #listener: ReturnType<typeof onlyAsked>;
  readonly #going = new Map<string, Going>();
  /** The last test that passed, not told yet: it answers for a program that fails after its tests. */
  #held: FinishedTest | undefined;
  #failures = 0;
  #begun = 0;
  #panic: string | undefined;
  #output = '';

  constructor(name: string, tests: readonly TestId[], listener: RunListener) {
    this.#name = name;
    this.#listener = onlyAsked(tests, listener);
  }

  take({ Action, Test, Elapsed = 0, Output = '' }: GoEvent): void {
    if (Output !== '') this.#panic ??= panicIn(Output);
    if (Test === undefined) {
      this.#output = tail(this.#output + Output);
      return;
    }
    const [name = ''] = Test.split('/', 1);
    const going = this.#begin(name);
    if (Output !== '') this.#keep(going, Test, Output);
    if (Test !== name) {
      if (Action === 'fail') going.subtests.push(Test.slice(name.length + 1));
    } else if (Action === 'pass' || Action === 'fail' || Action === 'skip') {
      this.#going.delete(name);
      this.#end(going, Action, Elapsed * 1_000);
    }
  }

  #begin(name: string): Going {
    const before = this.#going.get(name);
    if (before) return before;
    const going: Going = { test: testIdSchema.parse(`${this.#name}.${name}`), subtests: [], said: new Map(), output: '' };
    this.#going.set(name, going);
    this.#begun += 1;
    this.#release();
    this.#listener.started(going.test);
    return going;
  }

  #keep(going: Going, test: string, output: string): void {
    going.output = tail(going.output + output);
    const words = said(output);
    if (words !== undefined && !going.said.has(test) && going.said.size < 1_000) going.said.set(test, words);
  }

  #end(going: Going, action: 'pass' | 'fail' | 'skip', duration: number): void {
    const { test, output, said } = going;
    if (action === 'pass') {
      this.#release();
      this.#held = { test, verdict: 'passed', duration };
    } else if (action === 'skip') {
      this.#listener.finished({ test, verdict: 'skipped', duration, message: [...said.values()].at(-1) ?? 'skipped' });
    } else {
      this.#failures += 1;
      const verdict = panicIn(output) === undefined ? 'failed' : 'broken';
      this.#listener.finished({ test, verdict, duration, message: messageOf(going).slice(0, 1_000), details: output });
    }
  }

  #release(): void {
    if (this.#held) this.#listener.finished(this.#held);
    this.#held = undefined;
  }

  /** The program has ended: what had begun and has no verdict died with it, and what did not begin never will. */
  end(exitStatus: number | null, errors: string): void {
    this.#endUntold();
    const died = [...this.#going.values()].map(({ test }) => test).filter((test) => this.#listener.open.has(test));
    const output = [...[...this.#going.values()].map((going) => going.output), this.#output, errors].filter((text) => text.trim() !== '');
    const whole = tail(output.join('\n'));
    const reason =
      this.#panic ??
      whole
        .split('\n')
        .find((line) => line.trim() !== '' && !/^(?:===|--- |FAIL|PASS|ok |# |exit status)/.test(line))
        ?.trim() ??
      'it said nothing';
    if (this.#held && exitStatus !== 0 && this.#failures === 0 && died.length === 0) {
      this.#held = { ...this.#held, verdict: 'broken', message: `after the tests, the test program failed: ${reason}`, details: whole };
    }
    this.#release();
    for (const test of died) this.#broken(test, `the test program died: ${reason}`, whole);
    if (died.length > 0 || this.#panic !== undefined) this.#breakRest(`not reached, since the test program died: ${reason}`, whole);
    else if (this.#begun === 0 && exitStatus !== 0) this.#breakRest(`the test program could not be built or begun: ${reason}`, whole);
  }

  /** Before Go 1.20 the end of a test is not told when it printed something without an end of line; it stands behind that. */
  #endUntold(): void {
    for (const [name, going] of this.#going) {
      const end = new RegExp(`--- (PASS|FAIL|SKIP): ${name} \\(([\\d.]+)s\\)\\s*$`, 'm').exec(going.output);
      if (!end) continue;
      this.#going.delete(name);
      this.#end(going, end[1] === 'PASS' ? 'pass' : end[1] === 'FAIL' ? 'fail' : 'skip', Number(end[2]) * 1_000);
    }
  }

  #breakRest(message: string, details: string): void {
    for (const test of this.#listener.open) {
      this.#listener.started(test);
      this.#broken(test, message, details);
    }
  }

  #broken(test: TestId, message: string, details: string): void {
    this.#listener.finished({ test, verdict: 'broken', duration: 0, message: message.slice(0, 1_000), details });
  }
}

/** What failed; of nested subtests the innermost says most. */
function messageOf({ test, subtests, said, output }: Going): string {
  const deepest = subtests.filter((each) => !subtests.some((other) => other.startsWith(`${each}/`)));
  const name = /[^.]*$/.exec(test)?.[0] ?? '';
  const words = panicIn(output) ?? said.get(deepest[0] === undefined ? name : `${name}/${deepest[0]}`) ?? [...said.values()][0] ?? 'failed';
  return deepest.length === 0 ? words : `${deepest.slice(0, 5).join(', ')}${deepest.length > 5 ? ' …' : ''}: ${words}`;
}

function tail(text: string): string {
  return text.length <= mostOutput ? text : text.slice(-mostOutput);
}

function panicIn(output: string): string | undefined {
  return /^(?:panic: |fatal error: ).*$/m.exec(output)?.[0].replace(/ \[recovered.*$/, '');
}

/** What a test says of itself: `file_test.go:12: words`. */
function said(output: string): string | undefined {
  return /^\s*\w[\w.-]*\.go:\d+: (.*)$/m.exec(output)?.[1]?.trim();
}

class GoRunner implements Runner {
  readonly warm = false;
  readonly #context: AdapterContext<GoSettings>;
  #process: GuardedProcess | undefined;

  constructor(context: AdapterContext<GoSettings>) {
    this.#context = context;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    const names = Map.groupBy(tests, packageOf);
    for (const [name, ofPackage] of names) await this.#runPackage(name, ofPackage, variables, listener);
  }

  async #runPackage(
    name: string,
    tests: readonly TestId[],
    variables: Readonly<Record<string, string>>,
    listener: RunListener,
  ): Promise<void> {
    const { settings } = this.#context;
    const run = new PackageRun(name, tests, listener);
    // Never a result that Go remembers; the time of one test is watched by the worker, not that of all of them by Go.
    const fixed = ['-json', '-count=1', '-timeout=0', '-run', patternOf(name, tests)];
    const process = await this.#context.start({ command: [settings.go, 'test', ...fixed, ...settings.arguments, name], variables });
    this.#process = process;
    const errors = lastLines(process);
    process.onLine('stdout', (line) => {
      const event = eventIn(line);
      if (event) run.take(event);
    });
    const { exitStatus } = await process.ended;
    run.end(exitStatus, errors());
  }

  async close(): Promise<void> {
    await this.#process?.kill();
  }
}

/** Names are words of Go, so they are in a pattern what they are; beyond what a command line takes, everything is executed and the rest ignored. */
function patternOf(name: string, tests: readonly TestId[]): string {
  const pattern = `^(${tests.map((test) => test.slice(name.length + 1)).join('|')})$`;
  return pattern.length > 100_000 || tests.some((test) => String(test) === name) ? '.' : pattern;
}

/** `example.org/package` of `example.org/package.TestName`: the name of a test has neither `.` nor `/`. */
function packageOf(test: TestId): string {
  return /^(.*)\.(?:Test|Example|Fuzz)[^./]*$/.exec(test)?.[1] ?? test;
}

export const goAdapter: TestAdapter<GoSettings> = {
  name: 'go',
  settings: settingsSchema,
  list: listTests,
  async open(context) {
    return new GoRunner(context);
  },
};
