/**
 * Processes where there is no /proc: by `ps` (macOS, BSD). On Windows, which has no `ps`, a process is known to live and no more.
 * Reused process numbers are not told apart here, and open files are not counted.
 */
import { execFile } from 'node:child_process';
import type { ListedProcess, ProcessIdentity, ProcessReader, ProcessSample } from './process-reader.ts';

export class PortableProcessReader implements ProcessReader {
  identify(pid: number): ProcessIdentity | undefined {
    try {
      process.kill(pid, 0);
      return { pid, startTime: 0 };
    } catch (failure) {
      // The process of another user lives too.
      const forbidden = failure instanceof Error && 'code' in failure && failure.code === 'EPERM';
      return forbidden ? { pid, startTime: 0 } : undefined;
    }
  }

  async sample(identity: ProcessIdentity): Promise<ProcessSample | undefined> {
    const [rss, time, elapsed, state] = (await ps(['-o', 'rss=,time=,etime=,state=', '-p', String(identity.pid)])).trim().split(/\s+/);
    if (!rss || !time || !elapsed || state?.startsWith('Z')) return undefined;
    return { rss: Number(rss) * 1_024, cpuTime: clockTime(time), uptime: clockTime(elapsed), threads: Number.NaN, openFiles: Number.NaN };
  }

  async list(): Promise<readonly ListedProcess[]> {
    const lines = (await ps(['-axo', 'pid=,etime=,command='])).split('\n');
    const found = lines.flatMap((line) => {
      const parts = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line);
      return parts ? [{ pid: Number(parts[1]), age: clockTime(parts[2] ?? ''), commandLine: parts[3] ?? '' }] : [];
    });
    return found.sort((a, b) => b.age - a.age || a.pid - b.pid).map(({ pid, commandLine }) => ({ pid, commandLine }));
  }

  startedAt(): number {
    return 0;
  }
}

/** `1-02:03:04.5` or `03:04` in ms. */
export function clockTime(text: string): number {
  const [clock, days] = text.split('-').reverse();
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days ?? 0) * 86_400 + seconds) * 1_000;
}

function ps(options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', options, { timeout: 5_000, maxBuffer: 16_000_000 }, (failure, output) => {
      resolve(failure ? '' : output);
    });
  });
}
