/**
 * Ends a process with everything that came of it: its process group, its descendants, and those descendants that left
 * both (a double fork, setsid), which are recognised by a variable that the daemon put into their environment.
 * A process is known by its identity (process-identity.ts), so that a reused id is never signalled.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { isDead, isRunning, lives, readStatFields, statField, type ProcessIdentity } from '#platform/process-identity.ts';

/** Variable by which processes started for a command or a component are found again. */
export const markVariable = 'TESTOPS_STARTED_FOR';

interface ProcessEntry extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly dead: boolean;
}

const linux = process.platform === 'linux';

function readEntry(pid: number): ProcessEntry | undefined {
  const fields = readStatFields(pid);
  if (!fields) return undefined;
  const numberAt = (field: number): number => Number(fields[field]);
  return {
    pid,
    parent: numberAt(statField.parent),
    group: numberAt(statField.group),
    session: numberAt(statField.session),
    started: numberAt(statField.startTime),
    dead: isDead(fields),
  };
}

/** Sends a signal to this very process; false when it is gone or not ours to signal. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!lives(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

function carriesMark(pid: number, { mark, anyThatBegins = false }: ProcessTree): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${markVariable}=${mark}${anyThatBegins ? '' : '\0'}`);
  } catch {
    return false;
  }
}

/** What is to be ended: a process that the daemon started, if it is still known, and the mark that it was given. */
export interface ProcessTree {
  readonly root: ProcessIdentity | undefined;
  readonly mark: string;
  /** Every process is meant whose mark begins so. */
  readonly anyThatBegins?: boolean;
}

/** Living members of a tree; those found before are found again even when their parents are gone. */
function members(tree: ProcessTree, known: ReadonlyMap<number, number>): ProcessIdentity[] {
  const entries = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readEntry(Number(name)))
    .filter((entry) => entry !== undefined);
  const { root } = tree;
  // Ids of groups and sessions are free for others only when their last member is gone; while the leader lives they are certain.
  const leader = root && entries.find((entry) => entry.pid === root.pid && entry.started === root.started);
  const found = new Map<number, ProcessEntry>();
  for (const entry of entries) {
    const ofLeader = leader && (entry.pid === leader.pid || entry.group === leader.pid || entry.session === leader.pid);
    if (ofLeader || known.get(entry.pid) === entry.started || carriesMark(entry.pid, tree)) found.set(entry.pid, entry);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const entry of entries) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  found.delete(process.pid);
  return [...found.values()].filter((entry) => !entry.dead);
}

async function endByGroup(root: ProcessIdentity | undefined, grace: number, onEnding: EndingListener): Promise<void> {
  if (!root) return;
  onEnding(new Set([root.pid]));
  const send = (signal: NodeJS.Signals): boolean => {
    try {
      return process.kill(-root.pid, signal);
    } catch {
      return false;
    }
  };
  const end = performance.now() + grace;
  if (!send('SIGTERM')) return;
  while (performance.now() < end && isRunning(-root.pid)) await wait(25);
  send('SIGKILL');
}

/** Told the ids of the processes that are about to be signalled, again and again while some are left. */
export type EndingListener = (pids: ReadonlySet<number>) => void;

/**
 * Ends a tree: TERM to all members, KILL to those that are still there after `grace` ms. Resolves when none is left,
 * or 5 s after KILL with the number of those that even KILL did not end (stuck in the kernel, or another user's).
 */
export async function endTree(tree: ProcessTree, grace: number, onEnding: EndingListener = () => undefined): Promise<number> {
  if (!linux) {
    await endByGroup(tree.root, grace, onEnding);
    return 0;
  }
  const known = new Map<number, number>();
  const started = performance.now();
  for (;;) {
    const living = members(tree, known);
    const elapsed = performance.now() - started;
    if (living.length === 0 || elapsed > grace + 5_000) return living.length;
    onEnding(new Set(living.map(({ pid }) => pid)));
    for (const member of living) {
      const isNew = !known.has(member.pid);
      known.set(member.pid, member.started);
      // KILL again and again: a member may have started another in between.
      if (elapsed >= grace) signalProcess(member, 'SIGKILL');
      else if (isNew) signalProcess(member, 'SIGTERM');
    }
    await wait(Math.min(25, Math.max(2, grace - elapsed)));
  }
}
