import { describe, expect, test } from 'vitest';
import { JunitReport } from '#main/core/reports/open-formats/junit.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { recordsOf, step } from '../../../cli/sample-records.ts';

function report(records: readonly RunRecord[]): string {
  const junit = new JunitReport();
  for (const record of records) junit.add(record);
  return junit.toXml();
}

describe('JUnit report', () => {
  test('every step is a test case, with what failed and why', () => {
    const xml = report(
      recordsOf(
        { kind: 'step-finished', step: step(1, 0, 'start_load'), state: 'passed', message: null, result: '0', duration: 12 },
        { kind: 'step-finished', step: step(2, 1, 'expect A.b < 3'), state: 'failed', message: 'A.b is 4', result: null, duration: 1_500 },
        { kind: 'step-finished', step: step(3, 2, 'wait x'), state: 'timed out', message: null, result: null, duration: 3 },
        { kind: 'run-finished', outcome: 'failed', reason: '1 of 1 checks failed' },
      ),
    );
    expect(xml).toContain('<testsuites tests="4" failures="2" errors="1" skipped="0" time="1.515">');
    expect(xml).toContain('name="1 expect A.b &lt; 3" time="1.500"><failure message="A.b is 4" type="failed"/>');
    expect(xml).toContain('<error message="timed out" type="timed out"/>');
    expect(xml).toContain('<property name="outcome" value="failed"/>');
  });

  test('a run that fails without a failed step has a failure, one that was broken off an error', () => {
    const passed = {
      kind: 'step-finished',
      step: step(1, 0, 'echo FAIL'),
      state: 'passed',
      message: null,
      result: null,
      duration: 1,
    } as const;
    const failed = report(recordsOf(passed, { kind: 'run-finished', outcome: 'failed', reason: 'The scenario said FAIL.' }));
    expect(failed).toContain('<testsuites tests="2" failures="1" errors="0"');
    expect(failed).toContain('name="verdict" time="0.000"><failure message="The scenario said FAIL." type="failed"/>');
    expect(report(recordsOf(passed))).toContain('<error message="interrupted" type="interrupted"/>');
    expect(report(recordsOf(passed, { kind: 'run-finished', outcome: 'passed', reason: '' }))).toContain(
      'tests="2" failures="0" errors="0"',
    );
  });

  test('a run that failed only by a command is an error, with the same words as its step', () => {
    const command = {
      kind: 'step-finished',
      step: step(1, 0, 'kill -9 A'),
      state: 'failed',
      message: 'The command ended with exit status 1.',
      result: null,
      duration: 1,
    } as const;
    const check = { ...command, step: step(2, 1, 'expect A.b < 3'), message: 'The condition is not met: A.b = 4.' } as const;
    const reason = (each: typeof command | typeof check) => `Step 1 of failover (${each.step.text}): ${each.message}`;
    const byCommand = report(recordsOf(command, { kind: 'run-finished', outcome: 'failed', reason: reason(command) }));
    expect(byCommand).toContain('<testsuites tests="2" failures="0" errors="2"');
    expect(byCommand).toContain(`name="verdict" time="0.000"><error message="${reason(command)}" type="failed command"/>`);
    const byCheck = report(recordsOf(command, check, { kind: 'run-finished', outcome: 'failed', reason: reason(check).replace('<', '') }));
    expect(byCheck).toContain('<testsuites tests="3" failures="2" errors="1"');
    const byLimit = report(recordsOf(command, { kind: 'run-finished', outcome: 'failed', reason: 'The limit A.rss < 3 was exceeded.' }));
    expect(byLimit).toContain('failures="1" errors="1"');
  });

  test('hostile text stays text', () => {
    const hostile = '</testcase>"&<\u0000\u001b[31m\ud800\uffff';
    const xml = report(
      recordsOf({ kind: 'step-finished', step: step(1, 0, hostile), state: 'error', message: hostile, result: null, duration: 1 }),
    );
    expect(xml).toContain('&lt;/testcase&gt;&quot;&amp;&lt;');
    expect(xml.match(/<\/testcase>/g)).toHaveLength(2);
    expect(/[\u0000-\u0008\u001b\ud800\uffff]/.test(xml)).toBe(false);
  });
});
