/**
 * What a dead core left behind: runs without an end. Where nothing is owed they are ended at once; where undo commands are
 * owed, they are executed when an operator says so, since that acts upon an environment.
 */
import type { ActiveRuns } from './active-runs.ts';
import type { EnvironmentPool, OpenEnvironment } from '../environments/access.ts';
import { readLog, type InterruptedLog } from './interrupted-log.ts';
import { fetchMissed, stateUnasked } from './missed-records.ts';
import type { RunArchive, RunJournal } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { assertAnswering, daemonPatience } from './start-surroundings.ts';
import { newCommandId } from './start.ts';
import { operatorOf } from '../environments/operators.ts';
import { programOfTexts } from '../workspace/scenario-files.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError, type Problem } from '#shared/problem.ts';
import { owedCommands, type RunDeferred, type RunState } from '#shared/run/run-state.ts';
import { startDeferredOnly } from '#shared/scenario/machine.ts';
import { counted } from '#shared/wording/counts.ts';

export interface RecoveryParts {
  readonly archive: RunArchive;
  readonly runs: ActiveRuns;
  readonly environments: EnvironmentPool;
  readonly clock: Clock;
  readonly report: (problem: Problem) => void;
}

/** The interrupted runs, and the texts of the undo commands that each still owes. */
export async function interruptedRuns({ archive, report }: RecoveryParts): Promise<MethodResponse<'runs.interrupted'>> {
  const found = [];
  for (const run of await archive.interrupted()) {
    try {
      const { state } = await readLog(archive, run);
      found.push({ run, owed: owedBy(state).map(({ text }) => text) });
    } catch (failure) {
      report({ ...problemOf(failure), message: `The interrupted run ${run} cannot be read: ${problemOf(failure).message}` });
    }
  }
  return { runs: found };
}

/** Ends every interrupted run that owes nothing, at the start of a core. */
export async function endHarmlessRuns(parts: RecoveryParts): Promise<void> {
  const { runs } = await interruptedRuns(parts);
  for (const { run, owed } of runs) {
    if (owed.length > 0) continue;
    try {
      const log = await readLog(parts.archive, run);
      await endRun(await parts.archive.reopen(run), log);
    } catch (failure) {
      parts.report({ ...problemOf(failure), message: `The interrupted run ${run} could not be ended: ${problemOf(failure).message}` });
    }
  }
}

async function endRun(journal: RunJournal, log: InterruptedLog): Promise<void> {
  try {
    const silent = log.state.started?.mode === 'dry' ? {} : { silentSince: await heardLast(journal, log) };
    await journal.append({ kind: 'recovered', message: 'The core died during the run; nothing is owed.', ...silent });
    await stateUnasked(journal, log);
    const reason = 'The core died during the run.';
    const { lasted } = log;
    const { time } = await journal.append({ kind: 'run-finished', outcome: 'interrupted', reason, lasted });
    await journal.updateManifest({ outcome: 'interrupted', reason, finishedAt: time, duration: lasted });
    await journal.finish();
  } catch (failure) {
    await journal.suspend();
    throw failure;
  }
}

/** When the dead core heard of the environment last: what it wrote tells of it. */
async function heardLast(journal: RunJournal, { state }: InterruptedLog): Promise<number> {
  const sampled = (await journal.lastSample?.()) ?? -Infinity;
  return Math.max(state.time ?? journal.manifest.startedAt, sampled);
}

/** Executes what an interrupted run owes, and ends it. */
export async function recoverRun(
  parts: RecoveryParts,
  given: string | null,
  run: RunId,
  environmentFile: string,
): Promise<MethodResponse<'run.recover'>> {
  const { archive, runs, environments } = parts;
  if (runs.has(run)) throw new ProblemError({ code: 'run-active', message: `The run ${run} goes on; there is nothing to recover.` });
  if (!(await archive.interrupted()).includes(run)) {
    const { manifest } = await archive.show(run);
    const why = manifest.outcome === null ? 'it is open in another console' : `it has ended (${manifest.outcome})`;
    throw new ProblemError({ code: 'not-interrupted', message: `The run ${run} cannot be recovered: ${why}.` });
  }
  const lease = await environments.lease(environmentFile);
  let journal: RunJournal | null = null;
  try {
    const { environment } = lease;
    const { manifest } = await archive.show(run);
    refuseOtherEnvironment(run, manifest.environment, environment);
    await assertAnswering(environment, 'Nothing was undone');
    const log = await readLog(archive, run);
    const { state } = log;
    await environment.link.ready(environment.description.expected, daemonPatience);
    refuseUnresolved(run, state, environment);
    journal = await archive.reopen(run);
    const operator = operatorOf(given, environment.description);
    return await keepPromises(parts, operator, journal, log, environment, () => lease.release());
  } catch (failure) {
    if (journal && !runs.has(run)) await journal.suspend().catch(() => undefined);
    if (!runs.has(run)) lease.release();
    throw failure;
  }
}

/** Nothing is touched while some undo command has nobody who could execute it: a promise is kept once, so not in vain. */
function refuseUnresolved(run: RunId, state: RunState, { resolve }: OpenEnvironment): void {
  for (const { text, words } of owedBy(state)) {
    try {
      resolve(words);
    } catch (failure) {
      const { code, message, tip } = problemOf(failure);
      const refusal = `The run ${run} cannot be recovered now, and nothing was done: its undo '${text}' has nobody who executes it. ${message}`;
      throw new ProblemError({ code, message: refusal, ...(tip !== undefined && { tip }) });
    }
  }
}

function refuseOtherEnvironment(run: RunId, wanted: string, { description }: OpenEnvironment): void {
  if (description.name === wanted) return;
  throw new ProblemError({
    code: 'other-environment',
    message: `The run ${run} was made in the environment ${wanted}, not in ${description.name}; its undo commands belong there.`,
    tip: `Name the file of the environment ${wanted}.`,
  });
}

async function keepPromises(
  { runs, clock }: RecoveryParts,
  operator: string,
  journal: RunJournal,
  log: InterruptedLog,
  environment: OpenEnvironment,
  release: () => void,
): Promise<MethodResponse<'run.recover'>> {
  const { state } = log;
  const owed = owedBy(state);
  const { manifest } = journal;
  const message = `The core died during the run; ${operator} has ${counted(owed.length, 'undo command')} executed.`;
  const { sequence } = await journal.append({ kind: 'recovered', message });
  const executed: string[] = [];
  const failed: string[] = [];
  const unsubscribe = journal.subscribe(sequence + 1, (records) => {
    for (const record of records) {
      if (record.kind === 'step-finished') (record.state === 'passed' ? executed : failed).push(record.step.text);
    }
  });
  const machine = startDeferredOnly(
    {
      variables: manifest.variables,
      release: manifest.release,
      uniqueSeed: manifest.run.slice(manifest.run.lastIndexOf('-') + 1),
      failurePolicy: 'continue',
      stepBudget: owed.length + 1,
      breakpoints: [],
      startPaused: false,
    },
    owed,
    state.counters.steps,
  );
  const program = programOfTexts(manifest.scenario.name, manifest.scenario.texts);
  const { link, plugins, resolve } = environment;
  const held = await fetchMissed(journal, log, link);
  const engine = {
    program,
    state: machine,
    journal,
    clock,
    link,
    plugins,
    resolve,
    newCommandId,
    limits: [],
    mode: 'live',
    attended: false,
    operator,
    lasted: log.lasted,
  } as const;
  // In one turn, so that between what was held and what the engine hears nothing is missed and nothing comes twice.
  held.release();
  const { closed } = runs.start(engine, release);
  await closed;
  unsubscribe();
  return { executed, failed };
}

/** A dry run executed nothing, so there is nothing to undo. */
function owedBy(state: RunState): readonly RunDeferred[] {
  return state.started?.mode === 'dry' ? [] : owedCommands(state);
}
