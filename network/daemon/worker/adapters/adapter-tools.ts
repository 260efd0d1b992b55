/** What several adapters need: files of a package by patterns, a program executed to its end, names that are unique. */
import { chmod, glob, mkdir } from 'node:fs/promises';
import { ProblemError } from '#shared/problem.ts';
import type { AdapterContext, GuardedProcess, ProcessOptions } from './adapter.ts';

/** Files of a suite at most. */
const mostFiles = 100_000;

/** Files below a folder that fit any of the patterns, as paths with slashes, in the order of their names. */
export async function filesOf(folder: string, patterns: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const entry of glob([...patterns], { cwd: folder, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    if (!path.startsWith(`${folder}/`)) {
      throw new ProblemError({ code: 'bad-settings', message: `The pattern ${patterns.join(', ')} leads out of the package.` });
    }
    found.add(path.slice(folder.length + 1));
    if (found.size > mostFiles)
      throw new ProblemError({ code: 'too-many-tests', message: `More than ${mostFiles} files fit ${patterns.join(', ')}.` });
  }
  return [...found].sort();
}

/**
 * Makes a folder in the adapter's scratch that runners may write into, whoever they run as. The scratch itself is the daemon's, so that no
 * runner can lay a link where the daemon writes.
 */
export async function writableFolder(path: string): Promise<string> {
  await mkdir(path);
  await chmod(path, 0o777);
  return path;
}

export interface Executed {
  readonly exitStatus: number | null;
  readonly signal: string | null;
  /** Lines of standard output, bounded. */
  readonly lines: readonly string[];
  /** The last lines of both outputs. */
  readonly last: string;
}

export interface ExecuteOptions extends ProcessOptions {
  /** Lines of standard output that are kept; none unless told. */
  readonly keptLines?: number;
  readonly onLine?: (line: string) => void;
  /** Told the process, should it have to be ended. */
  readonly onStarted?: (process: GuardedProcess) => void;
}

/** Runs a program to its end. */
export async function execute(context: Pick<AdapterContext, 'start'>, options: ExecuteOptions): Promise<Executed> {
  const running = await context.start(options);
  const lines: string[] = [];
  const last = new LastLines();
  running.onLine('stdout', (line) => {
    if (lines.length < (options.keptLines ?? 0)) lines.push(line);
    last.add(line);
    options.onLine?.(line);
  });
  running.onLine('stderr', (line) => last.add(line));
  running.endInput();
  options.onStarted?.(running);
  const { exitStatus, signal } = await running.ended;
  return { exitStatus, signal, lines, last: last.text };
}

/** Characters of output that stand in the details of a verdict. */
const detailsLength = 8_192;

/** The last lines of an output, as many as fit. */
export class LastLines {
  private readonly lines: string[] = [];
  private length = 0;

  add(line: string): void {
    const kept = line.length > detailsLength ? line.slice(-detailsLength) : line;
    this.lines.push(kept);
    this.length += kept.length + 1;
    while (this.length > detailsLength && this.lines.length > 1) this.length -= (this.lines.shift()?.length ?? 0) + 1;
  }

  get text(): string {
    return this.lines.join('\n').trimEnd();
  }

  /** The last line that says something. */
  get lastWord(): string {
    return this.lines.findLast((line) => line.trim() !== '')?.trim() ?? '';
  }
}

/** Names as they come, and `name (2)` for the second of the same name. */
export class UniqueNames {
  private readonly seen = new Map<string, number>();

  name(wanted: string): string {
    const count = (this.seen.get(wanted) ?? 0) + 1;
    this.seen.set(wanted, count);
    return count === 1 ? wanted : this.name(`${wanted} (${count})`);
  }
}
