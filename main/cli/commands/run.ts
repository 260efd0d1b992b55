/** `testops run`: starts a run in the core, shows it, and ends as it ends. Ctrl-C stops the run; its deferred commands still run. */
import { writeFile } from 'node:fs/promises';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';
import type { FailurePolicy, RunOutcome } from '#shared/scenario/machine-contract.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { JunitReport } from '../junit.ts';
import { RunPresentation } from '../run-presentation.ts';
import { StepThrough } from '../step-through.ts';
import { Terminal } from '../terminal.ts';

export interface RunOptions {
  readonly environment?: string;
  readonly release?: string;
  readonly set?: Record<string, string>;
  readonly onError?: FailurePolicy;
  readonly step?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
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
  const access = await openCoreAccess(options.archive);
  try {
    await runInCore(access.core, scenario, options, new Terminal());
  } finally {
    await access.dispose();
  }
}

/** Starts the run and follows it to its end; sets the exit status of the process. */
export async function runInCore(core: Core, scenario: string, options: RunOptions, terminal: Terminal): Promise<void> {
  const attended = Boolean(options.step) || (terminal.interactive && !options.json);
  const started = await core.request('run.start', {
    scenarioFile: scenario,
    ...(options.environment !== undefined && { environmentFile: options.environment }),
    ...(options.release !== undefined && { release: options.release }),
    ...(options.set && { variables: options.set }),
    policy: options.onError ?? (attended ? 'pause' : 'abort'),
    ...(options.dryRun && { dryRun: true }),
    ...(options.step && { startPaused: true }),
    attended,
  });
  for (const problem of started.problems) if (problem.severity !== 'information') terminal.problem(problemFrom(problem));
  const outcome = await follow(core, started.run, options, terminal, attended);
  if (!options.json) terminal.line(terminal.colours.dim(`Archived in ${started.folder}`));
  process.exitCode = outcome === undefined ? exitCodes.interrupted : exitCodeOf(outcome);
}

/** A problem as it came over the contract, where absent parts are absent. */
function problemFrom(problem: {
  severity: 'error' | 'warning' | 'information';
  code: string;
  message: string;
  tip?: string | undefined;
  file?: string | undefined;
}) {
  return {
    severity: problem.severity,
    code: problem.code,
    message: problem.message,
    ...(problem.tip !== undefined && { tip: problem.tip }),
    ...(problem.file !== undefined && { file: problem.file }),
  };
}

async function follow(core: Core, id: RunId, options: RunOptions, terminal: Terminal, attended: boolean): Promise<RunOutcome | undefined> {
  const presentation = options.json ? undefined : new RunPresentation(terminal);
  const stepThrough = attended ? new StepThrough(core, id, terminal) : undefined;
  const junit = options.junit === undefined ? undefined : new JunitReport();
  let outcome: RunOutcome | undefined;
  const take = (record: RunRecord) => {
    if (options.json) process.stdout.write(`${JSON.stringify(record)}\n`);
    presentation?.present(record);
    junit?.add(record);
    stepThrough?.follow(record);
    if (record.kind === 'run-finished') outcome = record.outcome;
  };
  const stream = core.listen('run.records', { run: id, from: 1 }, (records) => records.forEach(take));
  const unlisten = stopOnSignals(core, id, terminal);
  try {
    await stream.ended;
  } finally {
    unlisten();
    stepThrough?.dispose();
    presentation?.dispose();
    if (junit && options.junit !== undefined) await writeFile(options.junit, junit.toXml());
  }
  return outcome;
}

/** The first Ctrl-C stops the run, its deferred commands still run; the second leaves out those that have not started. */
function stopOnSignals(core: Core, id: RunId, terminal: Terminal): () => void {
  let stops = 0;
  const stop = () => {
    stops++;
    terminal.line(
      stops === 1 ? 'Stopping; deferred commands still run (Ctrl-C again leaves them out) …' : 'Stopping without the deferred commands …',
    );
    core.request('run.act', { run: id, action: { kind: 'stop' } }).catch((failure: unknown) => terminal.problem(problemOf(failure)));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}
