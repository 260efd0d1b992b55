/** Stand-ins for what surrounds the engine: a clock that is set by hand, a journal in memory, a link whose daemons are functions. */
import type { CommandWatch, DaemonView, Link, LinkNews, RunJournal, SampleBatch } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';
import { Emitter } from '#shared/disposable.ts';
import {
  commandIdSchema,
  componentNameSchema,
  daemonNameSchema,
  environmentNameSchema,
  epochSchema,
  runIdSchema,
  type CommandId,
  type DaemonName,
} from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import type { RecordBody, RecordKind, RecordOf, RunRecord } from '#shared/run/records.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';

export const run = runIdSchema.parse('20261120T221735Z-failover-3f9a');
export const environment = environmentNameSchema.parse('demo');
export const daemon = daemonNameSchema.parse('MEP');
export const epoch = epochSchema.parse('0123456789abcdef');
export const component = (name: string) => componentNameSchema.parse(name);

/** Lets everything that is ready go on. */
export async function settle(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class ManualClock implements Clock {
  private time = 1_000;
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now = (): number => 1_700_000_000_000 + this.time;
  monotonic = (): number => this.time;
  after = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  /** Timers that wait. */
  get waiting(): number {
    return this.timers.size;
  }

  async advance(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.timers].filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.callback();
      await settle();
    }
    this.time = until;
  }
}

export class MemoryJournal implements RunJournal {
  readonly run = run;
  readonly folder = '/nowhere';
  manifest: RunManifest;
  readonly records: RunRecord[] = [];
  readonly batches: SampleBatch[] = [];
  state: 'open' | 'finished' | 'suspended' = 'open';
  /** While set, nothing reaches the disk. */
  private held: PromiseWithResolvers<void> | null = null;
  private readonly full = new Emitter<readonly [boolean, Problem]>();
  private readonly live = new Emitter<readonly RunRecord[]>();
  private sequence = 0;
  /** The record before, which is on disk first. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(manifest: Partial<RunManifest> = {}) {
    this.manifest = manifest as RunManifest;
  }

  append(body: RecordBody): Promise<RunRecord> {
    const record: RunRecord = { ...body, sequence: ++this.sequence, time: this.sequence };
    const written = this.last.then(async () => {
      while (this.held) await this.held.promise;
      this.records.push(record);
      this.live.emit([record]);
      return record;
    });
    this.last = written;
    return written;
  }
  appendSamples(batch: SampleBatch): void {
    this.batches.push(batch);
  }
  subscribe(from: number, listener: (records: readonly RunRecord[]) => void): () => void {
    const there = this.records.filter((record) => record.sequence >= from);
    if (there.length > 0) listener(there);
    return this.live.subscribe(listener);
  }
  onFull(listener: (full: boolean, problem: Problem) => void): () => void {
    return this.full.subscribe(([full, problem]) => listener(full, problem));
  }
  async updateManifest(change: Partial<RunManifest>): Promise<void> {
    this.manifest = { ...this.manifest, ...change };
  }
  async finish(): Promise<void> {
    this.state = 'finished';
  }
  async suspend(): Promise<void> {
    this.state = 'suspended';
  }

  fillDisk(): void {
    this.held = Promise.withResolvers();
    this.full.emit([true, { severity: 'error', code: 'disk-full', message: 'The disk is full.' }]);
  }
  makeRoom(): void {
    const held = this.held;
    this.held = null;
    held?.resolve();
    this.full.emit([false, { severity: 'information', code: 'disk-room', message: 'There is room again.' }]);
  }
  of<Kind extends RecordKind>(kind: Kind): RecordOf<Kind>[] {
    return this.records.filter((record) => record.kind === kind) as RecordOf<Kind>[];
  }
  /** `line:state` of each finished step. */
  trace(): string[] {
    return this.of('step-finished').map(({ step, state }) => `${step.number} ${state}`);
  }
}

export interface SentCommand {
  readonly daemon: DaemonName;
  readonly action: string;
  readonly arguments: readonly string[];
  readonly command: CommandId;
  finish(outcome?: Partial<CommandOutcome>): void;
  fail(message: string): void;
  cancelled: boolean;
}

export function outcomeOf(change: Partial<CommandOutcome> = {}): CommandOutcome {
  return { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1, ...change };
}

/** A link to daemons that do what a function says; a command that it leaves alone is finished by the test. */
export class FakeLink implements Link {
  connected = true;
  readonly sent: SentCommand[] = [];
  private readonly news = new Emitter<LinkNews>();
  private readonly values = new Map<string, Reading>();
  private readonly watchers = new Map<() => void, readonly string[]>();
  private number = 0;
  answer: (sent: SentCommand) => void = (sent) => sent.finish();
  /** Whether the daemons' `command-finished` events come after the answers. */
  observed = true;

  async answers(): Promise<boolean> {
    return this.connected;
  }
  daemons(): readonly DaemonView[] {
    return [];
  }
  subscribe(listener: (news: LinkNews) => void): () => void {
    return this.news.subscribe(listener);
  }
  reading(name: string): Reading {
    return this.values.get(name) ?? null;
  }
  /** Why readings that begin like this are not known: `MEP.` and why. */
  readonly lost = new Map<string, string>();
  whyUnknown(name: string): string | null {
    return [...this.lost].find(([beginning]) => name.startsWith(beginning))?.[1] ?? null;
  }
  watch(names: readonly string[], listener: () => void): () => void {
    this.watchers.set(listener, names);
    return () => this.watchers.delete(listener);
  }
  send(to: DaemonName, action: string, commandArguments: readonly string[], command: CommandId): CommandWatch {
    const { promise, resolve, reject } = Promise.withResolvers<CommandOutcome>();
    promise.catch(() => undefined);
    const sent: SentCommand = {
      daemon: to,
      action,
      arguments: commandArguments,
      command,
      cancelled: false,
      finish: (change = {}) => {
        const outcome = outcomeOf(change);
        resolve(outcome);
        if (this.observed) this.tell({ kind: 'command-finished', time: 1, command, outcome });
      },
      fail: (message) => reject(new ProblemError({ code: 'command-lost', message })),
    };
    this.sent.push(sent);
    this.answer(sent);
    return {
      command,
      finished: promise,
      cancel: async () => {
        sent.cancelled = true;
        sent.finish({ status: 'cancelled', success: false, exitStatus: null });
      },
    };
  }
  async ready(): Promise<{ readonly missing: readonly DaemonName[] }> {
    return { missing: [] };
  }
  recall(): Promise<void> {
    return Promise.resolve();
  }
  dispose(): void {
    this.watchers.clear();
  }

  set(name: string, value: Reading): void {
    this.values.set(name, value);
    for (const [listener, names] of this.watchers) if (names.includes(name)) listener();
  }
  tell(...events: DaemonEvent[]): void {
    this.say({ kind: 'events', daemon, epoch, number: ++this.number, events });
  }
  say(news: LinkNews): void {
    this.news.emit(news);
  }
  get listeners(): number {
    return this.news.size + this.watchers.size;
  }
}

let commands = 0;
export const newCommandId = (): CommandId => commandIdSchema.parse(`command-${++commands}`);
