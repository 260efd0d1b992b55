/** `testops compare`: a run against its baseline, for people and for pipelines that decide by the exit status. */
import { resolve } from 'node:path';
import { comparisonWords } from '../comparison-words.ts';
import { withCore } from '../core-access.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { baselineOf } from '../named-baseline.ts';
import { findRun } from '../named-run.ts';
import type { ComparisonVerdict } from '#shared/analysis/comparison.ts';
import { problemOf } from '#shared/problem.ts';

export interface CompareOptions {
  readonly archive: string | undefined;
  readonly baseline?: string;
  readonly last: number;
  readonly json?: boolean;
  readonly html?: string;
  readonly all?: boolean;
}

export function compare(candidate: string, against: readonly string[], options: CompareOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, candidate);
    const baseline = await baselineOf(core, against, options);
    const comparison = await core.request('runs.compare', { candidate: run, baseline }).catch((failure: unknown) => {
      const problem = problemOf(failure);
      if (problem.code !== 'no-baseline' && problem.code !== 'unknown-release') throw failure;
      terminal.problem(problem);
      process.exitCode = problem.code === 'no-baseline' ? exitCodes.noHistory : exitCodes.usage;
      return null;
    });
    if (comparison === null) return;
    if (options.html !== undefined) {
      const subject = { kind: 'comparison', candidate: run, baseline } as const;
      const { file } = await core.request('report.write', { subject, format: 'html', file: resolve(options.html) });
      if (!options.json) terminal.line(terminal.colours.dim(file));
    }
    if (options.json) terminal.line(JSON.stringify(comparison));
    else for (const line of comparisonWords(comparison, terminal.colours, options.all ?? false)) terminal.line(line);
    process.exitCode = statusOf(comparison.verdict);
  });
}

function statusOf(verdict: ComparisonVerdict): ExitCode {
  switch (verdict) {
    case 'no change':
      return exitCodes.passed;
    case 'changed':
      return exitCodes.failed;
    case 'no comparable history':
      return exitCodes.noHistory;
  }
}
