/** The Test Anything Protocol, as its producers write it. */
import { expect, test } from 'vitest';
import { messageOfPoint, tapFault, TapReader, verdictOfPoint, type TapPoint } from '#network/daemon/worker/adapters/tap.ts';

function read(text: string) {
  const points: TapPoint[] = [];
  const reader = new TapReader((point) => points.push(point));
  for (const line of text.split('\n')) reader.line(line);
  const summary = reader.end();
  const verdicts = points.map((point) => `${point.number} ${verdictOfPoint(point)} ${point.description}`.trim());
  return { points, verdicts, summary, fault: tapFault(summary) };
}

test('points, directives, comments and a plan at the end', () => {
  const { verdicts, fault, points } = read(
    [
      'TAP version 14',
      'ok 1 - first',
      'not ok 2 - second',
      '#   Failed test',
      '#   at line 3',
      'ok 3 # SKIP no network',
      'not ok 4 later # TODO not written',
      'ok',
      '# all said',
      '1..5',
    ].join('\n'),
  );
  expect(verdicts).toEqual(['1 passed first', '2 failed second', '3 skipped', '4 skipped later', '5 passed']);
  expect(points[1]?.diagnostics).toBe('  Failed test\n  at line 3');
  expect(points[2]?.reason).toBe('no network');
  expect(fault).toBeUndefined();
});

test('subtests count by the point that sums them up; a block of YAML is what is said about a point', () => {
  const { verdicts, points, fault } = read(
    [
      '1..1',
      '# Subtest: inner',
      '    ok 1 - a',
      '    not ok 2 - b',
      '    1..2',
      'not ok 1 - inner',
      '  ---',
      '  message: b failed',
      '  ...',
    ].join('\n'),
  );
  expect(verdicts).toEqual(['1 failed inner']);
  expect(points[0]?.diagnostics).toContain('message: b failed');
  expect(fault).toBeUndefined();
});

test.each([
  ["  error: 'the standby lacks 1 order'", 'the standby lacks 1 order'],
  ['  message: "no answer"', 'no answer'],
  ['  error: |-\n    Expected values\n    to be equal', 'Expected values'],
  ['  duration_ms: 3\n  stack: |-\n    at line 3', 'a'],
])('the block of YAML %j says why, where it does', (block, message) => {
  const { points } = read(['1..2', 'not ok 1 - a', '  ---', block, '  ...', '# Subtest: b', 'not ok 2 - b'].join('\n'));
  expect(points.map(messageOfPoint)).toEqual([message, 'b']);
  expect(points[0]?.diagnostics).not.toContain('Subtest');
});

test('a hash that is escaped belongs to the description', () => {
  expect(read('1..1\nok 1 - issue \\#7 is mended # TODO really').points[0]).toMatchObject({
    description: 'issue #7 is mended',
    directive: 'todo',
  });
});

test.each([
  ['1..3\nok 1\nok 2', 'It announced 3 points and told 2.'],
  ['ok 1\nok 2', 'It announced no plan (1..N), so nobody knows whether these were all of its points.'],
  ['1..2\nok 1\nBail out! the database is gone\nok 2', 'Bail out! the database is gone'],
  ['', 'It announced no plan (1..N), so nobody knows whether these were all of its points.'],
])('%j is not all that there is to say', (text, fault) => {
  expect(read(text).fault).toBe(fault);
});

test('nothing to do is said by a plan of none', () => {
  const { summary, fault } = read('1..0 # SKIP no display');
  expect(summary.skippedAll).toBe('no display');
  expect(fault).toBeUndefined();
});
