/** What reports there are, and how each is made. A report is pieces of text, so that a large one is never in memory as a whole. */
import type { HistoryParts } from '../history/history-parts.ts';
import type { Caller, MethodTable } from '../contract/method-tables.ts';
import { ScenarioHistory } from '../history/scenario-history.ts';
import { allureFiles } from './open-formats/allure.ts';
import { comparisonCsv, releaseCsv, runCsv, stepLevels } from './open-formats/csv.ts';
import { openMetricsType } from './open-formats/exposition.ts';
import { JunitReport } from './open-formats/junit.ts';
import { runJson } from './open-formats/run-json.ts';
import { runOpenMetrics } from './open-formats/run-openmetrics.ts';
import { comparisonReport, type Evidence } from './comparison-report.ts';
import { releaseReport } from './release-report.ts';
import type { FolderFile } from './report-output.ts';
import { chartGroups, runCharts } from './run-charts.ts';
import { readRunFacts, type RunFacts } from './run-facts.ts';
import { runReport } from './run-report.ts';
import type { Comparison } from '#shared/analysis/comparison.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import type { ReportFormat, reportSubjectSchema } from '#shared/contract/reports.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { answerPrevious, type PreviousAnswer } from '#shared/run/questions/previous.ts';
import { seriesName } from '#shared/telemetry/series.ts';
import type { z } from 'zod';

export type ReportSubject = z.output<typeof reportSubjectSchema>;
type ComparisonSubject = Extract<ReportSubject, { kind: 'comparison' }>;
type ReleaseSubject = Extract<ReportSubject, { kind: 'release' }>;

/** What reports are made of besides the archive. */
export type ReportAnswers = Pick<
  MethodTable<'runs.compare' | 'runs.evidence' | 'releases.sheet'>,
  'runs.compare' | 'runs.evidence' | 'releases.sheet'
>;

export interface Report {
  /** Name for a file. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly pieces: Iterable<string> | AsyncIterable<string>;
}

/** Earlier runs that the third question looks at. */
const historyLimit = 60;
/** Findings that have pictures of their own. */
export const picturedFindings = 25;

export class Reports {
  private readonly parts: HistoryParts;
  private readonly answers: ReportAnswers;
  private readonly history: ScenarioHistory;

  constructor(parts: HistoryParts, answers: ReportAnswers) {
    this.parts = parts;
    this.answers = answers;
    this.history = new ScenarioHistory(parts);
  }

  async make(subject: ReportSubject, format: ReportFormat, caller: Caller): Promise<Report> {
    switch (subject.kind) {
      case 'run':
        return this.run(subject.run, format, caller);
      case 'comparison':
        return this.comparison(subject, format, caller);
      case 'release':
        return this.release(subject, format, caller);
    }
  }

  /** The files of a folder of Allure results. */
  async allure(subject: ReportSubject): Promise<AsyncIterable<FolderFile>> {
    if (subject.kind !== 'run') throw noSuchReport(subject.kind, 'allure');
    const { archive } = this.parts;
    const facts = await readRunFacts(this.parts, subject.run);
    return allureFiles({ facts, report: await this.runHtml(facts), records: () => archive.read(subject.run, 1) });
  }

  private async run(run: RunId, format: ReportFormat, caller: Caller): Promise<Report> {
    const named = (end: string, type: string, pieces: Report['pieces']): Report => ({ name: `${run}.${end}`, type, pieces });
    switch (format) {
      case 'html':
        return named('html', 'text/html', [await this.runHtml(await readRunFacts(this.parts, run))]);
      case 'junit': {
        const junit = new JunitReport();
        await readRunFacts(this.parts, run, (record) => junit.add(record));
        return named('xml', 'application/xml', [junit.toXml()]);
      }
      case 'openmetrics': {
        const facts = await readRunFacts(this.parts, run);
        return named('openmetrics.txt', openMetricsType, runOpenMetrics(facts, await this.parts.queries()));
      }
      case 'csv':
        return named('csv', 'text/csv', [await this.runTable(run)]);
      case 'json': {
        const facts = await readRunFacts(this.parts, run);
        return named('json', 'application/json', [runJson(facts, await this.previous(facts, caller))]);
      }
    }
  }

  private async runHtml(facts: RunFacts, caller: Caller = nobody): Promise<string> {
    const { softwareVersion, clock, queries } = this.parts;
    // A run whose samples are damaged has a report all the same, which says so.
    const charts = await runCharts(facts, await queries()).catch((failure: unknown) => problemOf(failure));
    return runReport({ facts, previous: await this.previous(facts, caller), charts, softwareVersion, madeAt: clock.now() });
  }

  private async runTable(run: RunId): Promise<string> {
    const facts = await readRunFacts(this.parts, run);
    const queries = await this.parts.queries();
    const [summary, series] = await Promise.all([queries.summaryOf(run), queries.series(run)]).catch(() => [[], []] as const);
    const names = chartGroups(facts, series).flatMap((group) => group.series.map(seriesName));
    return runCsv(facts, stepLevels(summary, names));
  }

  private async previous({ manifest, state }: RunFacts, caller: Caller): Promise<PreviousAnswer> {
    const asked = { scenario: manifest.scenario.name, limit: historyLimit, of: manifest.run };
    const { runs, baseline } = await this.history.methods['scenario.history'](asked, caller);
    return answerPrevious(state, runs, baseline);
  }

  private async comparison({ candidate, baseline }: ComparisonSubject, format: ReportFormat, caller: Caller): Promise<Report> {
    if (format === 'junit' || format === 'openmetrics') throw noSuchReport('comparison', format);
    const comparison = await this.answers['runs.compare']({ candidate, baseline }, caller);
    const named = (end: string, type: string, text: string): Report => ({ name: `${candidate}-compared.${end}`, type, pieces: [text] });
    switch (format) {
      case 'json':
        return named('json', 'application/json', `${JSON.stringify(comparison, null, 1)}\n`);
      case 'csv':
        return named('csv', 'text/csv', comparisonCsv(comparison));
      case 'html': {
        const { softwareVersion, clock, remarks, queries } = this.parts;
        const evidence = await this.evidence(comparison, caller);
        const series = await (await queries()).series(candidate).catch(() => []);
        const units = new Map(series.map((each) => [seriesName(each), each.unit]));
        const said = await remarks.of(candidate);
        return named(
          'html',
          'text/html',
          comparisonReport({ comparison, evidence, units, remarks: said, softwareVersion, madeAt: clock.now() }),
        );
      }
    }
  }

  /** Lines of the metrics that the first findings are about, by the finding's id. */
  private async evidence({ candidate, baseline, findings }: Comparison, caller: Caller): Promise<ReadonlyMap<string, Evidence>> {
    const found = new Map<string, Evidence>();
    for (const { id, subject, step } of findings.slice(0, picturedFindings)) {
      if (subject.kind !== 'metric') continue;
      const runs = [candidate.run, ...baseline.map(({ run }) => run).slice(0, evidenceRuns)];
      const answer = await this.answers['runs.evidence']({ runs, series: subject.series, step, columns: evidenceColumns }, caller).catch(
        () => null,
      );
      if (answer && answer.lines.length > 0) found.set(id, answer);
    }
    return found;
  }

  private async release({ release, previous }: ReleaseSubject, format: ReportFormat, caller: Caller): Promise<Report> {
    if (format === 'junit' || format === 'openmetrics') throw noSuchReport('release', format);
    const sheet: ReleaseSheet = await this.answers['releases.sheet']({ release, previous }, caller);
    const name = `release-${release.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 80)}`;
    switch (format) {
      case 'json':
        return { name: `${name}.json`, type: 'application/json', pieces: [`${JSON.stringify(sheet, null, 1)}\n`] };
      case 'csv':
        return { name: `${name}.csv`, type: 'text/csv', pieces: [releaseCsv(sheet)] };
      case 'html': {
        const { softwareVersion, clock } = this.parts;
        return { name: `${name}.html`, type: 'text/html', pieces: [releaseReport({ sheet, softwareVersion, madeAt: clock.now() })] };
      }
    }
  }
}

/** Baseline runs whose lines are drawn under the candidate's, and pixels across. */
const evidenceRuns = 12;
const evidenceColumns = 120;
const nobody: Caller = { operator: null, console: 'report' };

function noSuchReport(subject: 'run' | 'comparison' | 'release', format: string): ProblemError {
  const what = subject === 'release' ? 'a release' : `a ${subject}`;
  return new ProblemError({
    code: 'no-such-report',
    message: `There is no ${format} report of ${what}.`,
    tip: subject === 'run' ? 'Choose html, junit, csv, openmetrics, json or allure.' : 'Choose html, csv or json.',
  });
}
