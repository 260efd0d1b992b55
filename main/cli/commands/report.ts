/** `testops report`: a run, a comparison or a release candidate in a form that other programs and other people read. */
import { resolve } from 'node:path';
import { withCore } from '../core-access.ts';
import { baselineOf } from '../named-baseline.ts';
import { findRun } from '../named-run.ts';
import type { Core, MethodRequest } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { quantityText } from '#shared/wording/quantities.ts';

export interface ReportOptions {
  readonly archive: string | undefined;
  readonly format: MethodRequest<'report.write'>['format'];
  readonly against?: readonly string[];
  readonly baseline?: string;
  readonly last: number;
  readonly release?: string;
  readonly previous?: string;
  readonly output?: string;
}

type Subject = MethodRequest<'report.text'>['subject'];

export function report(named: string | undefined, options: ReportOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const subject = await subjectOf(core, named, options);
    const { format, output } = options;
    if (output !== undefined) {
      const written = await core.request('report.write', { subject, format, file: resolve(output) });
      terminal.line(`${written.file} (${quantityText(written.bytes, 'bytes')})`);
      return;
    }
    if (format === 'allure') {
      throw new ProblemError({
        code: 'output-wanted',
        message: 'Allure results are a folder of files.',
        tip: 'Name the folder with --output, such as allure-results.',
      });
    }
    const { text } = await core.request('report.text', { subject, format });
    process.stdout.write(text);
  });
}

async function subjectOf(core: Core, named: string | undefined, options: ReportOptions): Promise<Subject> {
  const { against = [], baseline, release, previous } = options;
  const compared = against.length > 0 || baseline !== undefined;
  if (release !== undefined) {
    if (named !== undefined || compared) throw unclear('Both a release and a run are named.');
    return { kind: 'release', release, previous: previous ?? null };
  }
  if (previous !== undefined) throw unclear('--previous goes with --release.');
  if (named === undefined) throw unclear('Nothing is named to report on.');
  const run = await findRun(core, named);
  if (!compared) return { kind: 'run', run };
  return { kind: 'comparison', candidate: run, baseline: await baselineOf(core, against, options) };
}

function unclear(message: string): ProblemError {
  return new ProblemError({ code: 'unclear-report', message, tip: 'Name a run, or a release with --release.' });
}
