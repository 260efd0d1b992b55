/** `testops run`: starts a run in the core, shows it, and ends as it ends. Ctrl-C stops the run; its deferred commands still run. */
import { basename, extname } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { readBreakpoint } from '#shared/scenario/breakpoint.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import type { FailurePolicy, RunOutcome } from '#shared/scenario/machine-words.ts';
import { notChecked } from './check.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { JunitReport } from '#main/core/reports/open-formats/junit.ts';
import { prepareReportFile, writeReportFile } from '../report-file.ts';
import { RunPresentation } from '../run-presentation.ts';
import { StepThrough, type NextStep } from '../step-through.ts';
import { StartFollower } from '../start-follower.ts';
import { StopSignals } from '../stop-signals.ts';
import { Terminal } from '../terminal.ts';

export interface RunOptions {
  readonly environment?: string;
  readonly release?: string;
  readonly set?: Record<string, string>;
  readonly onError?: FailurePolicy;
  readonly step?: boolean;
  /** As `readBreakpoint` of shared/scenario reads them. */
  readonly break?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly trust?: boolean;
  readonly archive: string | undefined;
}

export async function run(scenario: string, options: RunOptions): Promise<void> {
  if (!options.environment && !options.dryRun) {
    throw new ProblemError({
      code: 'no-environment',
      message: 'A run needs an environment.',
      tip: 'Name its file with --environment, or walk through the scenario with --dry-run.',
    });
  }
  // Where the records go to the standard output, nothing else does.
  const terminal = new Terminal(options.json ? process.stderr : process.stdout);
  const access = await openCoreAccess(options.archive, options.trust);
  try {
    await runInCore(access.core, scenario, options, terminal);
  } finally {
    await access.dispose();
  }
}

/** Starts the run and follows it to its end; sets the exit status of the process. */
export async function runInCore(core: Core, scenario: string, options: RunOptions, terminal: Terminal): Promise<void> {
  const breakpoints = (options.break ?? []).map((text) => breakpointOf(text, basename(scenario, extname(scenario))));
  const attended = Boolean(options.step) || breakpoints.length > 0 || (terminal.interactive && !options.json);
  if (options.junit !== undefined) await prepareReportFile(options.junit);
  const starting = new StartFollower(core, terminal);
  const signals = new StopSignals(core, terminal, () => starting.cancel());
  try {
    const started = await starting.during({
      scenarioFile: scenario,
      ...(options.environment !== undefined && { environmentFile: options.environment }),
      ...(options.release !== undefined && { release: options.release }),
      ...(options.set && { variables: options.set }),
      policy: options.onError ?? (attended ? 'pause' : 'abort'),
      ...(options.dryRun && { dryRun: true }),
      ...(options.step && { startPaused: true }),
      ...(breakpoints.length > 0 && { breakpoints }),
      attended,
    });
    signals.runBegan(started.run);
    const told = started.problems.filter((problem) => problem.severity !== 'information');
    for (const problem of told) terminal.problem(problem);
    if (options.dryRun && options.environment === undefined) terminal.problem(notChecked);
    const outcome = await follow(
      core,
      started.run,
      options,
      terminal,
      attended ? breakpoints : null,
      new Set(told.map(({ message }) => message)),
    );
    if (!options.json) terminal.line(terminal.colours.dim(`Archived in ${started.folder}`));
    process.exitCode = outcome === undefined ? exitCodes.interrupted : exitCodeOf(outcome);
  } finally {
    signals.dispose();
  }
}

async function follow(
  core: Core,
  run: RunId,
  options: RunOptions,
  terminal: Terminal,
  /** Null where nobody is asked at a pause. */
  breakpoints: readonly Breakpoint[] | null,
  told: ReadonlySet<string>,
): Promise<RunOutcome | undefined> {
  const presentation = options.json ? undefined : new RunPresentation(terminal, told);
  const stepThrough = breakpoints ? new StepThrough(core, run, terminal, textOfStep(core, run), breakpoints) : undefined;
  const junit = options.junit === undefined ? undefined : new JunitReport();
  let outcome: RunOutcome | undefined;
  const take = (record: RunRecord) => {
    if (options.json) process.stdout.write(`${JSON.stringify(record)}\n`);
    presentation?.present(record);
    junit?.add(record);
    stepThrough?.follow(record);
    if (record.kind === 'run-finished') outcome = record.outcome;
  };
  const problems = core.listen('run.problems', { run }, (problem) => terminal.problem(problem));
  // The run is over when its records are; what became of this stream then matters to nobody.
  problems.ended.catch(() => undefined);
  try {
    await core.listen('run.records', { run, from: 1 }, (records) => records.forEach(take)).ended;
    presentation?.finish();
  } finally {
    problems.close();
    stepThrough?.dispose();
    presentation?.dispose();
    if (junit && options.junit !== undefined) await writeReportFile(options.junit, junit.toXml());
  }
  return outcome;
}

function breakpointOf(text: string, scenario: string): Breakpoint {
  const read = readBreakpoint(text, scenario);
  if ('breakpoint' in read) return read.breakpoint;
  const { message, tip } = read.problem;
  throw new ProblemError({ code: 'bad-breakpoint', message: `--break ${text}: ${message}`, ...(tip !== undefined && { tip }) });
}

/** The text of a line, from the scenarios that the run keeps. */
function textOfStep(core: Core, run: RunId): NextStep {
  let texts: Promise<Readonly<Record<string, string>>> | undefined;
  return async ({ scenario, line }) => {
    texts ??= core.request('runs.show', { run }).then(({ manifest }) => manifest.scenario.texts);
    return (await texts)[scenario]?.split(/\r\n|\r|\n/)[line]?.trim();
  };
}
