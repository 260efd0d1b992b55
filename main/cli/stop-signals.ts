/**
 * What Ctrl-C does to a run. While its start still waits, the start is cancelled. After that the first stops it, and its deferred commands still run; the second leaves those out that
 * have not started; the third gives up waiting: the run can be recovered later.
 */
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** ms within which a second signal counts as the same one: a terminal and the program between it and this one may both send it. */
export const sameStop = 150;

export class StopSignals {
  private readonly core: Core;
  private readonly terminal: Terminal;
  private readonly cancelStart: () => void;
  private readonly listener = () => this.stop();
  private run: RunId | undefined;
  private stops = 0;
  private lastStop = -Infinity;

  /** @param cancelStart cancels the start while there is no run yet */
  constructor(core: Core, terminal: Terminal, cancelStart: () => void) {
    this.core = core;
    this.cancelStart = cancelStart;
    this.terminal = terminal;
    for (const signal of stopSignals) process.on(signal, this.listener);
  }

  /** From here on there is something to stop; a stop that was wanted before is carried out now. */
  runBegan(run: RunId): void {
    this.run = run;
    for (let stop = 0; stop < this.stops; stop++) this.act(run);
  }

  dispose(): void {
    for (const signal of stopSignals) process.off(signal, this.listener);
  }

  private stop(): void {
    const now = performance.now();
    if (now - this.lastStop < sameStop) return;
    this.lastStop = now;
    this.stops++;
    if (this.stops > 2 || (this.stops > 1 && this.run === undefined)) {
      this.terminal.line('Given up; testops runs recover tells what is still owed.');
      process.exit(exitCodes.interrupted);
    }
    if (this.run === undefined) {
      this.terminal.line('Cancelling the start …');
      return this.cancelStart();
    }
    this.terminal.line(
      this.stops === 1
        ? 'Stopping; deferred commands still run (Ctrl-C again leaves them out) …'
        : 'Stopping without the deferred commands …',
    );
    this.act(this.run);
  }

  private act(run: RunId): void {
    this.core.request('run.act', { run, action: { kind: 'stop' } }).catch((failure: unknown) => {
      // A run that ends by itself at this very moment needs no stop.
      if (problemOf(failure).code !== 'action-refused') this.terminal.problem(problemOf(failure));
    });
  }
}
