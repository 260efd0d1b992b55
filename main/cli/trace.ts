/**
 * The trace of a run as on the slides: the numbers of the executed steps in one line, and the steps in their numbered
 * form. Memory is bounded: of a long run the beginning and the end are kept.
 */
import type { StepReference } from '#shared/scenario/machine-contract.ts';
import { inert } from './terminal.ts';

interface TracedStep {
  /** `3`, or `3.1` for step 1 of the scenario that step 3 calls; null for a deferred command. */
  readonly number: string | null;
  readonly text: string;
  readonly depth: number;
}

const numbersKept = 100;
const linesAtStart = 30;
const linesAtEnd = 20;

export class Trace {
  private readonly start: TracedStep[] = [];
  private readonly end: TracedStep[] = [];
  /** Number of the step that is being executed at each depth of calls. */
  private readonly path: number[] = [];
  private steps = 0;

  add({ number, text, depth, phase }: StepReference): void {
    this.path.length = Math.min(this.path.length, depth);
    this.path[depth] = number;
    const traced =
      phase === 'deferred'
        ? { number: null, text: withoutDefer(text), depth: 0 }
        : { number: Array.from(this.path, (each) => each ?? 0).join('.'), text, depth };
    this.steps++;
    if (this.start.length < numbersKept) this.start.push(traced);
    else {
      this.end.push(traced);
      if (this.end.length > numbersKept) this.end.shift();
    }
  }

  /** `0 1 2 3 8` */
  numbers(): string {
    const left = this.steps - this.start.length - this.end.length;
    const numbersOf = (steps: readonly TracedStep[]) => steps.flatMap(({ number }) => number ?? []);
    return [...numbersOf(this.start), ...(left > 0 ? [`… (${left} more) …`] : []), ...numbersOf(this.end)].join(' ');
  }

  /** `0 start_load`, `1 kill -9 MatchingEnginePrimary` … */
  lines(): string[] {
    const lineOf = ({ number, text, depth }: TracedStep) => `${'  '.repeat(Math.min(depth, 20))}${number ?? '↩'} ${inert(text)}`;
    const kept = [...this.start, ...this.end];
    if (this.steps <= linesAtStart + linesAtEnd) return kept.map(lineOf);
    return [
      ...kept.slice(0, linesAtStart).map(lineOf),
      `… (${this.steps - linesAtStart - linesAtEnd} more)`,
      ...kept.slice(-linesAtEnd).map(lineOf),
    ];
  }
}

/** A deferred command is executed as what it is; its step is named after the statement that promised it. */
export function withoutDefer(text: string): string {
  return text.replace(/^defer\s+/, '');
}
