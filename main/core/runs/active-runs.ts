/** The runs that go on in this core: started, acted upon, listened to, and closed when they end. */
import { RunEngine, type RunEnd } from '../engine/run-engine.ts';
import type { PreparedEdit } from '../engine/run-script.ts';
import type { RunEngineParts } from '../engine/run-engine.ts';
import type { RunJournal } from '../ports.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { OperatorAction } from '#shared/run/records.ts';

interface ActiveRun {
  readonly engine: RunEngine;
  readonly journal: RunJournal;
  /** Who started it; acts where a console does not say who does. */
  readonly operator: string;
  /** Settles when the journal is closed, either way. */
  readonly closed: Promise<void>;
  readonly origin: RunOrigin | null;
}

/** The files that a run was started from. */
export interface RunOrigin {
  /** Name of the scenario. */
  readonly scenario: string;
  /** Absolute. */
  readonly scenarioFile: string;
  readonly environmentFile: string | null;
}

export class ActiveRuns implements Owned {
  private readonly runs = new Map<RunId, ActiveRun>();
  private readonly report: (problem: Problem) => void;
  private readonly changes = new Emitter<void>();

  /** `report` is told of what happens to a run when nobody waits for an answer. */
  constructor(report: (problem: Problem) => void) {
    this.report = report;
  }

  /** Starts the engine of a run whose first records are written. `release` is called when nothing of the run is open any more. */
  start(parts: RunEngineParts, release: () => void, origin: RunOrigin | null = null): { readonly closed: Promise<void> } {
    const { journal } = parts;
    const engine = new RunEngine(parts);
    const closed = this.close(engine, journal).finally(() => {
      this.runs.delete(journal.run);
      release();
      this.changes.emit();
    });
    this.runs.set(journal.run, { engine, journal, operator: parts.operator, closed, origin });
    engine.start();
    this.changes.emit();
    return { closed };
  }

  has(run: RunId): boolean {
    return this.runs.has(run);
  }

  /** Runs that go on, with the files that they were started from; undo commands of an interrupted run are not among them. */
  list(): readonly (RunOrigin & { readonly run: RunId })[] {
    return [...this.runs].flatMap(([run, { origin }]) => (origin ? [{ run, ...origin }] : []));
  }

  /** Tells that a run began or was closed; returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    return this.changes.subscribe(listener);
  }

  journal(run: RunId): RunJournal | undefined {
    return this.runs.get(run)?.journal;
  }

  async act(run: RunId, operator: string | null, action: OperatorAction): Promise<void> {
    const active = this.active(run);
    await active.engine.act(operator ?? active.operator, action);
  }

  async edit(run: RunId, operator: string | null, edit: PreparedEdit): Promise<void> {
    const active = this.active(run);
    await active.engine.edit(operator ?? active.operator, edit);
  }

  /** What an edit of a run is made from: its scenarios' texts now, and its files. */
  editable(run: RunId): { readonly texts: Readonly<Record<string, string>>; readonly origin: RunOrigin } {
    const { engine, origin } = this.active(run);
    if (origin) return { texts: engine.texts, origin };
    throw new ProblemError({
      code: 'run-not-editable',
      message: 'These are the undo commands of an interrupted run; they cannot be changed.',
    });
  }

  /** Who started a run; null when it does not go on here. */
  operatorOf(run: RunId): string | null {
    return this.runs.get(run)?.operator ?? null;
  }

  /** Settles when a run is closed; at once when it does not go on here. */
  async closed(run: RunId): Promise<void> {
    await this.runs.get(run)?.closed;
  }

  /** Writes into a run's log that another console has control; nothing when it does not go on here. */
  recordControl(run: RunId, record: Parameters<RunEngine['recordControl']>[0]): void {
    this.runs.get(run)?.engine.recordControl(record);
  }

  /** Problems of a run that cannot stand in its log; ends when the run is closed. */
  problems(run: RunId, listener: (problem: Problem) => void | Promise<void>): { readonly ended: Promise<void>; close(): void } {
    const active = this.runs.get(run);
    if (!active) return { ended: Promise.resolve(), close: () => undefined };
    const end = Promise.withResolvers<void>();
    const waiting: Problem[] = [];
    let delivering = false;
    const deliver = async (): Promise<void> => {
      delivering = true;
      for (let problem = waiting.shift(); problem; problem = waiting.shift()) await listener(problem);
      delivering = false;
    };
    const unsubscribe = active.engine.onProblem((problem) => {
      // Whoever does not take them needs only the latest ones.
      if (waiting.length >= 100) waiting.shift();
      waiting.push(problem);
      if (!delivering) deliver().catch((failure: unknown) => end.reject(failure instanceof Error ? failure : new Error(String(failure))));
    });
    const close = (): void => {
      unsubscribe();
      end.resolve();
    };
    void active.closed.then(close);
    return { ended: end.promise, close };
  }

  /** Runs that have ended are finished in peace; those that go on are left as they are, to be recovered later. */
  async dispose(): Promise<void> {
    const open = [...this.runs.values()];
    for (const { engine } of open) engine.suspend();
    await Promise.all(open.map(({ closed }) => closed));
  }

  private active(run: RunId): ActiveRun {
    const active = this.runs.get(run);
    if (active) return active;
    throw new ProblemError({ code: 'run-not-active', message: `The run ${run} does not go on in this core; nothing can be done to it.` });
  }

  private async close(engine: RunEngine, journal: RunJournal): Promise<void> {
    try {
      const end = await engine.finished;
      if (end) await this.finish(journal, end);
      else await journal.suspend();
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure);
      this.report({
        severity: 'error',
        code: 'run-not-closed',
        message: `The run ${journal.run} could not be closed: ${message}`,
        tip: 'Its folder is kept; it shows as interrupted and can be recovered.',
      });
      await journal.suspend().catch(() => undefined);
    }
  }

  private async finish(journal: RunJournal, { outcome, reason, duration, finishedAt }: RunEnd): Promise<void> {
    await journal.updateManifest({ outcome, reason, duration, finishedAt });
    await journal.finish();
  }
}
