/** A release sheet in words and colours; what can be done about each question. */
import { describe, expect, test } from 'vitest';
import {
  answerTone,
  comparisonTone,
  questionsByScenario,
  rateText,
  releaseBefore,
  releaseText,
  remediesOf,
  runSentence,
} from '../../../renderer/views/releases/release-words.ts';
import { comparedRun, question } from './release-made.ts';

test('only a yes is green, and no history never is', () => {
  expect([answerTone('yes'), answerTone('no'), answerTone('not yet')]).toEqual(['ok', 'fail', 'warn']);
  expect(comparisonTone('no comparable history')).toBe('not-live');
  expect(comparisonTone('no change')).toBe('ok');
  expect(comparisonTone('changed')).toBe('warn');
});

describe('every question has a button that resolves it', () => {
  const previous = { previous: 'rc1' };
  test.each([
    ['undecided', {}, ['accept', 'reject', 'open']],
    ['failed', {}, ['run scenario', 'open', 'explain run']],
    ['unexplained', { finding: 'metric:A' }, ['explain', 'compare']],
    // A core that does not name the finding.
    ['unexplained', {}, ['explain run', 'compare']],
    ['missing', { run: null }, ['run scenario']],
    ['intermittent', {}, ['open', 'explain run', 'trend']],
    ['history', {}, ['baseline runs', 'choose previous', 'run scenario']],
  ] as const)('%s %j', (kind, more, expected) => {
    expect(remediesOf(question(kind, more), previous)).toEqual(expected);
  });

  test('without a release before, another one can be chosen', () => {
    expect(remediesOf(question('history'), { previous: null })).toEqual(['choose previous']);
  });

  test('nothing is offered for a run that is not named', () => {
    expect(remediesOf(question('undecided', { run: null }), previous)).toEqual([]);
    expect(remediesOf(question('intermittent', { run: null, scenario: null }), previous)).toEqual([]);
  });
});

test('questions stand under their scenarios, those about none last', () => {
  const [one, two, three] = [
    question('missing', { scenario: null }),
    question('undecided', { scenario: 'b' }),
    question('failed', { scenario: 'b' }),
  ];
  expect(questionsByScenario([one, two, three])).toEqual([
    { scenario: 'b', questions: [two, three] },
    { scenario: null, questions: [one] },
  ]);
});

test('hostile names of releases are inert, and one without a name is told', () => {
  expect(releaseText('')).toBe('(no release)');
  expect(releaseText('rc\u202e1')).not.toContain('\u202e');
});

test('a run in one sentence, with its value', () => {
  const run = comparedRun(1, { outcome: 'failed', decision: 'rejected' });
  expect(runSentence(run, '3.2 s')).toMatch(/^2026-11-20 \d\d:\d\d:\d\d, rc1: 3\.2 s, failed, rejected$/);
  expect(runSentence(run, null)).toMatch(/, rc1: failed, rejected$/);
});

test('a rate with its interval', () => {
  expect(rateText({ rate: 0.25, low: 0.0711, high: 0.5907 })).toBe('25 % (7 % to 59 %)');
});

test('a release is compared with the latest before it that has accepted runs, else with the one right before', () => {
  const releases = ['rc4', 'rc3', '', 'rc1'].map((release) => ({ release, accepted: release === '' ? 2 : 0 }));
  expect(['rc4', 'rc3', '', 'rc1', 'gone'].map((release) => releaseBefore(releases, release))).toEqual(['', '', 'rc1', null, null]);
});
