/** What a person reads of a run, on a terminal that is drawn on and in a file. */
import { describe, expect, test } from 'vitest';
import { RunPresentation } from '#main/cli/run-presentation.ts';
import { Terminal } from '#main/cli/terminal.ts';
import stringWidth from 'string-width';
import { fitText } from '#main/cli/fit-text.ts';
import { recordBodySchema, type RecordBody } from '#shared/run/records.ts';
import { recordsOf, step } from './sample-records.ts';

/** A stream that keeps what is written to it. */
function stream(properties: Partial<NodeJS.WriteStream>): { readonly stream: NodeJS.WriteStream; readonly written: string[] } {
  const written: string[] = [];
  const fake: Partial<NodeJS.WriteStream> = { ...properties, write: (text: unknown) => written.push(String(text)) > 0 };
  // The terminal uses nothing else of a stream.
  return { stream: fake as NodeJS.WriteStream, written };
}

function shown(...bodies: readonly RecordBody[]): string {
  const out = stream({ isTTY: false });
  const presentation = new RunPresentation(new Terminal(out.stream, stream({}).stream));
  for (const record of recordsOf(...bodies)) presentation.present(record);
  presentation.finish();
  presentation.dispose();
  return out.written.join('');
}

const started = (text: string): RecordBody => ({ kind: 'step-started', step: step(1, 0, text) });
const finished = (text: string): RecordBody => ({
  kind: 'step-finished',
  step: step(1, 0, text),
  state: 'passed',
  message: null,
  result: null,
  duration: 3,
});

describe('a run in the terminal', () => {
  test('of a progress bar only what it came to is shown', () => {
    const output: RecordBody = { kind: 'output', command: '11111111-1111-4111-8111-111111111111' as never, stream: 'stdout', text: '10 %\r50 %\r100 % done\r' }; // prettier-ignore
    expect(shown(started('load'), output, finished('load'))).toContain('│ 100 % done\n');
  });

  test('a log without an end is said to have none, with the trace so far', () => {
    const text = shown(started('wait 1m'));
    expect(text).toContain('Trace: 0\n');
    expect(text).toContain('UNFINISHED');
  });

  test('checks are counted, limits told with what was seen', () => {
    const condition = (state: 'met' | 'not met', form: 'expect' | 'limit', text: string): RecordBody => ({
      kind: 'condition',
      execution: 1,
      condition: text,
      form,
      text,
      state,
      values: { 'A.b': 3 },
    });
    const text = shown(
      started('expect A.b == 4'),
      condition('not met', 'expect', 'A.b == 4'),
      condition('met', 'expect', 'A.b == 3'),
      condition('not met', 'limit', 'A.b < 3'),
      { kind: 'run-finished', outcome: 'failed', reason: 'one check failed' },
    );
    expect(text).toContain('Checks: 1 of 2 met\n');
    expect(text).toContain('! limit A.b < 3 is broken: A.b = 3');
    expect(text).toContain('FAILED  one check failed');
  });

  test('a check that was judged on an old value is named with the number of checks', () => {
    const text = shown(
      recordBodySchema.parse({ kind: 'presence', daemon: 'MEP', state: 'present', epoch: null, clockOffset: 0, components: ['A'] }),
      { kind: 'condition', execution: 1, condition: 'c:1', form: 'expect', text: 'A.b == 3', state: 'met', values: { 'A.b': 3 } },
      recordBodySchema.parse({
        kind: 'presence',
        daemon: 'MEP',
        state: 'lost',
        epoch: null,
        clockOffset: 0,
        lastSign: 1_700_000_000_000,
        components: ['A'],
      }),
      { kind: 'run-finished', outcome: 'passed', reason: '' },
    );
    expect(text).toMatch(/Checks: 1 of 1 met\n\? expect A\.b == 3 was judged on an old value: MEP was heard last at \d\d:/);
  });

  test('what an operator did is told, hostile text in it made harmless', () => {
    const text = shown({ kind: 'operator', operator: 'alice', action: { kind: 'set-variable', name: 'x', value: '\u001b[2J' } });
    expect(text).toContain('» alice: set x = \uFFFD[2J');
  });
});

describe('the status line', () => {
  test.each([
    ['echo ok', 'echo ok'],
    ['echo okay', 'echo o…'],
    ['日本日本', '日本日…'],
    ['e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301', 'e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦'],
    ['abcd👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 'abcd👩‍👩‍👧‍👦…'],
  ])('%s in seven columns is %s', (text, shown) => expect(fitText(text, 7)).toBe(shown));

  test('is never wider than its line', () => {
    const out = stream({ isTTY: true, columns: 20 });
    const terminal = new Terminal(out.stream, stream({}).stream);
    terminal.showStatus('a step whose text is much longer than the terminal 日本 is wide');
    expect(stringWidth(out.written.join(''))).toBeLessThan(20);
    terminal.line('a line');
    expect(out.written.slice(1)).toEqual(['\r\u001b[2K', 'a line\n']);
    for (let columns = 0; columns < 12; columns++) expect(stringWidth(fitText('ab日本🙂cdefgh', columns))).toBeLessThanOrEqual(columns);
  });

  test('a question stays below what is printed meanwhile', () => {
    const out = stream({ isTTY: true, columns: 80 });
    const terminal = new Terminal(out.stream, stream({}).stream);
    terminal.ask('next: echo one ');
    terminal.line('• Gateway is READY');
    expect(out.written).toEqual(['next: echo one ', '\r\u001b[2K', '• Gateway is READY\n', 'next: echo one ']);
  });
});
