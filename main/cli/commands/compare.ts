/** `testops compare`: a run against its baseline, for people and for pipelines that decide by the exit status. */
import { resolve } from 'node:path';
import { comparisonWords } from '../comparison-words.ts';
import { withCore } from '../core-access.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { findRun } from '../named-run.ts';
import type { ComparisonVerdict } from '#shared/analysis/comparison.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Baseline } from '#shared/contract/history.ts';
import { ProblemError } from '#shared/problem.ts';

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
    const comparison = await core.request('runs.compare', { candidate: run, baseline });
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

/** What the command line says to compare with; the accepted runs of the release before, unless it says something. */
async function baselineOf(core: Core, against: readonly string[], { baseline, last }: CompareOptions): Promise<Baseline> {
  if (against.length > 0 && baseline !== undefined) {
    throw new ProblemError({
      code: 'two-baselines',
      message: 'Both runs and a release are named to compare with.',
      tip: 'Name one or more runs, or --baseline and a release.',
    });
  }
  const [first, ...more] = await Promise.all(against.map((named) => findRun(core, named)));
  if (first === undefined) return { kind: 'accepted', release: baseline ?? null, last };
  return more.length === 0 ? { kind: 'run', run: first } : { kind: 'runs', runs: [first, ...more] };
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
