/** The sheet of a release candidate as one HTML page: may it go on, why, what changed in each scenario, what is still open. */
import { facts as factList, html, table, type Markup, type Row } from './html/markup.ts';
import { page, type PageSection } from './html/page.ts';
import { badge, stateCell } from './run-report.ts';
import { sheetBasis } from '#shared/analysis/release-sheet.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

export interface ReleaseReportInput {
  readonly sheet: ReleaseSheet;
  readonly softwareVersion: string;
  readonly madeAt: number;
}

type SheetScenario = ReleaseSheet['scenarios'][number];

/** The HTML report on whether a release candidate may go on. `madeAt`: ms since 1970. */
export function releaseReport({ sheet, softwareVersion, madeAt }: ReleaseReportInput): string {
  const sections: PageSection[] = [
    { id: 'questions', title: 'Open questions', content: questionsTable(sheet) },
    ...sheet.scenarios.map((scenario, index) => ({
      id: `scenario-${index + 1}`,
      title: scenario.scenario,
      content: scenarioSection(scenario),
    })),
  ];
  return page({ title: `${sheet.release}: may it go on? ${sheet.answer}`, softwareVersion, madeAt, head: head(sheet), sections });
}

function head({ release, previous, answer, reasons, scenarios }: ReleaseSheet): Markup {
  const runs = scenarios.reduce((sum, each) => sum + each.runs.length, 0);
  const passed = scenarios.reduce((sum, each) => sum + each.passed, 0);
  return html`<p class="muted">Release sheet</p>
    <h1>May ${release} go on?</h1>
    <p>${badge(answer)}</p>
    <ul class="reason">
      ${reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>
    ${factList([
      ['Compared with', sheetBasis({ release, previous })],
      ['Scenarios', String(scenarios.length)],
      ['Runs', `${runs}, ${passed} passed`],
    ])}`;
}

function questionsTable({ questions }: ReleaseSheet): Markup {
  const rows = questions.map(({ kind, sentence, scenario, run }): Row => ({
    cells: [kind, sentence, scenario ?? '', html`<span class="code">${run}</span>`],
  }));
  const columns = [{ title: 'Kind' }, { title: 'What is to be decided or explained' }, { title: 'Scenario' }, { title: 'Run' }];
  return table('What somebody still has to decide or explain', columns, rows, 'Nothing is open.');
}

function scenarioSection({ runs, passed, comparison, problem }: SheetScenario): Markup {
  const rows = runs.map(({ run, startedAt, duration, outcome, decision }): Row => ({
    cells: [
      html`<span class="code">${run}</span>`,
      dateAndTimeUtc(startedAt),
      duration === null ? '' : durationText(duration),
      stateCell(outcome),
      stateCell(decision),
    ],
  }));
  const columns = [{ title: 'Run' }, { title: 'Started' }, { title: 'Took', numeric: true }, { title: 'Outcome' }, { title: 'Decision' }];
  return html`${comparisonPart(comparison)}${problem !== null && html`<div class="warning"><p>${problem}</p></div>`}
  ${table(`${counted(runs.length, 'run')}, ${passed} passed`, columns, rows, 'It was not run with this release candidate.')}`;
}

function comparisonPart(comparison: SheetScenario['comparison']): Markup | null {
  if (comparison === null) return null;
  const { candidate, verdict, reason, confirmed, top, more } = comparison;
  const rows = top.map(({ sentence, cause }, index): Row => ({
    cells: [index + 1, sentence, cause ?? html`<span class="state open">unexplained</span>`],
  }));
  return html`<p>${badge(verdict)} <span class="reason">${reason}</span></p>
    <p class="muted">${counted(confirmed, 'confirmed change')}; compared was <span class="code">${candidate}</span>.</p>
    ${rows.length > 0 && table('What changed most', [{ title: 'Rank', numeric: true }, { title: 'Finding' }, { title: 'Cause' }], rows, '')}
    ${more > 0 && html`<p class="muted">and ${more} more</p>`}`;
}
