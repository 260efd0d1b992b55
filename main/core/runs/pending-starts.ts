/**
 * Starts of runs that have not begun yet: each says what it waits for, waits for no longer than it says, and can be
 * cancelled. A start that cannot begin now is refused, so that nothing begins later unasked.
 */
import { pause, producedStream } from '../contract/produced-stream.ts';
import type { Caller, Listener, Listening } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import type { StreamItem, MethodRequest } from '#shared/contract/contract.ts';
import { Emitter } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { secondsText } from '#shared/wording/durations.ts';

export type AwaitedItem = StreamItem<'run.starting'>;

/** ms between looks at what is awaited. */
const look = 100;
/** ms after which a wait is told; what is there at once needs no telling. */
const grace = 250;
/** ms for which a start may be followed before its request is here. */
const patienceForRequest = 2_000;
/** ms between two tellings of the same wait. */
const between = 1_000;

export interface Awaited {
  /** Whether the run can be started without it. */
  readonly dispensable: boolean;
  /** What is awaited now, as a sentence goes on after "Waiting for"; null: it is there. */
  readonly missing: () => string | null;
  /** ms after which it is given up. */
  readonly patience: number;
}

/** One start, from its request to its beginning or refusal. */
export class PendingStart {
  private readonly clock: Clock;
  private readonly cancelled = new AbortController();
  private readonly changed = new Emitter<void>();
  private without = false;
  private item: AwaitedItem | null = null;

  constructor(clock: Clock, gone?: AbortSignal) {
    this.clock = clock;
    if (gone?.aborted) this.cancel();
    else gone?.addEventListener('abort', () => this.cancel(), { once: true, signal: this.cancelled.signal });
  }

  get awaited(): AwaitedItem | null {
    return this.item;
  }

  cancel(): void {
    this.cancelled.abort();
  }

  /** Gives up waiting for what the run can be started without. */
  startWithout(): void {
    this.without = true;
    this.changed.emit();
  }

  onChange(listener: () => void): () => void {
    return this.changed.subscribe(listener);
  }

  /** Refuses to go on when it was cancelled. */
  assertWanted(): void {
    if (this.cancelled.signal.aborted) throw startCancelled();
  }

  /** Resolves with whether what is awaited came in time. Rejects when the start is cancelled. */
  async until({ missing, patience, dispensable }: Awaited): Promise<boolean> {
    const { signal } = this.cancelled;
    const began = this.clock.monotonic();
    let toldAt = began + grace - between;
    try {
      for (;;) {
        this.assertWanted();
        const now = this.clock.monotonic();
        const what = missing();
        if (what === null) return true;
        const left = patience - (now - began);
        if (left <= 0 || (dispensable && this.without)) return false;
        if (now - toldAt >= between) {
          toldAt = now;
          this.tell({ awaited: what, left: Math.max(0, Math.round(left)), dispensable });
        }
        await pause(this.clock, Math.min(look, left), signal);
      }
    } finally {
      this.tell(null);
    }
  }

  /** What a piece of work gives, told as a wait; rejects when the start is cancelled, whatever becomes of the work then. */
  async during<T>(awaited: string, patience: number, work: Promise<T>): Promise<T> {
    const done = { state: false };
    const settle = (): void => void (done.state = true);
    work.then(settle, settle);
    const end = Promise.withResolvers<T>();
    work.then(end.resolve, end.reject);
    const waiting = this.until({ missing: () => (done.state ? null : awaited), patience, dispensable: false });
    waiting.then((came) => came || end.reject(tooLate(awaited, patience)), end.reject);
    return end.promise;
  }

  private tell(item: AwaitedItem | null): void {
    if (this.item === item) return;
    this.item = item;
    this.changed.emit();
  }
}

/** The starts that go on in this core. */
export class PendingStarts {
  private readonly clock: Clock;
  private readonly starts = new Map<string, PendingStart>();
  private readonly byConsole = new Map<string, Set<PendingStart>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Does the work of a start, which its console can follow and cancel by the name that it gave it. */
  async during<T>(caller: Caller, name: string | undefined, work: (start: PendingStart) => Promise<T>): Promise<T> {
    const ofConsole = this.byConsole.get(caller.console) ?? new Set();
    // One that waits already was asked for; a second one beside it was not.
    if ([...ofConsole].some(({ awaited }) => awaited !== null)) throw startWaits();
    const key = keyOf(caller, name ?? '');
    if (name !== undefined && this.starts.has(key)) throw startWaits();
    const start = new PendingStart(this.clock, caller.gone);
    this.byConsole.set(caller.console, ofConsole.add(start));
    if (name !== undefined) this.starts.set(key, start);
    try {
      return await work(start);
    } finally {
      ofConsole.delete(start);
      if (ofConsole.size === 0) this.byConsole.delete(caller.console);
      if (this.starts.get(key) === start) this.starts.delete(key);
      // Ends whoever follows it.
      start.cancel();
      start.startWithout();
    }
  }

  /** Cancels a start, or lets it go on without what it can do without; nothing when it is over. */
  decide(caller: Caller, name: string, decision: MethodRequest<'run.decide-start'>['decision']): void {
    const start = this.starts.get(keyOf(caller, name));
    if (decision === 'cancel') start?.cancel();
    else start?.startWithout();
  }

  /** Tells what a start waits for, as long as it has not begun. */
  follow(caller: Caller, name: string, listener: Listener<AwaitedItem>): Listening {
    const key = keyOf(caller, name);
    return producedStream(listener, async (deliver, signal) => {
      // Its request may still be on its way: that of another machine is looked at before it gets here.
      for (let waited = 0; !this.starts.has(key) && waited < patienceForRequest && !signal.aborted; waited += look) {
        await pause(this.clock, look, signal);
      }
      const start = this.starts.get(key);
      if (!start) return;
      let told: AwaitedItem | null = null;
      while (!signal.aborted && this.starts.get(key) === start) {
        const { awaited } = start;
        if (awaited !== told && awaited !== null) await deliver(awaited);
        told = awaited;
        if (start.awaited === told) await changeOf(start, signal);
      }
    });
  }
}

const keyOf = ({ console }: Caller, name: string): string => `${console} ${name}`;

function changeOf(start: PendingStart, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = start.onChange(done);
    signal.addEventListener('abort', done, { once: true });
  });
}

function startCancelled(): ProblemError {
  return new ProblemError({ code: 'start-cancelled', severity: 'information', message: 'The start was cancelled, so no run began.' });
}

function startWaits(): ProblemError {
  return new ProblemError({
    code: 'start-waits',
    message: 'A start that this console asked for is still waiting, so a second one was refused.',
    tip: 'Cancel the one that waits first.',
  });
}

function tooLate(awaited: string, patience: number): ProblemError {
  return new ProblemError({
    code: 'start-given-up',
    message: `The run was not started: ${awaited} did not come within ${secondsText(patience)}.`,
    tip: 'See the state of the environment, then start the run again.',
  });
}
