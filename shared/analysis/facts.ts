/**
 * Differences that need no statistics: the outcome, checks, verdicts of steps, and steps that only one side has. A fact is confirmed
 * when there are enough runs in the baseline and none of them shares it.
 */
import type { AlignedStep } from './alignment.ts';
import { minimumBaselineRuns } from './comparison.ts';
import { fact, findingId, rank, stepName, stepOfRow, tally, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ProfileStep, RunProfile } from './profile.ts';
import { counted } from '#shared/wording/counts.ts';
import { quoted } from '#shared/wording/names.ts';

/** All facts about outcome, checks and steps. */
export function runFacts(context: ComparisonContext): RankedFinding[] {
  const checks = checkFacts(context);
  const told = new Set(checks.map(({ finding }) => finding.step));
  const verdicts = verdictFacts(context).filter(({ finding }) => !told.has(finding.step));
  return [...outcomeFacts(context), ...checks, ...verdicts, ...presenceFacts(context)];
}

function outcomeFacts({ candidate, runs, enough, runsName }: ComparisonContext): RankedFinding[] {
  const alike = runs.filter(({ outcome }) => outcome === candidate.outcome).length;
  if (runs.length === 0 || alike * 2 >= runs.length) return [];
  const why = candidate.outcome === 'passed' || candidate.reason === null ? '' : `: ${withoutStop(candidate.reason)}`;
  const sentence = `The run ${outcomeVerb(candidate.outcome)}${why}; ${outcomesOf(runs, runsName)}.`;
  return [
    fact({ id: 'outcome', subject: { kind: 'outcome' }, step: null, sentence, confirmed: enough && alike === 0, rank: rank.outcome }),
  ];
}

/** `rc1's run failed`, `rc1's 10 runs all passed`, `of rc1's 10 runs, 9 passed, 1 failed`. */
function outcomesOf(runs: readonly RunProfile[], runsName: string): string {
  const [first] = runs;
  if (!first || runs.some(({ outcome }) => outcome !== first.outcome))
    return `of ${runsName}, ${tally(runs.map(({ outcome }) => outcome))}`;
  const all = runs.length === 1 ? '' : runs.length === 2 ? 'both ' : 'all ';
  const verb = outcomeVerb(first.outcome);
  return `${runsName} ${all}${runs.length > 1 ? verb.replace(/^was /, 'were ') : verb}`;
}

function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, '');
}

function outcomeVerb(outcome: RunProfile['outcome']): string {
  switch (outcome) {
    case 'error':
      return 'ended in an error';
    case 'stopped':
    case 'interrupted':
      return `was ${outcome}`;
    default:
      return outcome;
  }
}

type ProfileCheck = RunProfile['checks'][number];
type CheckState = ProfileCheck['state'];

function checkFacts(context: ComparisonContext): RankedFinding[] {
  const { candidate, runs, enough, runsName } = context;
  const before = new Map<string, CheckState[]>();
  for (const run of runs) for (const check of run.checks) push(before, check.key, check.state);
  return candidate.checks.flatMap((check) => {
    const states = before.get(check.key) ?? [];
    if (states.length === 0 || states.includes(check.state)) return [];
    const confirmed = enough && states.length >= minimumBaselineRuns;
    const subject = { kind: 'check', form: check.form, text: check.text } as const;
    const step = stepOfCheck(candidate.steps, check);
    const sentence = `The check ${quoted(check.text)} ${stateVerb(check)}; in ${runsName}: ${tally(states)}.`;
    const id = `check:${check.form}:${check.key}`.slice(0, 1_000);
    const found = fact({ id, subject, step, sentence, confirmed, rank: checkRank(check) });
    return [found];
  });
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function stateVerb({ form, state }: ProfileCheck): string {
  if (state === 'pending') return 'was never decided';
  if (form === 'limit' && state === 'not met') return 'was violated';
  return state === 'met' ? 'was met' : 'was not met';
}

/** A broken promise, or a handler that came to act, decides a verdict; the rest follows from it. */
function checkRank({ form, state }: ProfileCheck): number {
  if (form === 'on') return state === 'met' ? rank.decidesVerdict : rank.minor;
  if (form === 'if') return rank.minor;
  return state === 'not met' ? rank.decidesVerdict : rank.minor;
}

/** The step that a check belongs to: the one that says it, and failed where the check did. */
function stepOfCheck(steps: readonly ProfileStep[], check: ProfileCheck): string | null {
  const saying = steps.filter(({ text }) => text.includes(check.text));
  const failed = check.state === 'not met' ? saying.find(({ state }) => state !== 'passed') : undefined;
  return (failed ?? saying[0])?.key ?? null;
}

function verdictFacts(context: ComparisonContext): RankedFinding[] {
  const { candidate, runs, enough, runsName } = context;
  return context.aligned.flatMap((row) => {
    const step = row.candidate < 0 ? undefined : candidate.steps[row.candidate];
    if (!step) return [];
    const states = runs.flatMap((run, index) => run.steps[row.baseline[index] ?? -1]?.state ?? []);
    if (states.length === 0 || states.includes(step.state)) return [];
    const failed = step.state === 'failed' || step.state === 'error' || step.state === 'timed out';
    const sentence = `${capital(stepName(step))}, ${stateSentence(step.state)}; in ${runsName}: ${tally(states)}.`;
    const confirmed = enough && states.length >= minimumBaselineRuns;
    const place = failed ? rank.decidesVerdict : rank.severe;
    const subject = { kind: 'step verdict' } as const;
    return [fact({ id: findingId(subject, row.key, 'other'), subject, step: row.key, sentence, confirmed, rank: place })];
  });
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function stateSentence(state: ProfileStep['state']): string {
  switch (state) {
    case 'error':
      return 'ended in an error';
    case 'skipped':
      return 'was skipped';
    case 'running':
    case 'waiting':
      return 'never ended';
    default:
      return state;
  }
}

interface StepGroup {
  readonly side: 'candidate' | 'baseline';
  readonly keys: string[];
  readonly steps: ProfileStep[];
}

/** The only side that has a step: the candidate, or every run of the baseline; null: neither. */
function onlySide(row: AlignedStep, runs: number): StepGroup['side'] | null {
  const present = row.baseline.reduce((count, index) => count + (index >= 0 ? 1 : 0), 0);
  if (row.candidate >= 0) return present === 0 ? 'candidate' : null;
  return present === runs ? 'baseline' : null;
}

/** Neighbouring steps of one side only are one finding: a run that ended early lost all that came after. */
function presenceFacts(context: ComparisonContext): RankedFinding[] {
  const groups: StepGroup[] = [];
  let open: StepGroup | undefined;
  for (const row of context.runs.length === 0 ? [] : context.aligned) {
    const side = onlySide(row, context.runs.length);
    const step = stepOfRow(context, row);
    if (side === null || !step) {
      open = undefined;
      continue;
    }
    if (open?.side !== side) {
      open = { side, keys: [], steps: [] };
      groups.push(open);
    }
    open.keys.push(row.key);
    open.steps.push(step);
  }
  return groups.map((group) => presenceFact(context, group));
}

function presenceFact(context: ComparisonContext, { side, keys, steps }: StepGroup): RankedFinding {
  const { enough, sameText, runsName } = context;
  const [first] = steps;
  const name = first ? stepName(first) : '';
  const more = steps.length > 1 ? `, and ${counted(steps.length - 1, 'step')} after it` : '';
  const sentence =
    side === 'baseline'
      ? `${capital(name)}${more}, never came; ${runsName} executed ${steps.length > 1 ? 'them' : 'it'}.`
      : `${capital(name)}${more}, came only now; ${runsName} never executed ${steps.length > 1 ? 'them' : 'it'}.`;
  const subject = { kind: 'step presence', side } as const;
  const step = keys[0] ?? null;
  const also = steps.slice(1, 101).map((each, index) => ({
    step: keys[index + 1] ?? null,
    what: side === 'baseline' ? 'never came' : 'came only now',
    effect: null,
    sentence: `${capital(stepName(each))}.`,
  }));
  // Where somebody wrote the scenario anew, other steps are no news about the system.
  const confirmed = enough && sameText;
  const place = side === 'baseline' ? rank.decidesVerdict : rank.severe;
  return fact({ id: findingId(subject, step, 'other'), subject, step, sentence, also, confirmed, rank: place, weight: -1 });
}
