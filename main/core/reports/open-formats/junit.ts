/** A run as JUnit XML: the run is a test suite, every executed step a test case, and so is the verdict. Understood by CI servers. */
import { markupText } from '#shared/markup-text.ts';
import type { RecordOf, RunRecord } from '#shared/run/records.ts';
import type { RunStep } from '#shared/run/run-model.ts';
import { stateWords, troubleOf, troubleOfRun, type StepTrouble } from '#shared/run/step-trouble.ts';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import { followTries, noTries, replacedBy } from '#shared/run/tries.ts';

/** Seconds with milliseconds, as the format wants durations (ms in). */
export function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

interface TestCase {
  readonly execution: number;
  readonly scenario: string;
  readonly name: string;
  /** ms */
  readonly duration: number;
  readonly result: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly state: RunStep['state'];
  readonly message: string;
}

/** Only a check that was not met is a failure; a failed command is an error, since it says nothing of what was to be checked. */
function resultOf({ state, message }: RecordOf<'step-finished'>): TestCase['result'] {
  switch (state) {
    case 'failed':
      return troubleOf({ state, message }) === 'failed check' ? 'failure' : 'error';
    case 'error':
    case 'timed out':
      return 'error';
    case 'skipped':
      return 'skipped';
    case 'passed':
    case 'waiting':
    case 'running':
      return 'passed';
  }
}

function caseText({ scenario, name, duration, result, type, message }: TestCase): string {
  const told = result === 'skipped' ? '' : ` type="${markupText(type)}"`;
  const body = result === 'passed' ? '' : `<${result} message="${markupText(message)}"${told}/>`;
  return `    <testcase classname="${markupText(scenario)}" name="${markupText(name)}" time="${seconds(duration)}">${body}</testcase>`;
}

/** Collects what the report needs while the run goes on; memory grows with steps, not with records. */
export class JunitReport {
  private readonly cases: TestCase[] = [];
  private tries = noTries;
  private duration = 0;
  private suite = 'run';
  private startedAt = 0;
  private outcome: RunOutcome = 'interrupted';
  private reason = '';
  private properties: Record<string, string> = {};

  add(record: RunRecord): void {
    const replaced = replacedBy(this.tries, record);
    this.tries = followTries(this.tries, record);
    if (replaced !== null) this.replace(replaced);
    if (record.kind === 'run-started') {
      this.suite = record.scenario;
      this.startedAt = record.time;
      this.properties = { run: record.run, environment: record.environment, release: record.release, operator: record.operator };
    } else if (record.kind === 'step-finished') {
      this.addStep(record);
    } else if (record.kind === 'run-finished') {
      this.outcome = record.outcome;
      this.reason = record.reason;
    }
  }

  private addStep(record: RecordOf<'step-finished'>): void {
    const { step, state } = record;
    this.duration += record.duration;
    const name = `${step.number} ${step.text}${step.phase === 'deferred' ? ' (deferred)' : ''}`;
    this.cases.push({
      execution: step.execution,
      scenario: step.scenario,
      name,
      duration: record.duration,
      result: resultOf(record),
      type: resultOf(record) === 'failure' ? 'failed' : stateWords(record),
      state,
      message: record.message ?? state,
    });
  }

  /** A try that the operator replaced by another one is no result any more; that it was made stays to be read. */
  private replace(execution: number): void {
    const index = this.cases.findLastIndex((each) => each.execution === execution);
    const before = this.cases[index];
    if (!before) return;
    this.cases[index] = { ...before, result: 'skipped', message: `${before.type}, then retried: ${before.message}` };
  }

  /** The verdict as a test case of its own: a run can fail without a failed step, by what its scenario said or by a limit. */
  private verdict(): string {
    const { outcome } = this;
    const trouble = this.trouble();
    const reason = markupText(this.reason === '' ? outcome : this.reason);
    const body =
      outcome === 'passed'
        ? ''
        : this.isFailure(trouble)
          ? `<failure message="${reason}" type="failed"/>`
          : `<error message="${reason}" type="${markupText(trouble ?? outcome)}"/>`;
    return `    <testcase classname="${markupText(this.suite)}" name="verdict" time="0.000">${body}</testcase>`;
  }

  /** What made the run fail, of the tries that count. */
  private trouble(): StepTrouble | null {
    const { outcome, reason } = this;
    return troubleOfRun(
      { outcome, reason },
      this.cases.filter(({ result }) => result !== 'skipped'),
    );
  }

  /** As with steps: what failed only by a command says nothing of what was to be checked. */
  private isFailure(trouble: StepTrouble | null): boolean {
    return this.outcome === 'failed' && (trouble === null || trouble === 'failed check');
  }

  toXml(): string {
    const properties = Object.entries({ ...this.properties, outcome: this.outcome, reason: this.reason })
      .map(([name, value]) => `      <property name="${markupText(name)}" value="${markupText(value)}"/>`)
      .join('\n');
    const count = (wanted: TestCase['result']): number => this.cases.filter(({ result }) => result === wanted).length;
    const isFailure = this.isFailure(this.trouble());
    const failures = count('failure') + (isFailure ? 1 : 0);
    const errors = count('error') + (isFailure || this.outcome === 'passed' ? 0 : 1);
    const counts = `tests="${this.cases.length + 1}" failures="${failures}" errors="${errors}" skipped="${count('skipped')}" time="${seconds(this.duration)}"`;
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites ${counts}>`,
      `  <testsuite name="${markupText(this.suite)}" timestamp="${new Date(this.startedAt).toISOString()}" ${counts}>`,
      '    <properties>',
      properties,
      '    </properties>',
      ...this.cases.map((each) => caseText(each)),
      this.verdict(),
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  }
}
