import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileText, FilterScan, letsAllThrough, noFilter, type LogFilter } from '../../../renderer/stores/log-rows-filter.ts';
import { LogRows, rowKinds, severities, type LogRow } from '../../../renderer/stores/log-rows.ts';

const row = (change: Partial<LogRow> = {}): LogRow => ({
  time: 1,
  severity: 'info',
  kind: 'log',
  component: 'Engine',
  execution: null,
  text: 'text',
  ...change,
});

function scanOf(rows: LogRows, change: Partial<LogFilter>): FilterScan {
  const filter = { ...noFilter, ...change };
  const compiled = compileText(filter.text, filter.isPattern);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return new FilterScan(rows, filter, compiled.test);
}
const matched = (scan: FilterScan): number[] => Array.from({ length: scan.count }, (_, place) => scan.numberAt(place));
const endless = (): number => 0;

describe('rows of a log', () => {
  test('come back as they went in', () => {
    const rows = new LogRows();
    const samples = rowKinds.flatMap((kind) =>
      severities.map((severity, index) =>
        row({ kind, severity, time: index, execution: index || null, component: kind, text: `${kind} ${severity}` }),
      ),
    );
    for (const each of samples) rows.append(each);
    expect(samples.map((_, index) => rows.row(index))).toEqual(samples);
    expect(rows.row(samples.length)).toBeNull();
  });

  test('are dropped from the oldest when there are too many; the others keep their numbers', () => {
    const rows = new LogRows(3 * 16_384);
    for (let index = 0; index < 100_000; index++) rows.append(row({ text: String(index) }));
    expect(rows.end).toBe(100_000);
    expect(rows.count).toBeLessThanOrEqual(3 * 16_384);
    expect(rows.row(rows.first)?.text).toBe(String(rows.first));
    expect(rows.row(99_999)?.text).toBe('99999');
    expect(rows.row(rows.first - 1)).toBeNull();
  });

  test('know 70,000 components without mixing up the first ones', () => {
    const rows = new LogRows();
    for (let index = 0; index < 70_000; index++) rows.append(row({ component: `C${index}` }));
    expect(rows.row(64_000)?.component).toBe('C64000');
    expect(rows.count).toBe(70_000);
  });
});

describe('filtering', () => {
  test('gives the same rows as looking at each one', () => {
    const someRow = fc.record({
      time: fc.integer(),
      severity: fc.constantFrom(...severities),
      kind: fc.constantFrom(...rowKinds),
      component: fc.constantFrom('', 'A', 'B'),
      execution: fc.constant(null),
      text: fc.string({ maxLength: 8 }),
    });
    const someFilter = fc.record({
      minimumSeverity: fc.constantFrom(...severities),
      kinds: fc.subarray([...rowKinds]),
      components: fc.subarray(['', 'A', 'B']),
      text: fc.string({ maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(someRow, { maxLength: 50 }), someFilter, (all, filter) => {
        const rows = new LogRows();
        for (const each of all) rows.append(each);
        const scan = scanOf(rows, filter);
        scan.advance(endless, 1);
        const plain = all.flatMap((each, index) => {
          const fits =
            severities.indexOf(each.severity) >= severities.indexOf(filter.minimumSeverity) &&
            (filter.kinds.length === 0 || filter.kinds.includes(each.kind)) &&
            (filter.components.length === 0 || filter.components.includes(each.component)) &&
            each.text.toLowerCase().includes(filter.text.toLowerCase());
          return fits ? [index] : [];
        });
        expect(matched(scan)).toEqual(plain);
      }),
      { seed: 20_261_122 },
    );
  });

  test('goes on where it stopped, slice by slice, and with rows that come later', () => {
    const rows = new LogRows();
    for (let index = 0; index < 1_000; index++) rows.append(row({ text: index % 2 === 0 ? 'even' : 'odd' }));
    const scan = scanOf(rows, { text: 'EVEN' });
    let slices = 0;
    while (!scan.complete) {
      // A clock that says after each look that the time is up.
      scan.advance(() => 10, 5);
      slices++;
    }
    expect(slices).toBeGreaterThan(10);
    expect(scan.count).toBe(500);
    rows.append(row({ text: 'even more' }));
    expect(scan.complete).toBe(false);
    scan.advance(endless, 1);
    expect(scan.numberAt(500)).toBe(1_000);
    expect(scan.placeOf(999)).toBe(500);
  });

  test('forgets matches that the log has dropped', () => {
    const rows = new LogRows(2 * 16_384);
    const scan = scanOf(rows, { text: 'x' });
    for (let index = 0; index < 60_000; index++) {
      rows.append(row({ text: 'x' }));
      if (index % 5_000 === 0) scan.advance(endless, 1);
    }
    scan.advance(endless, 1);
    expect(scan.count).toBe(rows.count);
    expect(scan.numberAt(0)).toBe(rows.first);
  });

  test('says what is wrong with a pattern', () => {
    expect(compileText('(', true)).toMatchObject({ problem: expect.stringMatching(/^This is no regular expression: .+\.$/) });
    expect(compileText('a'.repeat(2_000), true)).toHaveProperty('problem');
    expect(compileText('(', false)).toHaveProperty('test');
  });

  test('matches by regular expressions, whatever the case', () => {
    const rows = new LogRows();
    for (const text of ['order 12 rejected', 'ORDER 7 REJECTED', 'order x rejected']) rows.append(row({ text }));
    const scan = scanOf(rows, { text: String.raw`order \d+ rejected$`, isPattern: true });
    scan.advance(endless, 1);
    expect(matched(scan)).toEqual([0, 1]);
  });

  test('is not stopped by a pattern that would hang a backtracking matcher', () => {
    const compiled = compileText('^(a+)+$', true);
    if ('problem' in compiled) throw new Error(compiled.problem);
    expect(compiled.test(`${'a'.repeat(16_000)}b`)).toBe(false);
  });

  test('knows when it lets everything through', () => {
    expect(letsAllThrough(noFilter)).toBe(true);
    expect(letsAllThrough({ ...noFilter, minimumSeverity: 'error' })).toBe(false);
  });
});
