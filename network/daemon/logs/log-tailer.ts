/**
 * Follows all logs of the daemon. Looks every 100 ms (asking the file system beats its notifications here: those come per
 * write, which is dearer at thousands of lines a second, and not at all on network file systems), reads in small turns that
 * are shared fairly, and keeps its place across restarts.
 */
import type { ComponentName } from '#shared/identifiers.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { every, type Clock } from '#platform/clock.ts';
import type { LogConfiguration } from '../configuration/types.ts';
import type { Reporter } from '../ports.ts';
import { chunkBytes } from './file-follower.ts';
import { FileSet } from './file-set.ts';
import { LogRules } from './log-rules.ts';
import type { PositionFile } from './positions.ts';

export interface LogTailerOptions {
  /** All logs, those of components first. */
  readonly logs: readonly LogConfiguration[];
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly positions: PositionFile;
  readonly onState: (component: ComponentName, state: string) => void;
  /** Awaited before positions are saved: that what was reported until now is as safe as it will be. */
  readonly settled?: () => Promise<void>;
}

/** ms */
const lookInterval = 100;
/** ms of reading and matching in one turn; with the interval it bounds what a backlog may take of a core. */
const turnBudget = 50;
/** ms */
const saveInterval = 1_000;

interface Tailed {
  readonly files: FileSet;
  readonly rules: LogRules;
}

export class LogTailer implements Owned {
  private readonly options: LogTailerOptions;
  private readonly tailed: readonly Tailed[];
  private readonly buffer = Buffer.alloc(chunkBytes);
  private values: { readonly series: number; readonly value: number }[] = [];
  /** Series that have a value, by component, to be given up when it ends. */
  private readonly seriesOf = new Map<ComponentName, Set<number>>();
  /** Components whose process has ended and whose last lines may not be read yet. */
  private readonly ending = new Set<ComponentName>();
  private stopTicking: (() => void) | undefined;
  private ticking: Promise<void> | undefined;
  private savedAt: number;
  private saved = '';
  private saveFailed = false;
  private faultTold = false;

  constructor(options: LogTailerOptions) {
    this.options = options;
    this.savedAt = options.clock.monotonic();
    this.tailed = options.logs.map((log) => this.tail(log));
  }

  /** Opens what is there; reading begins with the first turn after. */
  async start(): Promise<void> {
    if (this.tailed.length === 0) return;
    const saved = await this.options.positions.load();
    if (saved.damaged) {
      this.notice(
        'log-positions-lost',
        'warning',
        'The saved positions of the logs cannot be read; logs are read as if for the first time. Nothing need be done.',
        null,
      );
    }
    for (const { files } of this.tailed) {
      files.resume(saved);
      await files.look();
    }
    // From now on a file that was read `from: end` must not be taken for new after a crash.
    await this.save();
    this.stopTicking = every(this.options.clock, lookInterval, () => {
      this.ticking ??= this.turn()
        .catch((failure: unknown) => this.fault(failure))
        .finally(() => {
          this.ticking = undefined;
        });
    });
  }

  /**
   * The process has ended: its metrics have no value until its log tells the next. What it still wrote before its end is
   * read first, or an old value would stand after the gap.
   */
  giveUp(component: ComponentName): void {
    this.ending.add(component);
  }

  /** Reads what is there, saves the positions, and closes the files. */
  async dispose(): Promise<void> {
    if (!this.stopTicking) return;
    this.stopTicking();
    await this.ticking;
    await this.turn();
    await this.save();
    for (const { files } of this.tailed) await files.close();
  }

  private tail(configuration: LogConfiguration): Tailed {
    const { reporter, clock, onState } = this.options;
    const rules = new LogRules({
      configuration,
      reporter,
      clock,
      onState,
      onValue: (component, series, value) => this.take(component, series, value),
    });
    const files = new FileSet({
      name: `${configuration.component ?? ''}|${configuration.files.join('|')}`,
      globs: configuration.files,
      from: configuration.from,
      onLine: (text, path) => rules.line(text, path),
      onNotice: (code, severity, text) => this.notice(code, severity, text, configuration.component),
      monotonic: () => clock.monotonic(),
      now: () => clock.now(),
    });
    return { files, rules };
  }

  private async turn(): Promise<void> {
    const { clock } = this.options;
    const start = clock.monotonic();
    const ending = [...this.ending];
    for (const { files } of this.tailed) await files.look();
    let busy = [...this.tailed];
    while (busy.length > 0 && clock.monotonic() - start < turnBudget) {
      const still: Tailed[] = [];
      for (const each of busy) if (await each.files.read(this.buffer)) still.push(each);
      busy = still;
      this.sendValues();
    }
    if (busy.length === 0) for (const component of ending) this.sendGap(component);
    if (clock.monotonic() - this.savedAt >= saveInterval) await this.save();
  }

  private sendGap(component: ComponentName): void {
    this.ending.delete(component);
    const gap = [...(this.seriesOf.get(component) ?? [])].map((series) => ({ series, value: Number.NaN }));
    this.seriesOf.delete(component);
    if (gap.length > 0) this.options.reporter.samples(this.options.clock.now(), gap);
  }

  /** Nothing that one turn meets may end the daemon or the following of logs; told once, since it may come back in every turn. */
  private fault(failure: unknown): void {
    if (this.faultTold) return;
    this.faultTold = true;
    this.notice('log-fault', 'error', `Following the logs met a fault and goes on: ${problemOf(failure).message}. Please report it.`, null);
  }

  private take(component: ComponentName, series: number, value: number): void {
    this.values.push({ series, value });
    const known = this.seriesOf.get(component);
    if (known) known.add(series);
    else this.seriesOf.set(component, new Set([series]));
  }

  private sendValues(): void {
    if (this.values.length === 0) return;
    this.options.reporter.samples(this.options.clock.now(), this.values);
    this.values = [];
  }

  /** Positions are taken first, then what was reported is made safe, then they are written: a crash repeats, it never loses. */
  private async save(): Promise<void> {
    const { clock, positions, settled } = this.options;
    this.savedAt = clock.monotonic();
    const present = this.tailed.flatMap(({ files }) => files.positions());
    const text = JSON.stringify(present.map((each) => ({ ...each, seen: 0 })));
    if (text === this.saved) return;
    try {
      await settled?.();
      await positions.save(clock.now(), present);
      this.saved = text;
      this.saveFailed = false;
    } catch (failure) {
      const reason = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown';
      const told = `The positions of the logs cannot be saved (${reason}); a restart would repeat lines. Make room in the state folder, or let the daemon write there.`;
      if (!this.saveFailed) this.notice('log-positions-unsaved', 'error', told, null);
      this.saveFailed = true;
    }
  }

  private notice(code: string, severity: 'info' | 'warning' | 'error', text: string, component: ComponentName | null): void {
    const base = { kind: 'notice', time: this.options.clock.now(), severity, code, text: text.slice(0, 1_000) } as const;
    this.options.reporter.event(component === null ? base : { ...base, component });
  }
}
