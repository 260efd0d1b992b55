/**
 * What is counted while records pass by, live or when a log is opened again: totals for the manifest, which numbered records
 * of daemons are in, when each step ran, and by how much the daemons' clocks were off.
 */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import type { RecordOf, RunRecord } from '#shared/run/records.ts';
import { followTries, noTries } from '#shared/run/tries.ts';
import { NumberRanges, type NumberRange } from './number-ranges.ts';

/** When one execution of a step ran; ms since 1970, core's clock. */
export interface StepWindow {
  readonly execution: number;
  readonly scenario: string;
  readonly line: number;
  readonly number: number;
  readonly depth: number;
  readonly start: number;
  /** Null when it never ended. */
  end: number | null;
}

/** Which numbered records of a daemon's epoch the archive holds. */
export interface EpochNumbers {
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  /** The highest number that is in the archive or known to be lost: go on after it. */
  readonly highest: number;
  /** Numbers below it that are neither in the archive nor known to be lost: samples that a crash took before they were on disk. */
  readonly missing: readonly NumberRange[];
}

export class LogTally {
  readonly steps = new Map<number, StepWindow>();
  private readonly numbers = new Map<string, NumberRanges>();
  private readonly offsets = new Map<DaemonName, number[]>();
  private records = 0;
  private tries = noTries;
  private gapsLost = 0;
  finished: RecordOf<'run-finished'> | null = null;

  /** Takes a record that is on the disk. */
  add(record: RunRecord): void {
    this.records++;
    this.tries = followTries(this.tries, record);
    switch (record.kind) {
      case 'step-started':
        this.steps.set(record.step.execution, { ...record.step, start: record.time, end: null });
        break;
      case 'step-finished':
        this.finishStep(record);
        break;
      case 'observation':
        this.numbersOf(record.daemon, record.epoch).add(record.number);
        break;
      case 'gap':
        if (record.state === 'lost') this.countGap(record);
        break;
      case 'presence':
        if (record.clockOffset !== null) this.noteOffset(record.daemon, record.clockOffset);
        break;
      case 'run-finished':
        this.finished = record;
        break;
      default:
        break;
    }
  }

  /** The numbers of an epoch, to ask and to add to. */
  numbersOf(daemon: DaemonName, epoch: Epoch): NumberRanges {
    const key = `${daemon} ${epoch}`;
    const known = this.numbers.get(key);
    if (known) return known;
    const made = new NumberRanges();
    this.numbers.set(key, made);
    return made;
  }

  lastNumbers(): EpochNumbers[] {
    return [...this.numbers]
      .filter(([, ranges]) => ranges.highest > 0)
      .map(([key, ranges]) => {
        const [daemon, epoch] = key.split(' ') as [DaemonName, Epoch];
        return { daemon, epoch, highest: ranges.highest, missing: ranges.missing() };
      });
  }

  /** ms by which a daemon's clock was ahead of the core's: the median of what was measured; 0 when nothing was. */
  clockOffset(daemon: DaemonName): number {
    const sorted = [...(this.offsets.get(daemon) ?? [])].sort((one, other) => one - other);
    return sorted[sorted.length >>> 1] ?? 0;
  }

  totals(): Omit<NonNullable<RunManifest['totals']>, 'samples' | 'series' | 'bytes'> {
    const { records, gapsLost } = this;
    const { checksMet, checksNotMet } = this.tries;
    return { records, checksMet, checksNotMet, gapsLost, steps: this.steps.size };
  }

  private finishStep(record: RecordOf<'step-finished'>): void {
    const window = this.steps.get(record.step.execution);
    if (window) window.end = record.time;
    // A step that was skipped never started; it took no time.
    else this.steps.set(record.step.execution, { ...record.step, start: record.time, end: record.time });
  }

  private countGap(record: RecordOf<'gap'>): void {
    this.gapsLost++;
    this.numbersOf(record.daemon, record.epoch).add(record.from, record.to);
  }

  private noteOffset(daemon: DaemonName, offset: number): void {
    const known = this.offsets.get(daemon);
    if (known === undefined) this.offsets.set(daemon, [offset]);
    else if (known.length < 10_000) known.push(offset);
  }
}
