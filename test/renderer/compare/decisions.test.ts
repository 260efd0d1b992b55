/** What was said about a run, in words; and where a comparison leads into a run. */
import { describe, expect, test } from 'vitest';
import {
  causesOfRun,
  causeText,
  explainedFindings,
  historyOf,
  saidSentence,
  toldCause,
  unexplainedBeside,
} from '../../../renderer/views/decisions/decision-words.ts';
import { lineFinder, stepFinder } from '../../../renderer/views/compare/finders.ts';
import { stepKeys } from '#shared/analysis/alignment.ts';
import type { RunRecord } from '#shared/run/records.ts';
import type { Remark } from '#shared/run/remarks.ts';

const said = (number: number) => ({ number, saidAt: 1_000 * number, author: number % 2 === 0 ? 'grace' : 'ada' });
const remarks: readonly Remark[] = [
  { ...said(1), kind: 'decision', decision: 'accepted', text: 'good' },
  { ...said(2), kind: 'note', time: null, text: 'a note' },
  { ...said(3), kind: 'cause', cause: 'environment', reference: null, text: '', finding: 'rss' },
  { ...said(4), kind: 'withdrawal', remark: 1 },
  { ...said(5), kind: 'cause', cause: 'product defect', reference: 'EX-1', text: '', finding: null },
  { ...said(6), kind: 'cause', cause: 'expected change', reference: null, text: '', finding: 'rss' },
];

describe('what was said', () => {
  test('decisions and causes, newest first; what was taken back stays, with who did it', () => {
    expect(historyOf(remarks).map(({ words, takenBack }) => [words, takenBack])).toEqual([
      ['expected change', null],
      ['product defect, EX-1', null],
      ['environment', null],
      ['accepted', { author: 'grace', at: 4_000 }],
    ]);
  });

  test('of several causes of a finding the last counts; those of the whole run are apart', () => {
    expect(explainedFindings(remarks).get('rss')?.cause).toBe('expected change');
    expect(explainedFindings([...remarks, { ...said(7), kind: 'withdrawal', remark: 6 }]).get('rss')?.cause).toBe('environment');
    expect(causesOfRun(remarks).map(causeText)).toEqual(['product defect, EX-1']);
  });

  test('is told in a sentence', () => {
    expect(saidSentence({ kind: 'decision', decision: 'rejected', text: '' }, 3)).toBe('3 runs rejected.');
    expect(saidSentence({ kind: 'cause', cause: 'environment', reference: null, text: '', finding: 'rss' }, 1)).toBe(
      'Tagged as environment.',
    );
  });
});

test('a cause is told only with a reference or a reason', () => {
  expect(toldCause(null, 'EX-1', 'because')).toBeNull();
  expect(toldCause('expected change', ' ', '\n')).toBeNull();
  expect(toldCause('product defect', ' EX-1 ', '')).toEqual({ cause: 'product defect', reference: 'EX-1', text: '' });
  expect(toldCause('unknown', '', ' looked at it ')).toEqual({ cause: 'unknown', reference: null, text: 'looked at it' });
});

test('the cause of one finding can be that of all others that nobody explained', () => {
  const findings = [{ id: 'cpu' }, { id: 'rss' }, { id: 'log' }];
  expect(unexplainedBeside(findings, 'cpu', remarks)).toEqual([{ id: 'log' }]);
  expect(unexplainedBeside(findings, 'of another comparison', remarks)).toEqual([]);
  expect(saidSentence({ kind: 'cause', cause: 'unknown', reference: null, text: 'x', finding: 'cpu' }, 2)).toBe(
    '2 findings tagged as unknown.',
  );
});

describe('the way into a run', () => {
  const started = (sequence: number, text: string, depth = 0): RunRecord => ({
    kind: 'step-started',
    sequence,
    time: sequence,
    step: { execution: sequence, scenario: 'a', line: 0, number: 1, text, depth, phase: 'main' },
  });

  test('a step is found by its key, in whatever batches the records come', () => {
    const records = [
      started(2, 'call login'),
      started(3, 'wait 5s', 1),
      started(5, 'call login'),
      started(7, 'wait 5s', 1),
      started(9, 'wait 5s', 1),
    ];
    const keys = stepKeys(records.flatMap((record) => (record.kind === 'step-started' ? [record.step] : [])));
    const find = stepFinder(keys[3]?.key ?? '');
    expect(find(records.slice(0, 2))).toBeNull();
    expect(find(records.slice(2))).toBe(7);
    expect(stepFinder('no such step#1')(records)).toBeNull();
  });

  test("a line is found by its template, in the component's log only", () => {
    const log = (component: string | null, text: string) => ({
      kind: 'log' as const,
      time: 1,
      component,
      file: 'x.log',
      severity: 'error' as const,
      event: null,
      text,
      fields: {},
    });
    const events = [log('Gateway', 'lost 3 orders'), log('Engine', 'other'), log('Engine', 'lost 17 orders')];
    const record = { kind: 'observation', sequence: 12, time: 1, daemon: 'node1', epoch: '0', number: 1, events } as unknown as RunRecord;
    const found: string[] = [];
    const find = lineFinder('Engine', 'lost <…> orders', ({ text, sequence }) => found.push(`${sequence} ${text}`));
    expect(find([record])).toBe(12);
    expect(found).toEqual(['12 lost 17 orders']);
    expect(lineFinder('Store', 'lost <…> orders', () => {})([record])).toBeNull();
  });
});
