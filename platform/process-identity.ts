/**
 * Which process it is: its id together with its start time, so that another process that has the id meanwhile is told apart. Read at
 * once on purpose: /proc is memory, and a read through the thread pool costs ten times as much.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the host's start to the process' start (Linux); 0 where the system does not tell. */
  readonly started: number;
}

/** Fields of /proc/N/stat, counted from the one after the name in parentheses. */
export const statField = { state: 0, parent: 1, group: 2, session: 3, userTime: 11, systemTime: 12, threads: 17, startTime: 19 } as const;

/** The fields of a line of /proc/N/stat. The name may hold spaces and parentheses, so they start after the last one. */
export function statFields(text: string): readonly string[] | undefined {
  const end = text.lastIndexOf(')');
  return end < 0 ? undefined : text.slice(end + 2).split(' ');
}

/** Undefined where there is no such process, or no /proc, or it may not be read. */
export function readStatFields(pid: number): readonly string[] | undefined {
  try {
    return statFields(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Z is a zombie, X one that is being buried: dead, whatever kill(pid, 0) says. */
export function isDead(fields: readonly string[]): boolean {
  return 'ZXx'.includes(fields[statField.state] ?? 'X');
}

/** Whether there is a process with this id, or a group with its negative. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The living process with this id, or undefined. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (process.platform !== 'linux') return isRunning(pid) ? { pid, started: 0 } : undefined;
  const fields = readStatFields(pid);
  const started = Number(fields?.[statField.startTime]);
  return fields && !isDead(fields) && Number.isFinite(started) ? { pid, started } : undefined;
}

/** Whether this very process still lives. */
export function lives(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Whether this very process may still live: what cannot be seen of it (another user's process, where those are hidden) is believed. */
export function mayLive(identity: ProcessIdentity): boolean {
  if (!isRunning(identity.pid)) return false;
  const fields = process.platform === 'linux' ? readStatFields(identity.pid) : undefined;
  if (!fields) return true;
  return !isDead(fields) && (identity.started === 0 || Number(fields[statField.startTime]) === identity.started);
}

/** Differs after the host was started anew: then nothing of before lives, and ids mean nothing. Null where the system does not tell. */
export function hostStart(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
