/** The terminal as the commands use it: lines out, problems to the error stream, a status line that is rewritten in place. */
import picocolors from 'picocolors';
import stringWidth from 'string-width';
import { inertLines } from '#shared/inert-text.ts';
import { formatProblem, type Problem } from '#shared/problem.ts';
import { fitText } from './fit-text.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Takes away what could move a terminal's cursor, change its colours or reorder its text: output of tested programs is not trusted. */
export function inert(text: string): string {
  return inertLines(text);
}

/** What a terminal would show of a line in the end: a progress bar goes back to the start of its line again and again. */
export function lastWritten(line: string): string {
  const ended = line.replace(/\r+$/, '');
  return ended.slice(ended.lastIndexOf('\r') + 1);
}

export class Terminal {
  readonly colours: Colours;
  /** Whether a person watches: the status line is drawn and questions may be asked. */
  readonly interactive: boolean;
  private status = '';
  /** Stands below everything that is printed until it is answered. */
  private question = '';
  private readonly out: NodeJS.WriteStream;
  private readonly errors: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout, errors: NodeJS.WriteStream = process.stderr) {
    this.out = out;
    this.errors = errors;
    this.colours = picocolors.createColors(picocolors.isColorSupported && (out.isTTY || process.env['FORCE_COLOR'] !== undefined));
    this.interactive = [out, process.stdin].every((stream) => stream.isTTY);
  }

  /** Whether a status line can be drawn. */
  get draws(): boolean {
    return this.out.isTTY;
  }

  get width(): number {
    return this.out.columns || 120;
  }

  line(text = ''): void {
    this.clearStatus();
    this.out.write(`${text}\n`);
    if (this.question !== '' && this.out.isTTY) this.draw(this.question);
  }

  /** Shows a line that the next line or status replaces, cut to the width; nothing where nobody watches. */
  showStatus(text: string): void {
    if (!this.out.isTTY || this.question !== '') return;
    this.draw(fitText(text, this.width - 1));
  }

  /** Keeps a question below everything that is printed until `answered`; where nobody watches it is not shown. */
  ask(question: string): void {
    this.question = fitText(question, this.width - 20);
    if (this.out.isTTY) this.draw(this.question);
  }

  /** The question was answered: typed by a person, or read from a pipe, where the answer is shown with it. */
  answered(question: string, answer: string | undefined): void {
    this.question = '';
    if (this.interactive) this.status = '';
    else this.line(this.colours.dim(`${question}${answer === undefined ? '(end of input)' : inert(answer)}`));
  }

  clearStatus(): void {
    if (this.status === '') return;
    this.out.write('\r\u001b[2K');
    this.status = '';
  }

  private draw(text: string): void {
    this.clearStatus();
    this.status = text;
    this.out.write(text);
  }

  problem(problem: Problem): void {
    this.clearStatus();
    const { red, yellow, cyan } = this.colours;
    const colour = problem.severity === 'error' ? red : problem.severity === 'warning' ? yellow : cyan;
    this.errors.write(`${colour(problem.severity)} ${inert(formatProblem(problem))}\n`);
    if (this.question !== '' && this.out.isTTY) this.draw(this.question);
  }
}

/** Columns as wide as their widest cell; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}
