/** A run as JUnit XML: the run is a test suite, every executed step a test case, and so is the verdict. Understood by CI servers. */
import { inertLines } from '#shared/inert-text.ts';
import type { RunRecord } from '#shared/run/records.ts';

function escape(text: string): string {
  return (
    inertLines(text)
      // XML 1.0 allows these two characters nowhere.
      .replace(/[\ufffe\uffff]/g, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** Seconds with milliseconds, as the format wants durations (ms in). */
function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

/** Collects what the report needs while the run goes on; memory grows with steps, not with records. */
export class JunitReport {
  private readonly cases: string[] = [];
  private failures = 0;
  private errors = 0;
  private skipped = 0;
  private duration = 0;
  private suite = 'run';
  private startedAt = 0;
  private outcome = 'interrupted';
  private reason = '';
  private properties: Record<string, string> = {};

  add(record: RunRecord): void {
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

  private addStep(record: Extract<RunRecord, { kind: 'step-finished' }>): void {
    const { step, state } = record;
    this.duration += record.duration;
    const message = escape(record.message ?? state);
    const body =
      state === 'failed'
        ? `<failure message="${message}" type="failed"/>`
        : state === 'error' || state === 'timed out'
          ? `<error message="${message}" type="${state}"/>`
          : state === 'skipped'
            ? `<skipped message="${message}"/>`
            : '';
    if (state === 'failed') this.failures++;
    if (state === 'error' || state === 'timed out') this.errors++;
    if (state === 'skipped') this.skipped++;
    const name = `${step.number} ${step.text}${step.phase === 'deferred' ? ' (deferred)' : ''}`;
    this.cases.push(
      `    <testcase classname="${escape(step.scenario)}" name="${escape(name)}" time="${seconds(record.duration)}">${body}</testcase>`,
    );
  }

  /** The verdict as a test case of its own: a run can fail without a failed step, by what its scenario said or by a limit. */
  private verdict(): string {
    const { outcome } = this;
    const reason = escape(this.reason === '' ? outcome : this.reason);
    const body =
      outcome === 'passed'
        ? ''
        : outcome === 'failed'
          ? `<failure message="${reason}" type="failed"/>`
          : `<error message="${reason}" type="${escape(outcome)}"/>`;
    return `    <testcase classname="${escape(this.suite)}" name="verdict" time="0.000">${body}</testcase>`;
  }

  toXml(): string {
    const properties = Object.entries({ ...this.properties, outcome: this.outcome, reason: this.reason })
      .map(([name, value]) => `      <property name="${escape(name)}" value="${escape(value)}"/>`)
      .join('\n');
    const failures = this.failures + (this.outcome === 'failed' ? 1 : 0);
    const errors = this.errors + (this.outcome === 'failed' || this.outcome === 'passed' ? 0 : 1);
    const counts = `tests="${this.cases.length + 1}" failures="${failures}" errors="${errors}" skipped="${this.skipped}" time="${seconds(this.duration)}"`;
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites ${counts}>`,
      `  <testsuite name="${escape(this.suite)}" timestamp="${new Date(this.startedAt).toISOString()}" ${counts}>`,
      '    <properties>',
      properties,
      '    </properties>',
      ...this.cases,
      this.verdict(),
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  }
}
