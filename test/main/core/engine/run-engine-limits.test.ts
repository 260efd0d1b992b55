/** Limits and checks of metrics in a run: when they are recorded, what they decide, and what cannot be judged. */
import { expect, test } from 'vitest';
import { FakeLink, settle } from './fakes.ts';
import { startRun } from './harness.ts';

test('limits are recorded when they turn; only those of severity error decide', async () => {
  const limit = (severity: 'warning' | 'error') => ({
    reading: 'Engine.rss',
    text: 'Engine.rss < 100',
    kept: (value: string | number) => Number(value) < 100,
    severity,
  });
  for (const severity of ['warning', 'error'] as const) {
    const { engine, journal, link } = startRun('wait event done within 1m', { limits: [limit(severity)] });
    await settle();
    for (const value of [50, 150, 170, null, 60]) link.set('Engine.rss', value);
    link.tell({ kind: 'log', time: 1, component: null, file: 'a', severity: 'info', event: 'done', text: '', fields: {} });
    expect(await engine.finished).toMatchObject(
      severity === 'error' ? { outcome: 'failed', reason: 'The limit Engine.rss < 100 was exceeded: 150.' } : { outcome: 'passed' },
    );
    expect(
      journal
        .of('condition')
        .filter(({ form }) => form === 'limit')
        .map(({ state }) => state),
    ).toEqual(['not met', 'met']);
  }
});

test('a check whose daemon is lost is an error that names it, and is recorded as not judged', async () => {
  const link = new FakeLink();
  link.lost.set('Engine.', 'the daemon MEP is lost, silent since 12:00:03.2');
  const { engine, journal } = startRun('expect Engine.rss < 100', { link });
  const message = 'The condition cannot be judged: Engine.rss is not known: the daemon MEP is lost, silent since 12:00:03.2.';
  expect(await engine.finished).toMatchObject({ outcome: 'error', reason: expect.stringContaining(message) });
  expect(journal.of('step-finished')).toMatchObject([{ state: 'error', message }]);
  expect(journal.of('condition')).toMatchObject([
    { state: 'pending', lost: 'Engine.rss is not known: the daemon MEP is lost, silent since 12:00:03.2' },
  ]);
});

test('a limit whose daemon is lost is told as not judged, and as judged again; at the end it is an error where its severity is', async () => {
  const rss = { reading: 'Engine.rss', text: 'Engine.rss < 100', kept: (value: string | number) => Number(value) < 100 };
  const why = 'the daemon MEP is lost, silent since 12:00:03.2';
  for (const [severity, isBack, outcome] of [
    ['warning', false, 'passed'],
    ['error', false, 'error'],
    ['error', true, 'passed'],
  ] as const) {
    const { engine, journal, link } = startRun('wait event done within 1m', { limits: [{ ...rss, severity }] });
    await settle();
    link.set('Engine.rss', 50);
    link.lost.set('Engine.', why);
    link.set('Engine.rss', null);
    if (isBack) link.lost.clear();
    if (isBack) link.set('Engine.rss', 60);
    link.tell({ kind: 'log', time: 1, component: null, file: 'a', severity: 'info', event: 'done', text: '', fields: {} });
    const reason = `The limit Engine.rss < 100 cannot be judged: Engine.rss is not known: ${why}.`;
    expect(await engine.finished).toMatchObject(outcome === 'error' ? { outcome, reason } : { outcome });
    const told = journal.of('condition').filter(({ form }) => form === 'limit');
    expect(told.map(({ state, lost }) => [state, lost !== undefined])).toEqual([['pending', true], ...(isBack ? [['met', false]] : [])]);
  }
});

test('a limit that cannot be decided is told once, and is an error where its severity is', async () => {
  const limit = (severity: 'warning' | 'error') => ({
    reading: 'Engine.rss',
    text: 'Engine.rss < 100',
    kept: (value: string | number) => (typeof value === 'number' ? value < 100 : { problem: `'${value}' is no number.` }),
    severity,
  });
  for (const severity of ['warning', 'error'] as const) {
    const { engine, journal, link } = startRun('wait event done within 1m', { limits: [limit(severity)] });
    await settle();
    for (const value of [50, 'READY', 'RUNNING', 60]) link.set('Engine.rss', value);
    link.tell({ kind: 'log', time: 1, component: null, file: 'a', severity: 'info', event: 'done', text: '', fields: {} });
    const message = "The limit Engine.rss < 100 cannot be decided: 'READY' is no number.";
    expect(await engine.finished).toMatchObject(severity === 'error' ? { outcome: 'error', reason: message } : { outcome: 'passed' });
    expect(journal.of('problem')).toMatchObject([{ severity, code: 'limit-undecided', message }]);
    expect(journal.of('condition').filter(({ form }) => form === 'limit')).toEqual([]);
  }
});
