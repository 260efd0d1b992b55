/** A process of a runner: its output by lines and as bytes, its channel, its end together with everything that came of it. */
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { LineSplitter } from '#platform/lines.ts';
import { endTree } from '../execution/process-group.ts';
import type { Launched } from '../execution/process-launch.ts';
import type { GuardedProcess } from './adapters/adapter.ts';

/** Characters of a line. */
const longestLine = 65_536;
/** ms that output may still arrive after the program ended; a descendant that keeps the pipe open is not waited for. */
const drainTime = 250;
/** ms between asking processes to end and ending them. */
export const killGrace = 1_000;

type Stream = 'stdout' | 'stderr' | 'channel';
type Listener = (line: string) => void;

export interface RunningOptions {
  readonly launched: Launched;
  readonly mark: string;
  readonly hasChannel: boolean;
  /** Told every piece of standard output and error. */
  readonly onOutput: (chunk: Buffer) => void;
}

export class RunningProcess implements GuardedProcess {
  readonly ended: Promise<{ readonly exitStatus: number | null; readonly signal: string | null }>;
  private readonly options: RunningOptions;
  private readonly listeners: Record<Stream, Set<Listener>> = { stdout: new Set(), stderr: new Set(), channel: new Set() };
  private readonly splitters = new Map<Stream, LineSplitter>();
  private readonly streams: { readonly stream: Readable; readonly closed: Promise<void> }[] = [];
  private killing: Promise<void> | undefined;

  constructor(options: RunningOptions) {
    this.options = options;
    const { child, ended } = options.launched;
    this.read('stdout', child.stdout);
    this.read('stderr', child.stderr);
    this.input?.on('error', () => undefined);
    this.channel?.on('error', () => undefined);
    this.ended = ended.then(async (ending) => {
      await this.drain();
      return ending;
    });
  }

  get pid(): number {
    return this.options.launched.identity.pid;
  }

  /** Whether it was ended from here. */
  get wasKilled(): boolean {
    return this.killing !== undefined;
  }

  write(text: string): void {
    if (this.input?.writable) this.input.write(text);
  }

  endInput(): void {
    this.input?.end();
  }

  onLine(stream: Stream, listener: Listener): () => void {
    // Nothing of the channel is lost before somebody listens: it is read from then on.
    if (stream === 'channel' && !this.splitters.has('channel')) this.read('channel', this.channel);
    this.listeners[stream].add(listener);
    return () => void this.listeners[stream].delete(listener);
  }

  async kill(grace = killGrace): Promise<void> {
    const { launched, mark } = this.options;
    this.killing ??= endTree({ root: launched.identity, mark }, grace).then(() => undefined);
    await this.killing;
  }

  private get channel(): Readable | null {
    return this.options.hasChannel ? (this.options.launched.child.stdio[3] as Readable | null) : null;
  }

  private get input(): Writable | null {
    const { child } = this.options.launched;
    return this.options.hasChannel ? (child.stdio[4] as Writable | null) : child.stdin;
  }

  private read(name: Stream, stream: Readable | null): void {
    if (!stream) return;
    const splitter = new LineSplitter({ longest: longestLine });
    this.splitters.set(name, splitter);
    const tell = (line: string): void => {
      for (const listener of this.listeners[name]) listener(line);
    };
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      if (name !== 'channel') this.options.onOutput(chunk);
      if (this.listeners[name].size > 0) splitter.push(chunk, tell);
    });
    const closed = new Promise<void>((resolve) => {
      stream.once('close', () => {
        splitter.flush(tell);
        resolve();
      });
    });
    this.streams.push({ stream, closed });
  }

  private async drain(): Promise<void> {
    const all = Promise.all(this.streams.map(({ closed }) => closed));
    await Promise.race([all, wait(drainTime)]);
    for (const { stream } of this.streams) stream.destroy();
    this.input?.destroy();
    await all;
  }
}
