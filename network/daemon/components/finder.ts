/** Finds the process of a component as its configuration says. */
import { readFile, stat } from 'node:fs/promises';
import type { FindConfiguration } from '../configuration/types.ts';
import { LinearPattern } from '../configuration/pattern.ts';
import type { ListedProcess, ProcessIdentity, ProcessReader } from './process-reader.ts';

export interface Found {
  readonly identity: ProcessIdentity;
  /** How many processes fit; the oldest is taken. */
  readonly candidates: number;
}

export type Finder = (now: number, list: () => Promise<readonly ListedProcess[]>) => Promise<Found | undefined>;

/** ms by which a process may seem younger than the pid file that names it, for clocks and file systems that round. */
const pidFileTolerance = 5_000;

export function finderOf(find: FindConfiguration, reader: ProcessReader): Finder {
  switch (find.kind) {
    case 'pid file':
      return (now) => byPidFile(find.path, reader, now);
    case 'command line': {
      const pattern = new LinearPattern(find.pattern);
      return async (_now, list) => byCommandLine(pattern, reader, await list());
    }
    case 'started by the daemon':
      return () => Promise.resolve(undefined);
  }
}

async function byPidFile(path: string, reader: ProcessReader, now: number): Promise<Found | undefined> {
  const [content, information] = await Promise.all([readFile(path, 'latin1').catch(() => ''), stat(path).catch(() => undefined)]);
  const pid = Number(/^\s*([0-9]{1,10})\s*(?:\n|$)/.exec(content.slice(0, 100))?.[1]);
  if (!information || !Number.isInteger(pid) || pid <= 0 || !reader.identify(pid)) return undefined;
  await reader.learn();
  const identity = reader.identify(pid);
  if (!identity) return undefined;
  // A process that started well after its number was written down is another one that got the same number.
  if (reader.startedAt(identity, now) > information.mtimeMs + pidFileTolerance) return undefined;
  return { identity, candidates: 1 };
}

function byCommandLine(pattern: LinearPattern, reader: ProcessReader, processes: readonly ListedProcess[]): Found | undefined {
  const fitting = processes.filter(({ pid, commandLine }) => pid !== process.pid && pattern.test(commandLine.slice(0, 32_768)));
  const living = fitting.flatMap(({ pid }) => reader.identify(pid) ?? []).sort((a, b) => a.startTime - b.startTime);
  return living[0] && { identity: living[0], candidates: living.length };
}
