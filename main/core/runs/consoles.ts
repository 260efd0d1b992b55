/**
 * Several consoles on one run: who is there, and who of them has control. The first that comes has it; when it goes, the
 * one that has been there longest has it. As long as nobody watches a run in this way, everybody may act upon it.
 */
import type { ActiveRuns } from './active-runs.ts';
import type { Caller, Listener, Listening, MethodTable, StreamTable } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import { Change, producedStream } from '../contract/produced-stream.ts';
import type { StreamItem } from '#shared/contract/contract.ts';
import { Emitter } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { OperatorAction } from '#shared/run/records.ts';

type ConsolesItem = StreamItem<'run.consoles'>;

interface Console {
  readonly console: string;
  readonly operator: string;
  /** ms since 1970 */
  readonly since: number;
  /** A console may listen more than once; it leaves with the last. */
  listenings: number;
}

interface Watched {
  /** In the order in which they came. */
  readonly consoles: Map<string, Console>;
  /** Id of the console in control. */
  holder: string;
  readonly changed: Emitter<void>;
}

/** What one console may be on one run. */
const mostConsoles = 100;

export class RunConsoles {
  readonly methods: MethodTable<'run.control'>;
  readonly streams: StreamTable<'run.consoles'>;
  private readonly runs: ActiveRuns;
  private readonly clock: Clock;
  private readonly watched = new Map<RunId, Watched>();

  constructor(runs: ActiveRuns, clock: Clock) {
    this.runs = runs;
    this.clock = clock;
    this.methods = { 'run.control': async ({ run, console }, caller) => this.control(run, console ?? caller.console, caller) };
    this.streams = { 'run.consoles': ({ run }, listener, caller) => this.watch(run, listener, caller) };
  }

  /** Refuses what a console without control wants to do to a run that consoles watch; a note is nobody's to refuse. */
  assertControl(run: RunId, caller: Caller, action?: OperatorAction): void {
    const holder = this.holderOf(run);
    if (!holder || holder.console === caller.console || action?.kind === 'note') return;
    throw new ProblemError({
      code: 'not-in-control',
      message: `${holder.operator} has control of this run on another console.`,
      tip: 'Take control first, or ask for it.',
    });
  }

  private holderOf(run: RunId): Console | undefined {
    const watched = this.watched.get(run);
    return watched?.consoles.get(watched.holder);
  }

  private control(run: RunId, wanted: string, caller: Caller): Record<string, never> {
    const watched = this.watched.get(run);
    const [actor, target] = [watched?.consoles.get(caller.console), watched?.consoles.get(wanted)];
    if (!watched || !actor) throw absent('This console does not watch the run, so it cannot have control of it.');
    if (!target) throw absent('That console does not watch the run (any more).');
    if (watched.holder === wanted) return {};
    if (wanted !== caller.console) this.assertControl(run, caller);
    watched.holder = wanted;
    const change = wanted === caller.console ? 'taken' : 'given';
    this.runs.recordControl(run, { operator: actor.operator, change, to: target.operator });
    watched.changed.emit();
    return {};
  }

  private watch(run: RunId, listener: Listener<ConsolesItem>, caller: Caller): Listening {
    return producedStream(listener, async (deliver, signal) => {
      if (!this.runs.has(run)) return deliver({ consoles: [], own: caller.console });
      const watched = this.enter(run, caller);
      const change = new Change();
      const closed = new AbortController();
      const either = AbortSignal.any([signal, closed.signal]);
      const unsubscribe = watched.changed.subscribe(() => change.mark());
      void this.runs.closed(run).then(() => closed.abort());
      try {
        while (!either.aborted) {
          await deliver({ consoles: listOf(watched), own: caller.console });
          await change.wait(this.clock, 3_600_000, either);
        }
      } finally {
        unsubscribe();
        this.leave(run, watched, caller.console);
      }
    });
  }

  private enter(run: RunId, caller: Caller): Watched {
    const watched = this.watched.get(run) ?? { consoles: new Map(), holder: caller.console, changed: new Emitter() };
    this.watched.set(run, watched);
    const known = watched.consoles.get(caller.console);
    if (known) {
      known.listenings++;
      return watched;
    }
    if (watched.consoles.size >= mostConsoles) throw absent(`No more than ${mostConsoles} consoles can watch one run.`);
    const operator = caller.operator ?? this.runs.operatorOf(run) ?? 'unknown';
    watched.consoles.set(caller.console, { console: caller.console, operator, since: this.clock.now(), listenings: 1 });
    watched.changed.emit();
    return watched;
  }

  private leave(run: RunId, watched: Watched, console: string): void {
    const left = watched.consoles.get(console);
    if (!left || --left.listenings > 0) return;
    watched.consoles.delete(console);
    const [next] = watched.consoles.values();
    if (!next) {
      if (this.watched.get(run) === watched) this.watched.delete(run);
      return;
    }
    if (watched.holder === console) {
      watched.holder = next.console;
      this.runs.recordControl(run, { operator: left.operator, change: 'passed on', to: next.operator });
    }
    watched.changed.emit();
  }
}

function listOf({ consoles, holder }: Watched): ConsolesItem['consoles'] {
  return [...consoles.values()].map(({ console, operator, since }) => ({ console, operator, since, control: console === holder }));
}

function absent(message: string): ProblemError {
  return new ProblemError({ code: 'not-watching', message, tip: 'Look at the list of consoles again.' });
}
