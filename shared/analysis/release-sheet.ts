/**
 * May a release candidate go on? A judgement from its runs, their comparisons with the candidate before it, and what people decided.
 * `yes` is said only where there is history to compare with and somebody has decided; whatever is missing is a question.
 */
import type { ComparedRun, Comparison, Finding } from './comparison.ts';
import type { ReleaseSheet } from './trend.ts';
import { standingRemarks, type Remark } from '#shared/run/remarks.ts';
import type { Cause } from '#shared/run/run-words.ts';
import { releaseInWords } from './usual-baseline.ts';
import { counted } from '#shared/wording/counts.ts';

export interface ReleaseScenario {
  readonly scenario: string;
  /** Runs of the release candidate, oldest first; none: only the candidate before it was given this scenario. */
  readonly runs: readonly ComparedRun[];
  /** Its latest run that counts, compared with accepted runs of the candidate before. */
  readonly comparison: Comparison | null;
  /** Why there is no comparison. */
  readonly problem: string | null;
  /** By run. */
  readonly remarks: ReadonlyMap<string, readonly Remark[]>;
}

export interface ReleaseSheetInput {
  readonly release: string;
  readonly previous: string | null;
  readonly scenarios: readonly ReleaseScenario[];
  /** Runs of the very same revision that did not end alike; see trends.ts. `scenario` says of which scenario. */
  readonly intermittent?: readonly { readonly scenario: string; readonly sentence: string; readonly disagreeing: readonly string[] }[];
}

type Question = ReleaseSheet['questions'][number];
type SheetScenario = ReleaseSheet['scenarios'][number];

interface Judgement {
  readonly scenario: SheetScenario;
  readonly questions: readonly Question[];
  /** What stands against the candidate whatever else is said. */
  readonly against: readonly string[];
}

/** Findings that a sheet names per scenario. */
const topFindings = 5;

/**
 * The run that speaks for a release candidate in a scenario: the latest that was not stopped, interrupted or rejected; a rejected one
 * only if there is no other.
 */
export function runThatCounts(runs: readonly ComparedRun[]): ComparedRun | null {
  const ended = runs.filter(({ outcome }) => outcome !== 'stopped' && outcome !== 'interrupted');
  return ended.findLast(({ decision }) => decision !== 'rejected') ?? ended.at(-1) ?? null;
}

/** What a sheet compares with, and how that differs from what a single run is compared with. */
export function sheetBasis({ release, previous }: Pick<ReleaseSheet, 'release' | 'previous'>): string {
  if (previous === null) return 'nothing: no release candidate was run before it';
  return `${releaseInWords(previous)}. Its accepted runs count; unlike Compare, a sheet never takes those of ${releaseInWords(release)} itself.`;
}

/** The sheet of a release candidate. */
export function releaseSheet(input: ReleaseSheetInput): ReleaseSheet {
  const judged = input.scenarios.map((each) => judgeScenario(each, input));
  const questions = [...judged.flatMap((each) => each.questions), ...intermittentQuestions(input)];
  const against = judged.flatMap((each) => each.against);
  const answer = against.length > 0 ? 'no' : questions.length > 0 || input.scenarios.length === 0 ? 'not yet' : 'yes';
  return {
    release: input.release,
    previous: input.previous,
    answer,
    reasons: reasonsOf(input, answer, against, questions),
    scenarios: judged.map(({ scenario }) => scenario),
    questions,
  };
}

function reasonsOf(
  { release, scenarios }: ReleaseSheetInput,
  answer: ReleaseSheet['answer'],
  against: readonly string[],
  questions: readonly Question[],
): string[] {
  if (answer === 'no') return [...against];
  if (scenarios.length === 0) return [`${release} has no runs.`];
  if (answer === 'yes')
    return [
      `The run that counts of ${scenarios.length === 1 ? `${release}'s only scenario` : `each of ${release}'s ${counted(scenarios.length, 'scenario')}`} passed, was accepted, and shows no unexplained change.`,
    ];
  const kinds = Map.groupBy(questions, ({ kind }) => kind);
  return [...kinds].map(([kind, each]) => questionCount(kind, each.length));
}

function questionCount(kind: Question['kind'], count: number): string {
  switch (kind) {
    case 'undecided':
      return `${counted(count, 'run')} must be accepted or rejected.`;
    case 'failed':
      return `${counted(count, 'run')} did not pass and must be looked at.`;
    case 'unexplained':
      return `The differences of ${counted(count, 'scenario')} must be explained.`;
    case 'missing':
      return `${counted(count, 'scenario')} must be run.`;
    case 'intermittent':
      return `${counted(count, 'scenario')} ${count === 1 ? 'does' : 'do'} not always end alike.`;
    case 'history':
      return `${counted(count, 'scenario')} ${count === 1 ? 'has' : 'have'} no comparable history.`;
  }
}

function judgeScenario(given: ReleaseScenario, { release, previous }: ReleaseSheetInput): Judgement {
  const { scenario, runs } = given;
  const counts = runThatCounts(runs);
  const passed = runs.filter(({ outcome }) => outcome === 'passed').length;
  const base = { scenario, runs: [...runs], passed, problem: given.problem };
  const question = (kind: Question['kind'], sentence: string, run: string | null = null): Question => ({ kind, sentence, run, scenario });
  if (!counts) {
    const missing =
      runs.length > 0
        ? `${scenario} was never run to its end on ${release}.`
        : previous === null
          ? `${scenario} was not run on ${release}.`
          : `${scenario} was run on ${previous}, but not on ${release}.`;
    return {
      scenario: { ...base, comparison: null },
      questions: [question('missing', missing)],
      against: [],
    };
  }
  const remarks = standingRemarks(given.remarks.get(counts.run) ?? []);
  const decision = judgeDecision(counts, remarks, question);
  const comparison = judgeComparison(given, remarks, counts, question);
  return {
    scenario: { ...base, comparison: comparison.told },
    questions: [...decision.questions, ...comparison.questions],
    against: [...decision.against, ...comparison.against],
  };
}

type Ask = (kind: Question['kind'], sentence: string, run?: string | null) => Question;
type Doubts = Pick<Judgement, 'questions' | 'against'>;

function judgeDecision(run: ComparedRun, remarks: readonly Remark[], question: Ask): Doubts {
  const { scenario, outcome, decision } = run;
  const defect = causesOf(remarks).find(({ cause, finding }) => cause === 'product defect' && finding === null);
  const against = [
    ...(decision === 'rejected' ? [`${scenario}: its run was rejected.`] : []),
    ...(defect ? [`${scenario}: ${defectSentence(defect.reference)}`] : []),
  ];
  if (against.length > 0) return { questions: [], against };
  // A failure that somebody laid at the door of the environment or the test asks for another run; all others speak against the release.
  if (outcome !== 'passed') {
    const excuse = causesOf(remarks).find(({ cause, finding }) => finding === null && (cause === 'environment' || cause === 'test defect'));
    if (excuse)
      return { questions: [question('failed', `${scenario} ${verb(outcome)} (${excuse.cause}); run it again.`, run.run)], against: [] };
    return { questions: [], against: [`${scenario}: its latest run ${verb(outcome)}.`] };
  }
  const open = decision === 'undecided' ? [question('undecided', `Accept or reject the latest run of ${scenario}.`, run.run)] : [];
  return { questions: open, against: [] };
}

function verb(outcome: ComparedRun['outcome']): string {
  return outcome === 'error' ? 'ended in an error' : outcome === 'stopped' || outcome === 'interrupted' ? `was ${outcome}` : outcome;
}

function defectSentence(reference: string | null): string {
  return reference === null || reference === '' ? 'a product defect was found.' : `a product defect was found (${reference}).`;
}

interface NamedCause {
  readonly cause: Cause;
  readonly reference: string | null;
  readonly finding: string | null;
}

function causesOf(remarks: readonly Remark[]): NamedCause[] {
  return remarks.flatMap((remark) => (remark.kind === 'cause' ? [remark] : []));
}

function judgeComparison(
  { scenario, comparison, problem }: ReleaseScenario,
  remarks: readonly Remark[],
  run: ComparedRun,
  question: Ask,
): Doubts & { readonly told: SheetScenario['comparison'] } {
  if (!comparison)
    return { told: null, against: [], questions: [question('history', `${scenario}: ${problem ?? 'it was not compared.'}`, run.run)] };
  const causes = causesOf(remarks);
  const whole = causes.findLast(({ finding }) => finding === null) ?? null;
  const causeOf = (id: string): NamedCause | null => causes.findLast(({ finding }) => finding === id) ?? whole;
  const confirmed = comparison.findings.filter(({ status }) => status === 'confirmed');
  const differences = confirmed.length > 0 ? confirmed : comparison.findings;
  const top = differences.slice(0, topFindings);
  const defects = confirmed.flatMap(({ id, sentence }) => {
    const cause = causes.findLast(({ finding }) => finding === id);
    return cause?.cause === 'product defect' ? [`${scenario}: ${defectSentence(cause.reference)} ${sentence}`] : [];
  });
  const unexplained = confirmed.filter(({ id }) => (causeOf(id)?.cause ?? 'unknown') === 'unknown');
  const history =
    comparison.verdict === 'no comparable history'
      ? [question('history', `${scenario}: ${comparison.reason}`, comparison.candidate.run)]
      : [];
  return {
    told: {
      candidate: comparison.candidate.run,
      verdict: comparison.verdict,
      reason: comparison.reason,
      confirmed: confirmed.length,
      more: differences.length - top.length,
      top: top.map(({ id, sentence }) => ({ id, sentence, cause: causeOf(id)?.cause ?? null })),
    },
    against: defects,
    questions: [...history, ...unexplainedQuestion(scenario, comparison.candidate.run, unexplained)],
  };
}

/** One question for all of them, about the most telling: once it is explained, the next one stands there. */
function unexplainedQuestion(scenario: string, run: string, unexplained: readonly Pick<Finding, 'id' | 'sentence'>[]): Question[] {
  const [first] = unexplained;
  if (!first) return [];
  const count = unexplained.length;
  const sentence =
    count === 1
      ? `1 confirmed difference of ${scenario} is not explained yet: ${first.sentence}`
      : `${counted(count, 'confirmed difference')} of ${scenario} are not explained yet; first: ${first.sentence}`;
  return [{ kind: 'unexplained', sentence, run, scenario, finding: first.id }];
}

/** Asked unless somebody told a cause of each run that disagrees. */
function intermittentQuestions({ intermittent, scenarios }: ReleaseSheetInput): Question[] {
  return (intermittent ?? []).flatMap(({ scenario, sentence, disagreeing }) => {
    const remarks = scenarios.find((each) => each.scenario === scenario)?.remarks;
    const explained = (run: string): boolean => causesOf(standingRemarks(remarks?.get(run) ?? [])).some(({ cause }) => cause !== 'unknown');
    if (disagreeing.every(explained)) return [];
    return [{ kind: 'intermittent', sentence, run: disagreeing[0] ?? null, scenario }];
  });
}
