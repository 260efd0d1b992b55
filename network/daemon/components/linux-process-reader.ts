/** Processes as Linux shows them in /proc. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { ListedProcess, ProcessIdentity, ProcessReader, ProcessSample } from './process-reader.ts';

/** Unit of times in /proc, fixed for programs on every architecture (USER_HZ). */
const ticksPerSecond = 100;

/** Fields of /proc/N/stat, counted from the one after the name in parentheses. */
const field = { state: 0, userTime: 11, systemTime: 12, threads: 17, startTime: 19 } as const;

export class LinuxProcessReader implements ProcessReader {
  identify(pid: number): ProcessIdentity | undefined {
    const fields = statFields(readNow(`/proc/${pid}/stat`));
    const startTime = Number(fields?.[field.startTime]);
    const state = fields?.[field.state];
    // Z is a zombie, X one that is being buried: dead, whatever kill(pid, 0) says.
    if (state === undefined || 'ZXx'.includes(state) || !Number.isFinite(startTime)) return undefined;
    return { pid, startTime };
  }

  isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
    return one.pid === other.pid && one.startTime === other.startTime;
  }

  learn(): Promise<void> {
    return Promise.resolve();
  }

  async sample(identity: ProcessIdentity): Promise<ProcessSample | undefined> {
    const folder = `/proc/${identity.pid}`;
    const [stat, status, openFiles] = await Promise.all([
      readFile(`${folder}/stat`, 'latin1').catch(() => undefined),
      readFile(`${folder}/status`, 'latin1').catch(() => undefined),
      readdir(`${folder}/fd`).then(
        (entries) => entries.length,
        () => Number.NaN,
      ),
    ]);
    const fields = statFields(stat);
    if (!fields || Number(fields[field.startTime]) !== identity.startTime || fields[field.state] === 'Z') return undefined;
    const ticks = Number(fields[field.userTime]) + Number(fields[field.systemTime]);
    return {
      cpuTime: (ticks * 1_000) / ticksPerSecond,
      rss: Number(/^VmRSS:\s+(\d+) kB/m.exec(status ?? '')?.[1] ?? Number.NaN) * 1_024,
      threads: Number(fields[field.threads]),
      openFiles,
      uptime: Math.max(0, systemUptime() - (identity.startTime * 1_000) / ticksPerSecond),
    };
  }

  async list(): Promise<readonly ListedProcess[]> {
    const entries = await readdir('/proc').catch(() => []);
    const processes: ListedProcess[] = [];
    for (const entry of entries) {
      if (!/^[0-9]+$/.test(entry)) continue;
      const commandLine = readNow(`/proc/${entry}/cmdline`);
      // Kernel threads have none.
      if (!commandLine) continue;
      processes.push({ pid: Number(entry), commandLine: commandLine.replace(/\0+$/, '').replaceAll('\0', ' ') });
      // Thousands of processes must not hold up everything else.
      if (processes.length % 200 === 0) await setImmediate();
    }
    return processes;
  }

  startedAt(identity: ProcessIdentity, now: number): number {
    return now - systemUptime() + (identity.startTime * 1_000) / ticksPerSecond;
  }
}

/** Synchronous on purpose: /proc is memory, and a read through the thread pool costs ten times as much. */
function readNow(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The name may hold spaces and parentheses, so the fields start after the last one. */
function statFields(text: string | undefined): readonly string[] | undefined {
  const end = text?.lastIndexOf(')');
  return text === undefined || end === undefined || end < 0 ? undefined : text.slice(end + 2).split(' ');
}

/** ms since the machine started */
function systemUptime(): number {
  return Number(readNow('/proc/uptime')?.split(' ')[0]) * 1_000;
}
