/**
 * What reports say about one archived run, read in one pass over its log. Memory does not grow with the log: what has no bound is
 * kept up to a limit and counted beyond it, and the samples are read by whoever draws them.
 */
import type { RunQueries } from '../archive/queries.ts';
import type { RunArchive } from '../ports.ts';
import { programOfTexts } from '../workspace/scenario-files.ts';
import type { RemarkStore } from '../archive/remark-store.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { editedTexts } from '#shared/run/edit-text.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { answerConditions, type ConditionsAnswer } from '#shared/run/questions/conditions.ts';
import { answerResults, type ResultsAnswer } from '#shared/run/questions/results.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { Silences } from '#shared/run/silences.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { decisionOf, standingRemarks, type Remark } from '#shared/run/remarks.ts';
import type { Decision } from '#shared/run/run-words.ts';
import { entriesOf, foldRecord, initialRunState, itemsOf, valueOf, type RunState, type RunStep } from '#shared/run/run-state.ts';

/** Errors that are told one by one, and changes of states that are kept. */
export const factBounds = { errors: 500, stateChanges: 20_000 } as const;

/** Something that went wrong, or a component that crashed. */
export interface ErrorLine {
  /** ms since 1970, core's clock. */
  readonly time: number;
  readonly component: string | null;
  readonly severity: 'error' | 'fatal' | 'crash';
  readonly text: string;
}

export interface StateChange {
  /** ms since 1970, core's clock. */
  readonly time: number;
  readonly component: string;
  readonly state: string;
}

export interface RunFacts {
  readonly manifest: RunManifest;
  /** What is damaged, in sentences. */
  readonly damage: readonly string[];
  readonly state: RunState;
  readonly steps: readonly RunStep[];
  readonly conditions: ConditionsAnswer;
  readonly results: ResultsAnswer;
  readonly errors: readonly ErrorLine[];
  /** Errors that are not among `errors`. */
  readonly errorsOmitted: number;
  readonly stateChanges: readonly StateChange[];
  /** When daemons were not heard. */
  readonly silences: Silences;
  /** Units of the series that the run's daemons declared, by `Component.metric`. */
  readonly units: ReadonlyMap<string, Unit>;
  readonly remarks: readonly Remark[];
  readonly decision: Decision;
  /** ms since 1970, core's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface FactSources {
  readonly archive: RunArchive;
  readonly remarks: RemarkStore;
  readonly queries: () => Promise<RunQueries>;
}

/** Reads a finished run. `onRecord` is given every record, for what else is made of them in the same pass. */
export async function readRunFacts(sources: FactSources, run: RunId, onRecord?: (record: RunRecord) => void): Promise<RunFacts> {
  const { manifest, problems } = await sources.archive.show(run);
  if (manifest.outcome === null) {
    throw new ProblemError({
      code: 'run-not-finished',
      message: `The run ${run} has not ended; there is no report of it yet.`,
      tip: 'Wait for its end. An interrupted run is closed by: testops runs recover.',
    });
  }
  const damage = problems.map(({ message }) => message);
  const collected = new Collected();
  let state = initialRunState();
  try {
    for await (const records of sources.archive.read(run, 1)) {
      for (const record of records) {
        const before = state;
        state = foldRecord(before, record);
        collected.take(record);
        if (record.kind === 'presence' || record.kind === 'recovered') collected.takeDoubts(before, state, record.time);
        onRecord?.(record);
      }
    }
  } catch (failure) {
    // What can be read of a damaged run is reported, and that it is damaged with it.
    damage.push(problemOf(failure).message);
  }
  const remarks = await sources.remarks.of(run);
  return {
    manifest,
    damage,
    state,
    steps: itemsOf(state.steps),
    conditions: answerConditions(programOfTexts(manifest.scenario.name, editedTexts(manifest.scenario.texts, state.edits)), state, []),
    results: answerResults(state),
    errors: collected.errors,
    errorsOmitted: collected.errorsOmitted,
    stateChanges: collected.stateChanges,
    silences: collected.silences,
    units: collected.units,
    remarks: standingRemarks(remarks),
    decision: decisionOf(remarks),
    startedAt: manifest.startedAt,
    endedAt: manifest.finishedAt ?? state.time ?? manifest.startedAt,
  };
}

/** What the reducer does not keep one by one. */
class Collected {
  readonly errors: ErrorLine[] = [];
  errorsOmitted = 0;
  readonly stateChanges: StateChange[] = [];
  readonly units = new Map<string, Unit>();
  readonly silences = new Silences();
  private readonly offsets = new Map<string, number>();

  take(record: RunRecord): void {
    this.silences.take(record);
    if (record.kind === 'presence' && record.clockOffset !== null) this.offsets.set(record.daemon, record.clockOffset);
    if (record.kind !== 'observation') return;
    const offset = this.offsets.get(record.daemon) ?? 0;
    for (const event of record.events) this.takeEvent(event, event.time - offset);
  }

  /** Components whose state is not known any more, or is again, because their daemon was lost or is back. */
  takeDoubts(before: RunState, after: RunState, time: number): void {
    for (const [name, { state, unknown }] of entriesOf(after.components)) {
      if (valueOf(before.components, name)?.state !== state) this.changed(unknown?.from ?? time, name, state);
    }
  }

  private takeEvent(event: DaemonEvent, time: number): void {
    switch (event.kind) {
      case 'log':
      case 'notice':
        if (event.severity === 'error' || event.severity === 'fatal') {
          this.error({ time, component: event.component ?? null, severity: event.severity, text: event.text });
        }
        break;
      case 'component-crashed': {
        const how = event.signal === null ? `exit status ${event.exitStatus ?? 'unknown'}` : `signal ${event.signal}`;
        this.error({ time, component: event.component, severity: 'crash', text: `crashed (${how})` });
        this.changed(time, event.component, 'CRASHED');
        break;
      }
      case 'component-started':
        this.changed(time, event.component, 'RUNNING');
        break;
      case 'component-stopped':
        this.changed(time, event.component, 'STOPPED');
        break;
      case 'state':
        this.changed(time, event.component, event.state);
        break;
      case 'series-declared':
        for (const { component, metric, unit } of event.series) this.units.set(`${component}.${metric}`, unit);
        break;
      default:
        break;
    }
  }

  private error(line: ErrorLine): void {
    if (this.errors.length < factBounds.errors) this.errors.push(line);
    else this.errorsOmitted++;
  }

  private changed(time: number, component: string, state: string): void {
    if (this.stateChanges.length < factBounds.stateChanges) this.stateChanges.push({ time, component, state });
  }
}
