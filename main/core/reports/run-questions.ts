/** The three questions of a run as its report answers them. */
import { html, type Markup } from './html/markup.ts';
import type { RunFacts } from './run-facts.ts';
import type { CheckedCondition } from '#shared/run/questions/conditions.ts';
import { stateWords } from '#shared/run/step-trouble.ts';
import { median, type PreviousAnswer } from '#shared/run/questions/previous.ts';
import { durationText } from '#shared/wording/durations.ts';
import { countText, counted, shareText } from '#shared/wording/counts.ts';

/** Steps and conditions that are named in an answer. */
const named = 6;

export function questionsSection(facts: RunFacts, previous: PreviousAnswer): Markup {
  return html`<div class="answers">
    <div>
      <h3>Are all conditions checked?</h3>
      ${conditionsAnswer(facts)}
    </div>
    <div>
      <h3>Which results are essential?</h3>
      ${resultsAnswer(facts)}
    </div>
    <div>
      <h3>How was the previous release candidate?</h3>
      ${previousAnswer(previous)}
    </div>
  </div>`;
}

function list(items: readonly string[]): Markup | null {
  if (items.length === 0) return null;
  const rest = items.length - named;
  return html`<ul>
    ${items.slice(0, named).map((item) => html`<li class="code">${item}</li>`)}${rest > 0 && html`<li>and ${countText(rest)} more</li>`}
  </ul>`;
}

function conditionsAnswer({ conditions: answer }: RunFacts): Markup {
  if (answer.conditions.length === 0) return html`<p>The scenario checks no conditions.</p>`;
  const coverage = answer.coverage === null ? '' : ` (${shareText(answer.coverage / 100)})`;
  const open = answer.conditions.filter(({ state, obstacle }) => state === 'never evaluated' || state === 'not met' || obstacle !== null);
  const retried = answer.conditions.filter((each) => each.history !== null && !open.includes(each));
  const doubted = answer.conditions.filter(({ doubt }) => doubt !== null);
  return html`<p>
      ${answer.evaluated} of ${counted(answer.conditions.length, 'condition')} decided${coverage}: ${answer.met} met, ${answer.notMet} not
      met, ${answer.pending} pending.
    </p>
    ${list(open.map((each) => conditionLine(each)))} ${retried.length > 0 && html`<p>Not met at first, and tried again:</p>`}
    ${list(retried.map((each) => conditionLine(each)))} ${doubted.length > 0 && html`<p>Met by a value that was old:</p>`}
    ${list(doubted.map((each) => conditionLine(each)))}`;
}

function conditionLine({ form, text, state, history, doubt, obstacle }: CheckedCondition): string {
  const told = [history, doubt, obstacle].filter((each) => each !== null);
  return `${form} ${text}: ${state}${told.length === 0 ? '' : ` (${told.join('; ')})`}`;
}

function resultsAnswer({ results, errors, errorsOmitted, steps }: RunFacts): Markup {
  const troubled = results.components.filter((each) => each.crashes > 0);
  const trouble = results.trouble.map(
    ({ step, state, message }) =>
      `${step.number} ${step.text}: ${stateWords({ state, message })}${message === null ? '' : ` (${message})`}`,
  );
  return html`<p>
      ${counted(steps.length - results.retried.length, 'step')},
      ${results.trouble.length === 0 ? 'all as wanted' : `${results.trouble.length} not as wanted`}${results.retried.length === 0 ? '' : `, ${counted(results.retried.length, 'failed try', 'failed tries')} replaced by a retry`};
      ${counted(errors.length + errorsOmitted, 'error')} and crashes told.
    </p>
    ${list(trouble)} ${list(troubled.map(({ component, crashes }) => `${component} crashed${crashes > 1 ? ` ${crashes} times` : ''}`))}
    ${list(results.faults.flatMap(({ text, recovered }) => (recovered === null ? [] : [`${text}: recovered in ${durationText(recovered)}`])))}`;
}

function previousAnswer(previous: PreviousAnswer): Markup {
  if (previous.kind === 'no comparable run') return html`<p>No comparable run. ${previous.reason}</p>`;
  const outcomes = Object.entries(previous.outcomes).map(([outcome, runs]) => `${runs} ${outcome}`);
  const durations = previous.runs.flatMap(({ duration }) => duration ?? []);
  const middle = median(durations);
  const changed = previous.steps
    .filter(
      (step) =>
        step.before !== null && step.duration !== null && (step.usual !== step.state || Math.abs(step.duration - step.before) > 250),
    )
    .sort((left, right) => difference(right) - difference(left))
    .map(({ number, text, state, usual, duration, before }) =>
      usual === state
        ? `${number} ${text}: ${durationText(duration ?? 0)}, before ${durationText(before ?? 0)}`
        : `${number} ${text}: ${state}, before ${usual}`,
    );
  return html`<p>
      ${counted(previous.runs.length, 'run')} of ${previous.release}:
      ${outcomes.join(', ')}${middle === null ? '' : `; ${durationText(middle)} (median)`}.
    </p>
    <p>Compared with ${previous.reason}.</p>
    ${changed.length === 0 ? html`<p>Every step ended and took about as before.</p>` : list(changed)}
    <p class="muted">Plain medians; a comparison says what is certain.</p>`;
}

function difference({
  state,
  usual,
  duration,
  before,
}: {
  state: string;
  usual: string | null;
  duration: number | null;
  before: number | null;
}): number {
  return (state === usual ? 0 : 1e12) + Math.abs((duration ?? 0) - (before ?? 0));
}

/** The stopwatch of the same fault in earlier runs, as text. */
export function comparedFaults(previous: PreviousAnswer): (text: string) => string | null {
  if (previous.kind === 'no comparable run') return () => null;
  return (text) => {
    const before = previous.faults.find((fault) => fault.text === text)?.before;
    return before === null || before === undefined ? null : durationText(before);
  };
}
