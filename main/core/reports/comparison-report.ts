/** A comparison as one HTML page: the verdict, what changed with its evidence, most telling first, and what it all rests on. */
import type { z } from 'zod';
import { causeOf, causeText, summaryParagraph, type CauseRemark } from './comparison-summary.ts';
import { distributionPicture } from './html/distribution.ts';
import { chartPicture, legend, type Chart } from './html/chart.ts';
import { facts as factList, folded, html, table, type Markup, type Row } from './html/markup.ts';
import { page, type PageSection } from './html/page.ts';
import { subjectText } from './open-formats/csv.ts';
import { remarkList } from './remark-list.ts';
import { badge, limited, stateCell } from './run-report.ts';
import { differingConditions, likenessOf } from '#shared/analysis/conditions.ts';
import { chanceText, falseAlarmText } from '#shared/analysis/chance-words.ts';
import type { ComparedStep, Comparison, Finding } from '#shared/analysis/comparison.ts';
import type { historyMethods } from '#shared/contract/history.ts';
import { standingRemarks, type Remark } from '#shared/run/remarks.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { differenceText, durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { countText, counted, shareText } from '#shared/wording/counts.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';
import { listed } from '#shared/wording/names.ts';
import { numberText } from '#shared/wording/numbers.ts';

export type Evidence = z.output<(typeof historyMethods)['runs.evidence']['response']>;

export interface ComparisonReportInput {
  readonly comparison: Comparison;
  /** Lines of metrics, by the id of the finding that they show. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Units of the candidate's series, by name. */
  readonly units: ReadonlyMap<string, Unit>;
  /** Remarks on the candidate, those taken back among them. */
  readonly remarks: readonly Remark[];
  readonly softwareVersion: string;
  readonly madeAt: number;
}

/** Findings with pictures; the others are rows of a table, up to a number; steps and runs likewise. */
const most = { pictured: 25, listed: 500, steps: 2_000, runs: 200, also: 12 } as const;

/** The HTML report of a comparison, most telling findings first. `madeAt`: ms since 1970. */
export function comparisonReport({ comparison, evidence, units, remarks, softwareVersion, madeAt }: ComparisonReportInput): string {
  const { candidate } = comparison;
  const title = `${candidate.scenario}, ${candidate.release} against ${comparison.baselineName}: ${comparison.verdict}`;
  const causes = standingRemarks(remarks).filter((remark) => remark.kind === 'cause');
  const steps = new Map(comparison.steps.map((step) => [step.key, step]));
  const sections: PageSection[] = [
    {
      id: 'findings',
      title: 'What changed',
      content: findingsSection(comparison, { evidence, units, causes, steps, runs: comparison.baseline.length }),
    },
    { id: 'conditions', title: 'Conditions', content: conditionsTable(comparison) },
    { id: 'steps', title: 'Steps', content: stepsTable(comparison) },
    { id: 'runs', title: 'Runs', content: runsTable(comparison) },
    { id: 'method', title: 'What was tested', content: methodSection(comparison) },
    {
      id: 'remarks',
      title: 'Remarks',
      content: remarkList(standingRemarks(remarks), new Map(comparison.findings.map(({ id, sentence }) => [id, sentence]))),
    },
  ];
  return page({ title, softwareVersion, madeAt, head: head(comparison, causes), sections });
}

function head(comparison: Comparison, causes: readonly CauseRemark[]): Markup {
  const { candidate, baseline, baselineName, baselineReason, verdict, findings } = comparison;
  const differing = differingConditions(comparison);
  const confirmed = findings.filter(({ status }) => status === 'confirmed').length;
  return html`<p class="muted">Comparison report</p>
    <h1>${candidate.scenario}: ${candidate.release} against ${baselineName}</h1>
    <p>${badge(verdict)}</p>
    ${summaryParagraph(comparison, causes)}
    ${factList([
      ['Candidate', `a run of ${candidate.scenario} on ${candidate.release}`],
      ['Its outcome', stateCell(candidate.outcome)],
      ['Its decision', candidate.decision],
      ['Its duration', candidate.duration === null ? 'unknown' : durationText(candidate.duration)],
      ['Started', dateAndTimeUtc(candidate.startedAt)],
      ['Baseline', `${baselineName} (${counted(baseline.length, 'run')})`],
      ...(baselineReason === undefined ? [] : [['Why this baseline', baselineReason] as const]),
      ['Conditions that differ', differing.length === 0 ? 'none' : `${differing.length}: ${listed(differing.map(({ name }) => name))}`],
      ['Environment', candidate.environment],
      ['Findings', `${confirmed} confirmed, ${findings.length - confirmed} plain`],
      ['Causes given', causes.length === 0 ? 'none yet' : listed([...new Set(causes.map(causeText))])],
    ])}`;
}

interface Around {
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly units: ReadonlyMap<string, Unit>;
  readonly causes: readonly CauseRemark[];
  readonly steps: ReadonlyMap<string, ComparedStep>;
  /** Baseline runs. */
  readonly runs: number;
}

function findingsSection({ findings }: Comparison, around: Around): Markup {
  if (findings.length === 0) return html`<p class="nothing">Nothing differs.</p>`;
  const rest = findings.slice(most.pictured);
  const all = rest.map((finding, index): Row => ({
    cells: [
      most.pictured + index + 1,
      finding.sentence,
      finding.status,
      placeOf(finding.step, around.steps),
      finding.effect === null ? '' : effectText(finding.effect),
    ],
  }));
  const { rows, rest: beyond } = limited(
    all,
    most.listed,
    (count) => `${counted(count, 'further finding')}; the CSV and JSON forms have all of them.`,
  );
  const columns = [
    { title: 'Rank', numeric: true },
    { title: 'Finding' },
    { title: 'Status' },
    { title: 'Step' },
    { title: 'Effect', numeric: true },
  ];
  return html`<p class="muted">
      Most telling first. Confirmed: certain by statistics over enough runs, or a fact that no run of the baseline shares. Plain: a
      difference, no more. The expected range is where 95 of 100 further runs of the baseline would lie. p says how often chance alone would
      bring a value so far off; q says, all tests taken together, how many of such findings are false alarms.
    </p>
    ${findings.slice(0, most.pictured).map((finding, index) => findingBlock(finding, index + 1, around))}
    ${rows.length > 0 && html`${table('Further findings', columns, rows, '')}${beyond}`}`;
}

function placeOf(step: string | null, steps: ReadonlyMap<string, ComparedStep>): string {
  if (step === null) return 'whole run';
  const found = steps.get(step);
  return found ? `step ${found.number}, ${found.text}` : 'a step';
}

function findingBlock(finding: Finding, rank: number, around: Around): Markup {
  const { id, sentence, status, step, also } = finding;
  const cause = causeOf(id, around.causes);
  const confirmed = status === 'confirmed';
  return html`<article class="finding" aria-labelledby="finding-${rank}">
    <h3 id="finding-${rank}">${rank}. ${sentence}</h3>
    <p>
      <span class="state ${confirmed ? 'bad' : 'open'}">${status}</span>
      <span class="muted">${subjectText(finding)}; ${placeOf(step, around.steps)}</span>
    </p>
    ${cause && html`<p>Cause${cause.finding === null && ' of the whole run'}: ${causeText(cause)}${cause.text !== '' && `: ${cause.text}`}</p>`}
    ${pictures(finding, around)} ${numbers(finding, around.runs)} ${chances(finding)}
    ${
      also.length > 0 &&
      folded(
        `Also in ${counted(also.length, 'other place')}`,
        html`<ul>
          ${also.slice(0, most.also).map((other) => html`<li>${other.sentence}</li>`)}${also.length > most.also && html`<li>and ${also.length - most.also} more</li>`}
        </ul>`,
      )
    }
  </article> `;
}

function numbers({ unit, candidate, baseline, expected, effect, p, q, smallestVisible }: Finding, runs: number): Markup | null {
  const value = (number: number | null): string | null => (number === null ? null : quantityText(number, unit));
  const pairs = [
    ['Candidate', value(candidate)],
    ['Baseline median', expected && value(expected.median)],
    ['Expected range', expected && `${quantityText(expected.low, unit)} to ${quantityText(expected.high, unit)}`],
    [
      'Runs behind it',
      baseline.length === 0
        ? null
        : `${baseline.length} of ${counted(runs, 'baseline run')} ${baseline.length === 1 ? 'has' : 'have'} this number`,
    ],
    ['Effect (in usual spreads between runs)', effect === null ? null : effectText(effect)],
    ['p, q', p === null ? null : `${numberText(p)}, ${numberText(q)}`],
    ['Smallest visible difference', value(smallestVisible)],
  ] as const;
  const told = pairs.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const]));
  return told.length === 0 ? null : factList(told);
}

/** What p and q mean. */
function chances({ p, q }: Finding): Markup | null {
  const words = [chanceText(p), falseAlarmText(q)].filter((text) => text !== null);
  return words.length === 0 ? null : html`<p class="muted">${words.join(' ')}</p>`;
}

/** In spreads between runs; what is beyond measure is told as such, since a baseline without any spread makes it arbitrary. */
function effectText(effect: number): string {
  return Math.abs(effect) >= 1_000 ? 'over 1,000' : numberText(effect);
}

function pictures(finding: Finding, { evidence, units, steps, runs }: Around): Markup | null {
  const { unit, candidate, baseline, expected, sentence } = finding;
  const values = baseline.map(({ value }) => value);
  const distribution = distributionPicture({ description: `Distribution: ${sentence}`, unit, candidate, baseline: values, expected });
  const lines = evidence.get(finding.id);
  const overlay = lines && overlayOf(finding, lines, { place: placeOf(finding.step, steps), units });
  if (!distribution && !overlay) return null;
  return html`<div class="pictures">
    ${
      distribution &&
      html`<figure>
        <figcaption>Runs</figcaption>
        ${distribution}
      </figure>`
    }${
      overlay &&
      html`<figure>
        <figcaption>${overlay.title}</figcaption>
        ${chartPicture(overlay)}${legend([
          { name: 'candidate', kind: 'candidate' },
          { name: drawnText(overlay.lines.length - 1, runs), kind: 'past' },
        ])}
      </figure>`
    }
  </div>`;
}

/** Of how many runs lines are drawn: not of those without samples, nor of more than can be told apart. */
function drawnText(drawn: number, runs: number): string {
  return drawn === runs ? `baseline (${counted(runs, 'run')})` : `baseline (lines of ${drawn} of its ${counted(runs, 'run')})`;
}

/** Lines of the baseline's runs with the candidate's on top, each from the beginning of the step. */
function overlayOf(
  { subject, step }: Finding,
  { lines }: Evidence,
  { place, units }: { readonly place: string; readonly units: ReadonlyMap<string, Unit> },
): Chart | null {
  const [candidate, ...baseline] = lines;
  if (subject.kind !== 'metric' || !candidate) return null;
  const durations = lines.flatMap(({ duration }) => duration ?? []);
  const lastTimes = lines.flatMap(({ times }) => times.at(-1) ?? []);
  const to = Math.max(1, ...(durations.length > 0 ? durations : lastTimes));
  const drawn = [...baseline.map((line) => ({ ...line, kind: 'past' })), { ...candidate, kind: 'candidate' }];
  const title = `${subject.series}, ${step === null ? 'whole run' : `from the start of ${place}`}`;
  return {
    title,
    description: `${title}: the candidate's line over those of ${counted(baseline.length, 'baseline run')}`,
    // That of the series: a finding about its slope has another one.
    unit: units.get(subject.series) ?? 'none',
    from: 0,
    to,
    lines: drawn.map(({ kind, times, values, run }) => ({ name: run, kind, times, values })),
    bands: [],
    marks: [],
  };
}

function conditionsTable({ conditions }: Comparison): Markup {
  const order = { different: 0, compared: 1, same: 2 } as const;
  const sorted = conditions.toSorted((left, right) => order[likenessOf(left)] - order[likenessOf(right)]);
  const rows = sorted.map((condition): Row => {
    const { name, candidate, baseline } = condition;
    const likeness = likenessOf(condition);
    const cells = [
      name,
      html`<span class="value">${candidate ?? 'none'}</span>`,
      baseline.map(
        ({ value, runs }) => html`<div class="value">${value ?? 'none'} <span class="muted">(${counted(runs, 'run')})</span></div>`,
      ),
      likeness === 'different' ? html`<span class="state open">different</span>` : likeness,
    ];
    return { cells };
  });
  const columns = [{ title: 'Condition' }, { title: 'Candidate' }, { title: 'Baseline' }, { title: 'Alike' }];
  return table('Conditions under which the runs were made, different ones first', columns, rows, 'No conditions are known.');
}

function stepsTable({ steps }: Comparison): Markup {
  const all = steps.map(({ side, number, text, depth, scenario, candidate, baseline, findings }): Row => {
    const both = candidate?.duration !== null && candidate?.duration !== undefined && baseline !== null && baseline.duration !== null;
    const difference = both ? (candidate.duration ?? 0) - (baseline.duration ?? 0) : null;
    return {
      cells: [
        html`${'\u00a0\u00a0'.repeat(Math.min(depth, 12))}${number}`,
        html`<span class="code">${text}</span
          >${depth > 0 && html` <span class="called">in ${scenario}</span>`}${side !== 'both' && html` <span class="state open">only in the ${side}</span>`}`,
        candidate ? stateCell(candidate.state) : '',
        candidate?.duration === null || candidate === null ? '' : durationText(candidate.duration),
        baseline ? baseline.states.map(({ state, runs }) => html`<div>${state} (${runs})</div>`) : '',
        baseline === null || baseline.duration === null ? '' : durationText(baseline.duration),
        difference === null ? '' : differenceText(difference),
        findings === 0 ? '' : findings,
      ],
    };
  });
  const { rows, rest } = limited(all, most.steps, (count) => counted(count, 'further step'));
  const columns = [
    { title: 'Step' },
    { title: 'Statement' },
    { title: 'Candidate' },
    { title: 'Took', numeric: true },
    { title: 'Baseline (runs)' },
    { title: 'Median', numeric: true },
    { title: 'Difference', numeric: true },
    { title: 'Findings', numeric: true },
  ];
  return html`${table('Steps of both sides, aligned by what they are and not by the clock', columns, rows, 'Neither side executed a step.')}${rest}`;
}

function runsTable({ candidate, baseline }: Comparison): Markup {
  const all = [candidate, ...baseline].map(({ run, release, startedAt, duration, outcome, decision }, index): Row => ({
    cells: [
      html`<span class="code">${run}</span>`,
      index === 0 ? 'candidate' : 'baseline',
      release,
      dateAndTimeUtc(startedAt),
      duration === null ? '' : durationText(duration),
      stateCell(outcome),
      decision,
    ],
  }));
  const { rows, rest } = limited(all, most.runs, (count) => counted(count, 'further run'));
  const columns = [
    { title: 'Run' },
    { title: 'Side' },
    { title: 'Release' },
    { title: 'Started' },
    { title: 'Took', numeric: true },
    { title: 'Outcome' },
    { title: 'Decision' },
  ];
  return html`${table('The runs behind this comparison', columns, rows, '')}${rest}`;
}

function methodSection({ tested, baseline, reason }: Comparison): Markup {
  const rows = tested.untested.map(({ reason, numbers: count }): Row => ({ cells: [reason, countText(count)] }));
  return html`<p>${reason}</p>
    <p>
      ${counted(tested.numbers, 'number')} tested against ${counted(baseline.length, 'run')}; the run, not the sample, is the unit of
      replication. At most ${shareText(tested.falseDiscoveryRate)} of what is confirmed by statistics is expected to be chance
      (Benjamini–Hochberg).
    </p>
    ${rows.length > 0 && table('Numbers that could not be tested', [{ title: 'Why' }, { title: 'Numbers', numeric: true }], rows, '')}`;
}
