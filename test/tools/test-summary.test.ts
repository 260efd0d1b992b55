/** The last lines of `npm test`, from a report as vitest writes it. */
import { expect, test } from 'vitest';
import { summaryLines } from '../../tools/test-summary.mjs';

const file = (name: string, ...statuses: string[]) => ({
  name: `/project/${name}`,
  status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
  assertionResults: statuses.map((status, index) => ({ status, fullName: `${name} ${index}` })),
});

test('counts tests, and a file that could not be loaded as failed', () => {
  const report = { testResults: [file('a.test.ts', 'passed', 'passed'), file('b.test.ts', 'passed', 'failed'), file('c.test.ts')] };
  expect(summaryLines(report, 'Skipped: nobody', '/project')).toEqual(['3 passed, 2 failed, 0 skipped']);
});

test('names what was skipped, and why, each reason once and without colours', () => {
  const report = { testResults: [file('a.test.ts', 'passed', 'skipped', 'pending')] };
  const output = '\u001B[33mSkipped: no small disk\u001B[39m\nother\nSkipped: no small disk\n  Skipped: no chromium\n';
  expect(summaryLines(report, output, '/project')).toEqual([
    'Skipped in a.test.ts:',
    '  a.test.ts 1',
    '  a.test.ts 2',
    'Why:',
    '  Skipped: no small disk',
    '  Skipped: no chromium',
    '1 passed, 0 failed, 2 skipped',
  ]);
});

test('names what passed only when it was tried again, before the count, which stays as it is', () => {
  const report = { testResults: [file('a.test.ts', 'passed', 'passed')] };
  const retried = [
    { file: '/project/test/a.test.ts', name: 'a.test.ts 1', failure: 'expected 1 to be 2\n\n- 1\n+ 2' },
    { file: '/project/test/b.test.ts', name: 'b 2', failure: '' },
  ];
  expect(summaryLines(report, '', '/project', retried).slice(-6)).toEqual([
    'Failed first, and passed when tried again, which is a fault to mend:',
    '  test/a.test.ts: a.test.ts 1',
    '    expected 1 to be 2',
    '  test/b.test.ts: b 2',
    '2 retried: a.test.ts 1; b 2',
    '2 passed, 0 failed, 0 skipped',
  ]);
});
