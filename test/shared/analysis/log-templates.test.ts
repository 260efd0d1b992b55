/** Lines that differ only in numbers, names and the like have one template, the same in every run. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TemplateTable, templateOf, type TemplateLine } from '#shared/analysis/log-templates.ts';

const line = (text: string, more: Partial<TemplateLine> = {}): TemplateLine => ({
  component: 'Engine',
  severity: 'info',
  text,
  time: 0,
  step: null,
  ...more,
});
const seeded = { numRuns: 500, seed: 20_170_625 };

describe('template', () => {
  test.each([
    ['2026-11-21T01:40:32.123Z order 123 accepted in 1.5ms from 10.0.0.1:8080.', '<…> order <…> accepted in <…> from <…>.'],
    ['id=550e8400-e29b-41d4-a716-446655440000 done', 'id=<…> done'],
    [`user "alice" can't open /var/log/x.log: No such file`, `user "<…>" can't open <…>: No such file`],
    [`replica 'B' lost; x=-1.5e-3, y=[1, 2, 3]`, `replica '<…>' lost; x=<…>, y=[<…>]`],
    ['GET https://exchange/orders?y=1 200', 'GET <…> <…>'],
    ['account acc-12 of order7', 'account <…> of <…>'],
    ['commit deadbeefcafe', 'commit <…>'],
    ['read and/or write', 'read and/or write'],
    ['\u001b[31mred\u001b[0m   spaces', 'red spaces'],
    ['opened C:\\logs\\engine.log', 'opened <…>'],
    ['connection from 10.0.0.1 (gate-1.example.net) at Fri Jun 17 07:07:00', 'connection from <…> (<…>) at <…> <…>'],
    ['session opened for user cyrus by (uid=0)', 'session opened for user <…> by (uid=<…>)'],
    ['Failed password for root from 10.0.0.1', 'Failed password for <…> from <…>'],
    ['logname= uid=0 rhost=mail.example.org user=root', 'logname= uid=<…> rhost=<…> user=<…>'],
    ['"GET /orders/7 HTTP/1.1" 200', '"GET <…>" <…>'],
    ['took 5 ms, wrote 18 KB', 'took <…>, wrote <…>'],
    // What tells one failure from another stays.
    ['state=READY', 'state=READY'],
    ['java.lang.NullPointerException in org.example.orders.Book', 'java.lang.NullPointerException in org.example.orders.Book'],
    ['waiting for May to answer', 'waiting for May to answer'],
    ['', ''],
  ])('%s', (text, template) => {
    expect(templateOf(text)).toBe(template);
  });

  test('lines that differ in a number have the same, whatever the number', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.uuid(), (whole, broken, id) => {
        expect(templateOf(`order ${whole} at ${broken} by ${id}`)).toBe('order <…> at <…> by <…>');
      }),
      seeded,
    );
  });

  test('any text whatever has one, soon', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        expect(templateOf(text).length).toBeLessThanOrEqual(text.length * 3 + 3);
      }),
      seeded,
    );
    for (const evil of ["'", '"x ', '/', 'a-', '0.', 'ab0 ', 'f', 'a://', '~/', 'A:\\', '<…>,']) {
      const before = Date.now();
      for (let index = 0; index < 20; index += 1) templateOf(evil.repeat(50_000));
      expect(Date.now() - before, evil).toBeLessThan(2_000);
    }
  });
});

describe('table', () => {
  test('counts lines by component, severity and template, with the first of each', () => {
    const table = new TemplateTable();
    table.add(line('order 2 accepted', { time: 20, step: 'b#1' }));
    table.add(line('order 1 accepted', { time: 10, step: 'a#1' }));
    table.add(line('order 3 accepted', { time: 30, severity: 'error' }));
    table.add(line('order 3 accepted', { time: 30, component: 'Gateway' }));
    expect(table.templates()).toEqual([
      {
        component: 'Engine',
        severity: 'error',
        template: 'order <…> accepted',
        count: 1,
        example: 'order 3 accepted',
        firstAt: 30,
        step: null,
      },
      {
        component: 'Engine',
        severity: 'info',
        template: 'order <…> accepted',
        count: 2,
        example: 'order 1 accepted',
        firstAt: 10,
        step: 'a#1',
      },
      {
        component: 'Gateway',
        severity: 'info',
        template: 'order <…> accepted',
        count: 1,
        example: 'order 3 accepted',
        firstAt: 30,
        step: null,
      },
    ]);
  });

  test('does not depend on the order of the lines', () => {
    const lines = fc.array(
      fc.record({
        component: fc.constantFrom('A', 'B'),
        severity: fc.constantFrom('info' as const, 'error' as const),
        text: fc.constantFrom('x 1', 'x 2', 'y 1', 'z'),
        step: fc.constant(null),
      }),
    );
    fc.assert(
      fc.property(lines, (given) => {
        const timed = given.map((each, index) => ({ ...each, time: index }));
        const [one, other] = [new TemplateTable(), new TemplateTable()];
        for (const each of timed) one.add(each);
        for (const each of timed.toReversed()) other.add(each);
        expect(other.templates()).toEqual(one.templates());
      }),
      seeded,
    );
  });

  test('is bounded: what comes beyond counts as one', () => {
    const table = new TemplateTable(10);
    const word = (index: number): string =>
      Array.from(index.toString(26), (letter) => String.fromCharCode(97 + Number.parseInt(letter, 26))).join('');
    for (let index = 0; index < 1_000; index += 1) table.add(line(`line ${word(index)}`));
    expect(table.size).toBeLessThanOrEqual(11);
    const templates = table.templates();
    expect(templates.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    expect(templates.find(({ template }) => template === '<…>')?.count).toBe(990);
  });
});
