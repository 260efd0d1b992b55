/**
 * Problems as data. Whatever goes wrong for a user (a file, a frame, a configuration, a command line) is told as one
 * sentence that says what and where, and a tip that says how to mend it.
 */

import type { z } from 'zod';
import type { Immutable } from './immutable.ts';
import type { positionSchema, problemSchema, rangeSchema, severitySchema } from './problem-schema.ts';

export type Severity = z.infer<typeof severitySchema>;
export type Position = Immutable<z.infer<typeof positionSchema>>;
export type Range = Immutable<z.infer<typeof rangeSchema>>;

export interface Problem extends Immutable<z.infer<typeof problemSchema>> {
  /** What else was found wrong in the same go, such as the other mistakes in a file. */
  readonly others?: readonly Problem[];
}

/** An expected failure that carries its problem to the one place that shows it to the user. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Omit<Problem, 'severity'> & { readonly severity?: Severity }) {
    super(problem.message);
    this.problem = { severity: 'error', ...problem };
  }
}

/** What can be told of anything that was thrown, without a stack trace. */
export function problemOf(thrown: unknown, code = 'unexpected'): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { severity: 'error', code, message };
}

/** `file:line:column: message Tip`, one line, positions counted from one as editors do. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.range && problem.range.start.line + 1, problem.range && problem.range.start.column + 1]
    .filter((part) => part !== undefined)
    .join(':');
  const sentence = problem.tip ? `${problem.message} ${problem.tip}` : problem.message;
  // A sentence about a file as a whole that names it needs no place before it.
  if (problem.file !== undefined && !problem.range && problem.message.includes(problem.file)) return sentence;
  return place ? `${place}: ${sentence}` : sentence;
}
