import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowMaker } from '../../../renderer/stores/log-rows-records.ts';
import type { LogRow } from '../../../renderer/stores/log-rows.ts';
import { copiedRow, rowTime } from '../../../renderer/views/run/log/row-text.ts';
import { rowWindow, scrollInto, scrollTopOf } from '../../../renderer/views/run/log/row-window.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';

let sequence = 0;
const record = (time: number, body: Record<string, unknown>): RunRecord => runRecordSchema.parse({ sequence: ++sequence, time, ...body });

describe('rows out of records', () => {
  const rowsOf = (records: readonly RunRecord[]): LogRow[] => {
    const rows: LogRow[] = [];
    const maker = new RowMaker((row) => rows.push(row));
    for (const each of records) maker.take(each);
    return rows;
  };
  const step = { execution: 4, scenario: 'failover', line: 2, number: 3, text: 'exec_smoke', depth: 0, phase: 'main' };
  const observed = (events: readonly Record<string, unknown>[]) =>
    record(50, { kind: 'observation', daemon: 'INJ', epoch: '0123456789abcdef', number: 1, events });

  test('know which step ran then, and output knows the step that gave its command, also after that step', () => {
    const rows = rowsOf([
      record(10, { kind: 'step-started', step }),
      record(11, { kind: 'command-sent', execution: 4, command: 'abcdefgh', daemon: 'INJ', action: 'exec_smoke', arguments: [] }),
      record(12, { kind: 'step-finished', step, state: 'passed', message: null, result: 'PASS', duration: 2 }),
      observed([{ kind: 'command-output', time: 49, command: 'abcdefgh', stream: 'stderr', text: 'late\u001b[31m!' }]),
      observed([{ kind: 'log', time: 50, component: null, file: 'f', severity: 'error', event: null, text: 'between', fields: {} }]),
    ]);
    expect(rows.map(({ kind, execution }) => [kind, execution])).toEqual([
      ['step', 4],
      ['command', 4],
      ['step', 4],
      ['output', 4],
      ['log', null],
    ]);
    expect(rows[2]?.text).toBe('■ 3  passed in 2 ms: result PASS');
    expect(rows[3]).toMatchObject({ text: 'late!', severity: 'warning', component: 'INJ' });
    expect(rows[4]).toMatchObject({ component: 'INJ', severity: 'error' });
  });

  test('tell what is bad as bad', () => {
    const rows = rowsOf([
      record(1, {
        kind: 'condition',
        execution: 1,
        condition: 'c',
        form: 'expect',
        text: 'A.x < 1',
        state: 'not met',
        values: { 'A.x': 2 },
      }),
      record(2, { kind: 'condition', execution: null, condition: 'l', form: 'limit', text: 'A.x < 1', state: 'not met', values: {} }),
      record(3, { kind: 'presence', daemon: 'INJ', state: 'lost', epoch: null, clockOffset: null }),
      record(4, { kind: 'gap', daemon: 'INJ', epoch: '0123456789abcdef', from: 3, to: 9, state: 'lost', reason: 'aged' }),
      record(5, { kind: 'run-finished', outcome: 'failed', reason: 'no' }),
      observed([{ kind: 'component-crashed', time: 5, component: 'A', pid: 1, exitStatus: null, signal: 'KILL' }]),
    ]);
    expect(rows.map(({ severity }) => severity)).toEqual(['error', 'warning', 'error', 'error', 'error', 'fatal']);
    expect(rows[0]?.text).toBe('expect A.x < 1: not met (A.x = 2)');
    expect(rows[3]?.text).toBe('records 3–9 are lost: aged');
  });
});

describe('rows as text', () => {
  test('have their time since the start, before it too', () => {
    expect(rowTime(65_120, 0)).toBe('+1:05.120');
    expect(rowTime(3_725_001, 0)).toBe('+1:02:05.001');
    expect(rowTime(0, 1_500)).toBe('−0:01.500');
  });
  test('are copied with their full date', () => {
    const row = { time: Date.UTC(2026, 10, 20), severity: 'error', kind: 'log', component: '', execution: null, text: 'x' } as const;
    expect(copiedRow(row)).toBe('2026-11-20T00:00:00.000Z\tERROR\tlog\t-\tx');
  });
});

describe('the window onto the rows', () => {
  test('reaches the first and the last of any number of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 50, max: 2_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, viewport, share) => {
          const size = { count, rowHeight: 20, viewport };
          const end = rowWindow({ ...size, top: Number.MAX_SAFE_INTEGER });
          expect(end.end).toBe(count);
          expect(end.height).toBeLessThanOrEqual(12_000_000);
          expect(end.atEnd).toBe(true);
          expect(rowWindow({ ...size, top: 0 }).first).toBe(0);
          const middle = rowWindow({ ...size, top: share * Math.max(0, end.height - viewport) });
          expect((middle.end - middle.first) * 20 - middle.offset).toBeGreaterThanOrEqual(
            Math.min(viewport, count * 20 - middle.first * 20 - middle.offset),
          );
          expect(middle.end - middle.first).toBeLessThanOrEqual(viewport / 20 + 2);
        },
      ),
      { seed: 20_261_124 },
    );
  });
  test('comes to a row that is out of sight, and stays where it is in sight', () => {
    const size = { count: 1_000_000, rowHeight: 20, viewport: 400 };
    expect(scrollInto(5, { ...size, top: 0 })).toBeNull();
    const to = scrollInto(500_000, { ...size, top: 0 }) ?? 0;
    const { first, end } = rowWindow({ ...size, top: to });
    expect(first).toBeLessThanOrEqual(500_000);
    expect(end).toBeGreaterThan(500_000);
    expect(scrollTopOf(0, size)).toBe(0);
  });
});
