/** The pure parts of the editor: marks of executions, lines that move, small edits, the tree, the search. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { fold, initialRunState, type RunState } from '#shared/run/run-state.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { LineExecutions, positionMark } from '../../../renderer/views/run/editor/line-executions.ts';
import { lineMapping } from '../../../renderer/stores/line-mapping.ts';
import { smallestEdit } from '../../../renderer/views/run/editor/smallest-edit.ts';
import { searchTexts } from '../../../renderer/views/run/files/scenario-search.ts';
import { nextRow, treeRows } from '../../../renderer/views/run/files/tree-rows.ts';

let sequence = 0;
type Body = RunRecord extends infer Each ? (Each extends RunRecord ? Omit<Each, 'sequence' | 'time'> : never) : never;
const record = (body: Body): RunRecord => ({ ...body, sequence: ++sequence, time: sequence * 10 });

function step(execution: number, line: number, text = 'echo a', scenario = 'main') {
  return { execution, scenario, line, number: line, text, depth: 0, phase: 'main' as const };
}
const started = (execution: number, line: number, text?: string): RunRecord =>
  record({ kind: 'step-started', step: step(execution, line, text) });
const finished = (execution: number, line: number, state: 'passed' | 'failed' = 'passed'): RunRecord =>
  record({
    kind: 'step-finished',
    step: step(execution, line),
    state,
    message: state === 'failed' ? 'no' : null,
    result: null,
    duration: 5,
  });
const begun = (): RunState =>
  fold(
    [
      record({
        kind: 'run-started',
        run: 'r' as never,
        scenario: 'main',
        environment: 'e' as never,
        release: '1',
        operator: 'o',
        policy: 'pause',
        variables: {},
        mode: 'dry',
        softwareVersion: '1',
      }),
    ],
    initialRunState(),
  );

describe('executions by line', () => {
  test('the latest execution of a line counts, with how often it was executed', () => {
    const lines = new LineExecutions();
    let state = fold([started(1, 0), finished(1, 0), started(2, 1), finished(2, 1, 'failed')], begun());
    lines.take(state);
    expect(lines.linesOf('main').get(1)).toMatchObject({ execution: 2, state: 'failed', duration: 5, message: 'no', times: 1 });
    state = fold([started(3, 0)], state);
    lines.take(state);
    expect(lines.linesOf('main').get(0)).toMatchObject({ execution: 3, state: 'running', duration: null, times: 2 });
    state = fold([finished(3, 0)], state);
    lines.take(state);
    lines.take(state);
    expect(lines.linesOf('main').get(0)).toMatchObject({ execution: 3, state: 'passed', times: 2 });
    expect(lines.placeOf(2)).toEqual({ scenario: 'main', line: 1 });
    expect(lines.linesOf('other').size).toBe(0);
  });

  test('in whatever portions the state is seen, the result is the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 120 }), fc.integer({ min: 1, max: 40 }), (visited, portion) => {
        sequence = 0;
        const records = visited.flatMap((line, index) => [started(index + 1, line), finished(index + 1, line)]);
        const [whole, parts] = [new LineExecutions(), new LineExecutions()];
        let state = begun();
        for (let from = 0; from < records.length; from += portion) {
          state = fold(records.slice(from, from + portion), state);
          parts.take(state);
        }
        whole.take(state);
        expect(parts.linesOf('main')).toEqual(whole.linesOf('main'));
        for (const [line, { times }] of whole.linesOf('main')) expect(times).toBe(visited.filter((each) => each === line).length);
      }),
      { seed: 20261120, numRuns: 200 },
    );
  });

  test('another run begins anew', () => {
    const lines = new LineExecutions();
    lines.take(fold([started(1, 0), finished(1, 0), started(2, 4)], begun()));
    lines.take(fold([started(1, 3)], begun()));
    expect([...lines.linesOf('main').keys()]).toEqual([3]);
  });

  test('what the line at the position is doing', () => {
    expect(positionMark(initialRunState())).toBeNull();
    expect(positionMark(fold([started(1, 0)], begun()))).toBe('running');
    expect(positionMark(fold([started(1, 0, 'wait 5s')], begun()))).toBe('waiting');
    const paused = (reason: 'breakpoint' | 'failure') =>
      fold([started(1, 0), finished(1, 0), record({ kind: 'paused', reason, message: null })], begun());
    expect(positionMark(paused('breakpoint'))).toBe('paused');
    expect(positionMark(paused('failure'))).toBe('error');
  });
});

test('lines are followed through edits of the text, and back', () => {
  const mapping = lineMapping('a\r\nb\r\nc\r\nd', 'a\nnew\nb\nc changed\nd\ne');
  expect([0, 1, 2, 3].map((line) => mapping.toEditor(line))).toEqual([0, 2, null, 4]);
  expect([0, 1, 2, 3, 4, 5].map((line) => mapping.toRun(line))).toEqual([0, null, 1, null, 3, null]);
});

test('the smallest edit makes one text into the other, and cuts no character in half', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r\n', '\n', '😀', '😁', 'é') });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edit = smallestEdit(before, after);
      expect(edit === null).toBe(before === after);
      if (!edit) return;
      expect(before.slice(0, edit.start) + edit.replacement + before.slice(edit.end)).toBe(after);
      expect(edit.replacement.isWellFormed() && before.slice(edit.start, edit.end).isWellFormed()).toBe(true);
    }),
    { seed: 20261120, numRuns: 1_000 },
  );
});

describe('the tree of files', () => {
  const file = (path: string, kind: WorkspaceFile['kind'] = 'other'): WorkspaceFile => ({ path, kind, size: 1, modified: 1 });
  const files = [
    file('a.txt'),
    file('daemons/X.yaml', 'daemon'),
    file('scenarios/b.scn', 'scenario'),
    file('scenarios/deep/c.scn', 'scenario'),
    file('z.scn', 'scenario'),
  ];
  const shown = (collapsed: string[] = [], filter = ''): string[] =>
    treeRows(files, new Set(collapsed), filter).map(({ level, name }) => `${'-'.repeat(level)}${name}`);

  test('scenarios and their folders come first', () => {
    expect(shown()).toEqual(['-scenarios', '--deep', '---c.scn', '--b.scn', '-z.scn', '-a.txt', '-daemons', '--X.yaml']);
  });

  test('folded folders hide what is in them; a filter opens them', () => {
    expect(shown(['scenarios', 'daemons'])).toEqual(['-scenarios', '-z.scn', '-a.txt', '-daemons']);
    expect(shown(['scenarios'], 'SCEN c')).toEqual(['-scenarios', '--deep', '---c.scn', '--b.scn'].slice(0, 3).concat(['--b.scn']));
    expect(shown([], 'nothing')).toEqual([]);
  });

  test('keys walk it', () => {
    const rows = treeRows(files, new Set(), '');
    expect(nextRow(rows, 0, 'ArrowDown')).toBe(1);
    expect(nextRow(rows, 0, 'ArrowUp')).toBe(0);
    expect(nextRow(rows, 2, 'ArrowLeft')).toBe(1);
    expect(nextRow(rows, 0, 'ArrowRight')).toBe(1);
    expect(nextRow(rows, 3, 'ArrowRight')).toBeNull();
    expect(nextRow(rows, 0, 'End')).toBe(rows.length - 1);
    expect(nextRow(rows, 0, 'x')).toBeNull();
  });
});

test('the search finds every place, whatever the case', () => {
  const texts = new Map([
    ['b.scn', 'kill -9 X\n  echo Kill kill'],
    ['a.scn', 'nothing'],
  ]);
  expect(searchTexts(texts, 'KILL').map(({ path, line, column, start }) => [path, line, column, start])).toEqual([
    ['b.scn', 0, 0, 0],
    ['b.scn', 1, 7, 5],
    ['b.scn', 1, 12, 10],
  ]);
  expect(searchTexts(texts, '  ')).toEqual([]);
});
