/** Processes as Linux shows them in /proc. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { identify, isDead, statField, statFields } from '#platform/process-identity.ts';
import type { ListedProcess, ProcessIdentity, ProcessReader, ProcessSample } from './process-reader.ts';

/** Unit of times in /proc, fixed for programs on every architecture (USER_HZ). */
const ticksPerSecond = 100;

export class LinuxProcessReader implements ProcessReader {
  identify(pid: number): ProcessIdentity | undefined {
    const found = identify(pid);
    return found && { pid, startTime: found.started };
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
    const fields = stat === undefined ? undefined : statFields(stat);
    if (!fields || Number(fields[statField.startTime]) !== identity.startTime || isDead(fields)) return undefined;
    const ticks = Number(fields[statField.userTime]) + Number(fields[statField.systemTime]);
    return {
      cpuTime: (ticks * 1_000) / ticksPerSecond,
      rss: Number(/^VmRSS:\s+(\d+) kB/m.exec(status ?? '')?.[1] ?? Number.NaN) * 1_024,
      threads: Number(fields[statField.threads]),
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

/** ms since the machine started */
function systemUptime(): number {
  return Number(readNow('/proc/uptime')?.split(' ')[0]) * 1_000;
}
