/**
 * A run played again at the terminal: its records are printed when their time has come, at any speed; to step back is to show how
 * everything stood then. Knows the records and the terminal, nothing of a core.
 */
import { RunPresentation } from './run-presentation.ts';
import { stateWords } from './state-words.ts';
import { inert, type Terminal } from './terminal.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { durationText } from '#shared/wording/durations.ts';

export const replaySpeeds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, Infinity] as const;

/** Time that passes, ms; tests let it pass themselves. */
export interface ReplayTime {
  now(): number;
  /** Calls back after some ms; returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Records printed in one go, so that keys are heard in between. */
const together = 200;

export class TerminalReplay {
  private readonly records: readonly RunRecord[];
  private readonly terminal: Terminal;
  private readonly time: ReplayTime;
  private readonly timeline = new Timeline();
  private presentation: RunPresentation;
  /** Records that were shown. */
  private shown = 0;
  private speed: number;
  private playing = false;
  /** Where the replay stood when it last began to play, and when that was. */
  private anchor = { moment: 0, at: 0 };
  private cancel: () => void = () => undefined;
  private readonly atEnd: () => void;

  /** `atEnd` is told each time the last record was shown. */
  constructor(records: readonly RunRecord[], terminal: Terminal, time: ReplayTime, speed: number, atEnd: () => void) {
    this.records = records;
    this.terminal = terminal;
    this.time = time;
    this.speed = speed;
    this.atEnd = atEnd;
    this.presentation = new RunPresentation(terminal, new Set(), true);
    this.timeline.add(records);
  }

  get isPlaying(): boolean {
    return this.playing;
  }

  play(): void {
    if (this.playing || this.shown >= this.records.length) return;
    this.playing = true;
    this.anchor = { moment: this.moment(), at: this.time.now() };
    this.showDue();
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    this.cancel();
    this.showStatus();
  }

  /** The next faster (1) or slower (-1) speed. */
  changeSpeed(direction: 1 | -1): void {
    const playing = this.playing;
    this.pause();
    const faster = replaySpeeds.find((speed) => speed > this.speed);
    const slower = replaySpeeds.findLast((speed) => speed < this.speed);
    this.speed = (direction === 1 ? faster : slower) ?? this.speed;
    if (playing) this.play();
    else this.showStatus();
  }

  /** Shows everything up to the beginning of the next step. */
  nextStep(): void {
    this.pause();
    const next = this.records.findIndex((record, index) => index >= this.shown && record.kind === 'step-started');
    this.showUpTo(next < 0 ? this.records.length : next + 1);
    this.showStatus();
  }

  /** Back to where the step before the present one began, with everything as it stood then. */
  previousStep(): void {
    this.pause();
    const begun = this.records.slice(0, this.shown).flatMap((record, index) => (record.kind === 'step-started' ? [index] : []));
    const target = begun.at(-1) === this.shown - 1 ? begun.at(-2) : begun.at(-1);
    this.goTo(target === undefined ? 0 : target + 1);
  }

  /** To the first execution of the step with a number; false where no step has it. */
  goToStep(number: number): boolean {
    const found = this.records.findIndex((record) => isStartOf(record, number));
    if (found < 0) return false;
    this.goTo(found + 1);
    return true;
  }

  /** Prints how everything stands at the present moment. */
  showState(): void {
    for (const line of stateWords(this.timeline.stateAt(this.shown), this.terminal.colours)) this.terminal.line(line);
    this.showStatus();
  }

  dispose(): void {
    this.cancel();
    this.presentation.dispose();
  }

  private goTo(count: number): void {
    this.pause();
    this.presentation.dispose();
    this.presentation = new RunPresentation(this.terminal, new Set(), true);
    for (const record of this.records.slice(0, count)) this.presentation.pass(record);
    this.shown = count;
    const { yellow } = this.terminal.colours;
    const last = this.records[count - 1];
    const where = last?.kind === 'step-started' ? `step ${last.step.number} ${inert(last.step.text)}` : 'the beginning';
    this.terminal.line(yellow(`◂ at ${where}, ${this.sinceStart()}`));
    this.showState();
  }

  private showDue(): void {
    if (!this.playing) return;
    const present = this.speed === Infinity ? Infinity : this.anchor.moment + (this.time.now() - this.anchor.at) * this.speed;
    let due = this.shown;
    while (due < this.records.length && due - this.shown < together && this.timeline.timeOf(due + 1) <= present) due++;
    this.showUpTo(due);
    if (this.shown >= this.records.length) return;
    const wait = this.speed === Infinity ? 0 : Math.max(0, (this.timeline.timeOf(this.shown + 1) - present) / this.speed);
    this.showStatus();
    this.cancel = this.time.after(Math.min(wait, 100), () => this.showDue());
  }

  private showUpTo(count: number): void {
    while (this.shown < count) {
      const record = this.records[this.shown];
      this.shown++;
      if (record) this.presentation.present(record);
    }
    if (this.shown < this.records.length) return;
    this.playing = false;
    this.presentation.finish();
    this.terminal.showStatus('REPLAY  the end  (← back, q quit)');
    this.atEnd();
  }

  /** Where the replay stands, ms since 1970. */
  private moment(): number {
    return this.timeline.timeOf(Math.max(1, this.shown));
  }

  private sinceStart(): string {
    const since = this.moment() - this.timeline.timeOf(1);
    return since <= 0 ? '0 s' : durationText(since, 'steady');
  }

  private showStatus(): void {
    const speed = this.speed === Infinity ? 'max' : `x${this.speed}`;
    const what = this.playing ? `▶ ${speed}` : `❚❚ ${speed}`;
    this.terminal.showStatus(`REPLAY ${what}  ${this.sinceStart()}  (space, ←, →, +, -, s state, q)`);
  }
}

/** Whether the scenario's own step with a number was executed. */
export function hasStep(records: readonly RunRecord[], number: number): boolean {
  return records.some((record) => isStartOf(record, number));
}

function isStartOf(record: RunRecord, number: number): boolean {
  return record.kind === 'step-started' && record.step.number === number && record.step.depth === 0;
}
