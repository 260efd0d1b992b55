/** Reports: a run, a comparison or a release candidate in the form that somebody else reads, as text or as a file. */
import type { Caller, MethodTable } from '../contract/method-tables.ts';
import type { HistoryParts } from '../history/history-parts.ts';
import { Reports, type ReportAnswers, type ReportSubject } from './reports.ts';
import { writeReport, writeReportFolder } from './report-output.ts';
import { ProblemError } from '#shared/problem.ts';

/** Characters of a report that a console is sent; a larger one is written to a file. */
const mostText = 16_000_000;

export function reportService(parts: HistoryParts, answers: ReportAnswers): MethodTable<'report.text' | 'report.write'> {
  const reports = new Reports(parts, answers);
  return {
    'report.text': ({ subject, format }, caller: Caller) =>
      whileThere(parts, subject, async () => {
        const { name, type, pieces } = await reports.make(subject, format, caller);
        const texts: string[] = [];
        let length = 0;
        for await (const piece of pieces) {
          length += piece.length;
          if (length > mostText) throw tooLarge();
          texts.push(piece);
        }
        return { name, type, text: texts.join('') };
      }),
    'report.write': ({ subject, format, file }, caller: Caller) =>
      whileThere(parts, subject, async () => {
        if (format === 'allure') return { file, bytes: await writeReportFolder(file, await reports.allure(subject)) };
        const { pieces } = await reports.make(subject, format, caller);
        return { file, bytes: await writeReport(file, pieces) };
      }),
  };
}

/** The run that a report is about does not go away while it is made. */
function whileThere<T>({ inUse }: HistoryParts, subject: ReportSubject, work: () => Promise<T>): Promise<T> {
  switch (subject.kind) {
    case 'run':
      return inUse.whileExported(subject.run, work);
    case 'comparison':
      return inUse.whileExported(subject.candidate, work);
    case 'release':
      return work();
  }
}

function tooLarge(): ProblemError {
  return new ProblemError({
    code: 'report-too-large',
    message: 'This report is too large to be shown.',
    tip: 'Write it to a file: testops report … --output FILE.',
  });
}
