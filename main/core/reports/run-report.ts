/** A run as one HTML page: what a tester reads first stands first, everything else can be folded away and is printed all the same. */
import type { Chart } from './html/chart.ts';
import { stateWords } from '#shared/run/step-trouble.ts';
import { chartFigure } from './html/chart.ts';
import { facts as factList, folded, html, table, type Markup, type MarkupPart, type Row } from './html/markup.ts';
import { page, type PageSection } from './html/page.ts';
import { remarkList } from './remark-list.ts';
import type { RunFacts } from './run-facts.ts';
import { exactText, toneOf } from './wording.ts';
import { comparedFaults, questionsSection } from './run-questions.ts';
import type { Problem } from '#shared/problem.ts';
import type { PreviousAnswer } from '#shared/run/questions/previous.ts';
import { entriesOf, itemsOf } from '#shared/run/run-state.ts';
import type { OperatorAction } from '#shared/run/records.ts';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';
import { dateAndTimeUtc, sinceStart } from '#shared/wording/times.ts';

export interface RunReportInput {
  readonly facts: RunFacts;
  readonly previous: PreviousAnswer;
  /** A problem: the samples cannot be read. */
  readonly charts: readonly Chart[] | Problem;
  readonly softwareVersion: string;
  readonly madeAt: number;
}

/** Rows of a table; what goes beyond is counted, so that a loop of a million steps makes no report of a gigabyte. */
const most = { steps: 2_000, checks: 1_000, errors: 300, interventions: 500, text: 2_000 } as const;

/** The HTML report of a run. `madeAt`: ms since 1970. */
export function runReport({ facts, previous, charts, softwareVersion, madeAt }: RunReportInput): string {
  const { manifest } = facts;
  const title = `${manifest.scenario.title ?? manifest.scenario.name}, ${manifest.release}: ${manifest.outcome ?? 'unfinished'}`;
  const sections: PageSection[] = [
    { id: 'questions', title: 'Three questions', content: questionsSection(facts, previous) },
    { id: 'steps', title: 'Steps', content: stepsTable(facts) },
    { id: 'checks', title: 'Checks', content: checksTable(facts) },
    { id: 'faults', title: 'Faults and recovery', content: faultsTable(facts, previous) },
    { id: 'errors', title: 'Errors', content: errorsTable(facts) },
    { id: 'components', title: 'Components', content: componentsTable(facts) },
    { id: 'charts', title: 'Charts', content: chartsSection(charts) },
    { id: 'interventions', title: 'Operator', content: interventionsSection(facts) },
    { id: 'remarks', title: 'Remarks', content: remarkList(facts.remarks) },
    { id: 'scenario', title: 'Scenario', content: scenarioSection(facts) },
  ];
  return page({ title, softwareVersion, madeAt, head: head(facts), sections });
}

/** A verdict as a coloured word. */
export function badge(text: string): Markup {
  return html`<span class="verdict ${toneOf(text)}">${text.toUpperCase()}</span>`;
}

/** A state in a table, in the colour of what it means. */
export function stateCell(text: string): Markup {
  return html`<span class="state ${toneOf(text)}">${text}</span>`;
}

/** What could not be read, or is not certain. */
function doubts({ damage, results }: RunFacts): Markup | null {
  const sentences = [...damage, ...results.doubts];
  return sentences.length === 0 ? null : html`<div class="warning">${sentences.map((sentence) => html`<p>${sentence}</p>`)}</div>`;
}

function head(facts: RunFacts): Markup {
  const { manifest, decision, results, steps } = facts;
  const conditions = Object.entries(manifest.conditions).map(([name, value]) => [name, value] as const);
  const variables = Object.entries(manifest.variables).map(([name, value]) => `${name} = ${value}`);
  return html`<p class="muted">Run report</p>
    <h1>${manifest.scenario.title ?? manifest.scenario.name}</h1>
    <p>${badge(manifest.outcome ?? 'unfinished')} <span class="reason">${manifest.reason}</span></p>
    ${doubts(facts)}
    ${factList([
      ['Release', manifest.release],
      ['Scenario', `${manifest.scenario.name} (${manifest.scenario.hash.slice(0, 8)})`],
      ['Environment', manifest.environment],
      ['Operator', manifest.operator],
      ['Started', dateAndTimeUtc(manifest.startedAt)],
      ['Duration', manifest.duration === null ? 'unknown' : durationText(manifest.duration)],
      ['Steps', countsText(steps.length - results.retried.length, results)],
      ['Decision', decision],
      ['Run', html`<span class="code">${manifest.run}</span>`],
      ...(manifest.mode === 'dry' ? [['Mode', 'dry: nothing was executed'] as const] : []),
      ...(manifest.workspaceCommit === null ? [] : [['Workspace', manifest.workspaceCommit] as const]),
      ...(variables.length === 0 ? [] : [['Variables', variables.join(', ')] as const]),
      ...conditions,
    ])}`;
}

function countsText(all: number, { counts: told, retried }: RunFacts['results']): string {
  const replaced = retried.length === 0 ? '' : `; ${counted(retried.length, 'failed try', 'failed tries')} replaced by a retry`;
  return `${all}${told.length > 0 ? `: ${told.join(', ')}` : ''}${replaced}`;
}

/** The first rows, and how many there are beyond them. */
export function limited(
  rows: readonly Row[],
  limit: number,
  rest: (count: number) => MarkupPart,
): { rows: readonly Row[]; rest: MarkupPart } {
  return { rows: rows.slice(0, limit), rest: rows.length > limit ? html`<p class="muted">${rest(rows.length - limit)}</p>` : null };
}

function stepsTable({ steps, state, startedAt }: RunFacts): Markup {
  const all = steps.map(({ step, state: ended, duration, message, startedAt: began, result, replacedBy }): Row => {
    const indent = '\u00a0\u00a0'.repeat(Math.min(step.depth, 12));
    const said = [
      replacedBy === undefined ? null : 'Retried: the next try counts.',
      message,
      result === null || result === '' ? null : `result: ${result.slice(0, most.text)}`,
    ].filter((each) => each !== null);
    return {
      kind: toneOf(ended) === 'bad' && replacedBy === undefined ? 'bad' : 'usual',
      cells: [
        html`${indent}${step.number}`,
        html`<span class="code">${step.text}</span
          >${step.phase === 'deferred' && html` <span class="called">(undo)</span>`}${step.depth > 0 && html` <span class="called">in ${step.scenario}</span>`}`,
        stateCell(stateWords({ state: ended, message })),
        sinceStart(began, startedAt),
        duration === null ? '' : durationText(duration),
        said.map((each) => html`<div>${each}</div>`),
      ],
    };
  });
  const omitted = state.steps.total - steps.length;
  const { rows, rest } = limited(all, most.steps, (count) => `${counted(count + omitted, 'further step')}; the run's log has them.`);
  const columns = [
    { title: 'Step' },
    { title: 'Statement' },
    { title: 'State' },
    { title: 'Began', numeric: true },
    { title: 'Took', numeric: true },
    { title: 'Message' },
  ];
  return html`${table('Executed steps in their order', columns, rows, 'No step was executed.')}${rest}`;
}

function valuesText(values: Readonly<Record<string, string | number | null>>, units: RunFacts['units']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? exactText(value, units.get(name) ?? 'none') : (value ?? 'no value')}`)
    .join(', ');
}

function checksTable({ conditions, units }: RunFacts): Markup {
  const all = conditions.conditions.map(({ form, text, scenario, line, state, values, history, doubt }): Row => ({
    cells: [
      html`<span class="code">${form} ${text}</span>`,
      [
        doubt === null ? stateCell(state) : html`<span class="state open">? ${state}</span>`,
        ...[history, doubt].map((said) => said !== null && html` <span class="called">(${said})</span>`),
      ],
      line === null ? 'limit' : `${scenario}, line ${line + 1}`,
      valuesText(values, units),
    ],
  }));
  const { rows, rest } = limited(all, most.checks, (count) => counted(count, 'further condition'));
  const columns = [{ title: 'Condition' }, { title: 'State' }, { title: 'Where' }, { title: 'Values seen' }];
  return html`${table('Every condition that the scenario could check', columns, rows, 'This scenario checks no conditions.')}${rest}`;
}

/** `recovered in 405 ms`: a bare time would not say what it measures. */
function stopwatchCell({ condition, recovered, lost }: Pick<RunFacts['results']['faults'][number], 'condition' | 'recovered' | 'lost'>) {
  if (recovered !== null) return `recovered in ${durationText(recovered)}`;
  if (condition === null) return stateCell('not measured');
  return lost ? html`<span class="state bad">not recovered</span>` : stateCell('pending');
}

function faultsTable(facts: RunFacts, previous: PreviousAnswer): Markup {
  const before = comparedFaults(previous);
  const rows = facts.results.faults.map(({ text, at, condition, recovered, lost }): Row => ({
    cells: [
      html`<span class="code">${text}</span>`,
      sinceStart(at, facts.startedAt),
      condition === null ? html`<span class="muted">nothing was waited for</span>` : html`<span class="code">${condition}</span>`,
      stopwatchCell({ condition, recovered, lost }),
      before(text) ?? '',
    ],
  }));
  const columns = [
    { title: 'Fault' },
    { title: 'Injected', numeric: true },
    { title: 'Recovered when' },
    { title: 'Time from the fault to recovery', numeric: true },
    { title: 'Before, median', numeric: true },
  ];
  return table('Injected faults and the time to recovery', columns, rows, 'No fault was injected.');
}

function errorsTable({ errors, errorsOmitted, state, startedAt }: RunFacts): Markup {
  const problems = itemsOf(state.problems)
    .filter(({ severity }) => severity === 'error')
    .map(({ time, message }) => ({ time, component: null, severity: 'core', text: message }));
  const all = [...errors, ...problems]
    .sort((left, right) => left.time - right.time)
    .map(({ time, component, severity, text }): Row => ({
      cells: [sinceStart(time, startedAt), component ?? '', severity, html`<span class="code">${text.slice(0, most.text)}</span>`],
    }));
  const { rows, rest } = limited(
    all,
    most.errors,
    (count) => `${counted(count + errorsOmitted, 'further error')}; the run's log has them.`,
  );
  const columns = [{ title: 'When' }, { title: 'Component' }, { title: 'Kind' }, { title: 'Text' }];
  return html`${table('Errors and crashes, oldest first', columns, rows, 'Nothing told of an error.')}${rest}`;
}

function componentsTable({ results, manifest }: RunFacts): Markup {
  const rows = results.components.map(({ component, state, crashes, errors, lastError }): Row => ({
    cells: [component, stateCell(state), crashes, errors, html`<span class="code">${lastError?.slice(0, most.text)}</span>`],
  }));
  const columns = [
    { title: 'Component' },
    { title: 'Last state' },
    { title: 'Crashes', numeric: true },
    { title: 'Errors', numeric: true },
    { title: 'Last error' },
  ];
  const daemons = manifest.catalogues.map(({ daemon, host, softwareVersion, configurationHash }): Row => ({
    cells: [daemon, host, softwareVersion, html`<span class="code">${configurationHash.slice(0, 12)}</span>`],
  }));
  const daemonColumns = [{ title: 'Daemon' }, { title: 'Host' }, { title: 'Version' }, { title: 'Configuration' }];
  return html`${table('Components, those with trouble first', columns, rows, 'No component told of itself.')}
  ${folded(counted(daemons.length, 'daemon'), table('Daemons that observed and acted', daemonColumns, daemons, 'No daemon took part.'))}`;
}

function chartsSection(charts: readonly Chart[] | Problem): Markup {
  if ('message' in charts) return html`<div class="warning"><p>${charts.message}</p></div>`;
  if (charts.length === 0) return html`<p class="nothing">No series that the scenario names has values.</p>`;
  return html`<p class="muted">
      Time from the start of the run; grey bands are steps, with their numbers above; dashed red lines are injected faults; hatched is what
      nobody knows, since a daemon was lost.
    </p>
    <div class="charts">${charts.map(chartFigure)}</div>`;
}

function interventionsSection({ state, startedAt }: RunFacts): Markup {
  const acted = itemsOf(state.interventions).map(({ time, operator, action }) => ({ time, operator, text: actionText(action) }));
  const edits = state.edits.map(({ time, operator, scenario, line, removed, added }) => ({
    time,
    operator,
    text: `changed ${scenario} from line ${line + 1}: ${counted(removed.length, 'line')} became ${added.length}`,
  }));
  const all = [...acted, ...edits]
    .sort((left, right) => left.time - right.time)
    .map(({ time, operator, text }): Row => ({ cells: [sinceStart(time, startedAt), operator, text] }));
  const { rows, rest } = limited(all, most.interventions, (count) => counted(count, 'further intervention'));
  const columns = [{ title: 'When' }, { title: 'Who' }, { title: 'What' }];
  return html`${table('What the operator did during the run', columns, rows, 'Nobody intervened: the run went as the scenario says.')}${rest}`;
}

function actionText(action: OperatorAction): string {
  switch (action.kind) {
    case 'goto':
      return `went to line ${action.line + 1}`;
    case 'set-variable':
      return `set ${action.name} to ${action.value}`;
    case 'set-breakpoints':
      return `set ${counted(action.breakpoints.length, 'breakpoint')}`;
    case 'answer':
      return `answered: ${action.answer}`;
    case 'note':
      return `noted: ${action.text}`;
    default:
      return action.kind.replaceAll('-', ' ');
  }
}

function scenarioSection({ manifest, state }: RunFacts): Markup {
  const variables = entriesOf(state.variables);
  const rows = variables.map(([name, value]): Row => ({ cells: [name, html`<span class="code">${value.slice(0, most.text)}</span>`] }));
  const texts = Object.entries(manifest.scenario.texts).map(([name, text]) =>
    folded(name, html`<pre>${text.slice(0, 200_000)}</pre>`, name === manifest.scenario.name && text.length < 4_000),
  );
  return html`${texts}${rows.length > 0 && folded(counted(rows.length, 'variable'), table('Variables at the end of the run', [{ title: 'Variable' }, { title: 'Value' }], rows, ''))}`;
}
