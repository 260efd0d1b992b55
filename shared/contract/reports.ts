/** Reports: a run, a comparison, a release candidate for somebody else. */
import { z } from 'zod';
import { reportFormats } from '#shared/run/run-words.ts';
import { comparisonRequest, release } from './history.ts';
import { path, run } from './shapes.ts';

/** What a report is about. */
export const reportSubjectSchema = z.discriminatedUnion('kind', [
  run.extend({ kind: z.literal('run') }),
  comparisonRequest.extend({ kind: z.literal('comparison') }),
  z.object({ kind: z.literal('release'), release, previous: release.nullable() }),
]);

const writtenFormatSchema = z.enum(reportFormats);
export const reportFormatSchema = writtenFormatSchema.exclude(['allure']);
export type ReportFormat = z.infer<typeof reportFormatSchema>;

export const reportMethods = {
  /** A report as text, for a console that keeps or shows it itself. */
  'report.text': {
    request: z.object({ subject: reportSubjectSchema, format: reportFormatSchema }),
    response: z.object({ name: z.string(), type: z.string(), text: z.string() }),
  },
  /** Writes a report on the core's machine, whole or not at all; `allure` is a folder of results. */
  'report.write': {
    request: z.object({ subject: reportSubjectSchema, format: writtenFormatSchema, file: path }),
    response: z.object({ file: path, bytes: z.int() }),
  },
} as const;
