/**
 * Which step of one run is which step of another: by what was called and what was written, never by line numbers or clocks.
 * A step's key is the path of the calls that led to it and its own text, each with how often that text had been executed there
 * before. So `call login#2 › wait 5s#3` is the third `wait 5s` within the second `call login`, however the file has moved since.
 */
import type { ProfileStep } from './profile.ts';

/** What a key is made of. */
export type KeyedStep = Pick<ProfileStep, 'text' | 'depth' | 'phase' | 'scenario'>;

export interface StepKey {
  readonly key: string;
  /** From 1: how often the text had been executed under its parent, this time included. */
  readonly occurrence: number;
}

const separator = ' › ';

/** Keys of executed steps, in the order in which they began; no two steps of a run have the same. */
export function stepKeys(steps: readonly KeyedStep[]): StepKey[] {
  const executed = new Map<string, number>();
  const path: string[] = [];
  let phase: KeyedStep['phase'] = 'main';
  return steps.map((step) => {
    if (step.phase !== phase) path.length = 0;
    phase = step.phase;
    path.length = Math.min(path.length, step.depth);
    const parent = parentOf(step, path);
    const text = plain(step.text);
    const place = parent + text;
    const occurrence = (executed.get(place) ?? 0) + 1;
    executed.set(place, occurrence);
    const key = `${place}#${occurrence}`;
    path[step.depth] = key;
    return { key, occurrence };
  });
}

/** The calls that a step stands in. A call that the log does not have (damage) is replaced by the scenario's name. */
function parentOf(step: KeyedStep, path: readonly (string | undefined)[]): string {
  const root = step.phase === 'deferred' ? `at the end${separator}` : '';
  if (step.depth === 0) return root;
  const caller = path[step.depth - 1];
  return caller === undefined ? `${root}${plain(step.scenario)}#?${separator}` : `${caller}${separator}`;
}

/** The separator within a text would make two paths look alike. */
function plain(text: string): string {
  return text.replaceAll('›', '>');
}

export interface AlignedStep {
  readonly key: string;
  /** Index in the candidate's steps; -1: it has no such step. */
  readonly candidate: number;
  /** Index in each baseline run's steps, in the order of the runs; -1: it has none. */
  readonly baseline: Int32Array;
}

/**
 * Every step of any of the runs once. The candidate's steps keep their order; a step that only baseline runs have comes after the
 * step that it followed there.
 */
export function alignSteps(
  candidate: readonly Pick<ProfileStep, 'key'>[],
  baseline: readonly (readonly Pick<ProfileStep, 'key'>[])[],
): AlignedStep[] {
  const rows = new Map<string, AlignedRow>();
  const before: AlignedRow = row('', -1, baseline.length);
  let last = before;
  for (const [index, step] of candidate.entries()) {
    const entry = row(step.key, index, baseline.length);
    last.next = entry;
    last = entry;
    rows.set(step.key, entry);
  }
  for (const [run, steps] of baseline.entries()) {
    let previous = before;
    for (const [index, step] of steps.entries()) {
      let entry = rows.get(step.key);
      if (!entry) {
        entry = row(step.key, -1, baseline.length);
        entry.next = previous.next;
        previous.next = entry;
        rows.set(step.key, entry);
      }
      entry.baseline[run] = index;
      previous = entry;
    }
  }
  const ordered: AlignedStep[] = [];
  for (let entry = before.next; entry; entry = entry.next) ordered.push(entry);
  return ordered;
}

/** Steps are inserted between others, so they stand in a linked list until all are there. */
interface AlignedRow extends AlignedStep {
  next: AlignedRow | null;
}

function row(key: string, candidate: number, runs: number): AlignedRow {
  return { key, candidate, baseline: new Int32Array(runs).fill(-1), next: null };
}
