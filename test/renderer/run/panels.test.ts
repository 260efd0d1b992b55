/**
 * Panels of the Run view as an operator sees them: with nothing to show, with a run that goes on, with one whose core is lost, with one
 * of the past, and with one whose log is damaged.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { createElement, type ComponentType } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createLog } from '../../../renderer/stores/log-rows-session.ts';
import { createReplay } from '../../../renderer/stores/replay/replay.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { RunControls } from '../../../renderer/views/run/controls/run-controls.tsx';
import { LogPanel } from '../../../renderer/views/run/log/index.tsx';
import { QuestionsPanel } from '../../../renderer/views/run/questions/questions-panel.tsx';
import { FakeCore } from '../fake-core.ts';

const run = '20260101T000000Z-failover-00ff' as RunId;
const step = { execution: 1, scenario: 'failover', line: 0, number: 1, text: 'kill Engine', depth: 0, phase: 'main' };
const recordsOf = (...bodies: readonly object[]): RunRecord[] =>
  bodies.map((body, index) => runRecordSchema.parse({ ...body, sequence: index + 1, time: 1_000 + index }));
const started = {
  kind: 'run-started',
  run,
  scenario: 'failover',
  environment: 'demo',
  release: 'rc1',
  operator: 'alice',
  policy: 'pause',
  variables: {},
  mode: 'live',
  softwareVersion: '0',
};
const goingOn = recordsOf(started, { kind: 'step-started', step });
const passed = recordsOf(
  started,
  { kind: 'step-started', step },
  { kind: 'step-finished', step, state: 'passed', message: null, result: null, duration: 5 },
  { kind: 'run-finished', outcome: 'passed', reason: 'All steps passed.' },
);

let stores: Stores;
let core: FakeCore;
let root: Root;
let page: HTMLElement;

beforeEach(() => {
  stores = new Stores();
  core = new FakeCore({ 'scenario.history': () => ({ runs: [], baseline: null }) });
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 } });
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
});
afterEach(async () => {
  root.unmount();
  page.remove();
  await stores.dispose();
});

function framed(panel: ComponentType, own: Stores) {
  return createElement(StoresContext, { value: own }, createElement(MantineProvider, null, createElement(panel)));
}

function show(panel: ComponentType): void {
  root.render(framed(panel, stores));
}

/** Shows a run with what its log has so far. */
function showRun(records: readonly RunRecord[], live = true): void {
  stores.get(createRunSession).showRun(run, { live });
  core.give('run.records', [...records]);
}

/** The connection breaks while the run goes on. */
function loseCore(): void {
  stores.get(createSession).setState({ connection: { kind: 'lost', coreEnd: null, since: 1_000 } });
  stores.get(createRunSession).suspendRun();
}

/** What is to be read, without the styles that Mantine puts beside it. */
const text = (): string => [...page.children].map((each) => (each.tagName === 'STYLE' ? '' : each.textContent)).join('');
const standing = (place = page) => place.querySelector('[data-run-standing] [role="status"]')?.textContent;
/** Names of the controls that can be pressed. */
const usable = () =>
  [...page.querySelectorAll('[role=toolbar] > button, [role=toolbar] > * > button')]
    .filter(
      (button) =>
        !button.hasAttribute('data-disabled') && !button.hasAttribute('disabled') && button.getAttribute('aria-disabled') !== 'true',
    )
    .map((button) => button.getAttribute('aria-label'));

describe('the run controls', () => {
  beforeEach(() => show(RunControls));

  test('with nothing to run: they are ready, and nothing can be started', async () => {
    await expect.poll(() => standing()).toBe('Ready');
    expect(text()).toContain('no scenario open');
    expect(usable()).not.toContain('Start');
  });

  test('with a run that goes on: where it stands, and it can be paused and stopped', async () => {
    showRun(goingOn);
    await expect.poll(() => standing()).toBe('Running');
    expect(text()).toContain('kill Engine');
    await expect.poll(usable).toEqual(expect.arrayContaining(['Pause', 'Skip', 'Stop']));
  });

  test('with a lost core: how it stood last, and nothing can be done', async () => {
    showRun(goingOn);
    await expect.poll(() => standing()).toBe('Running');
    loseCore();
    await expect.poll(() => standing()).toBe('Not live (was: Running)');
    expect(usable().filter((name) => ['Start', 'Go', 'Pause', 'Step', 'Skip', 'Stop'].includes(name ?? ''))).toEqual([]);
  });

  test('with a run of the past: how it ended, and the way back', async () => {
    showRun(passed, false);
    core.end('run.records');
    await expect.poll(() => standing()).toBe('Passed');
    expect(page.querySelector('[aria-label="Return to live"]')).not.toBeNull();
    expect(usable()).not.toContain('Stop');
  });

  test('with a damaged log: it counts as interrupted, and a notice says why', async () => {
    showRun(goingOn, false);
    core.end('run.records', new ProblemError({ code: 'log-damaged', message: 'Line 3 is no record.' }));
    await expect.poll(() => standing()).toBe('Interrupted');
    expect(
      stores
        .get(createSession)
        .getState()
        .notices.map(({ message }) => message),
    ).toEqual(['Line 3 is no record.']);
  });
});

describe('the three questions', () => {
  beforeEach(() => show(QuestionsPanel));

  test('with nothing to answer for say what to open', async () => {
    await expect.poll(text).toContain('Open a scenario to see what it checks.');
  });

  test('are answered for a run that goes on', async () => {
    showRun(goingOn);
    await expect.poll(text).toContain('Running');
  });

  test('are answered with what was known last when the core is lost', async () => {
    showRun(goingOn);
    loseCore();
    root.unmount();
    root = createRoot(page);
    show(QuestionsPanel);
    await expect.poll(text).toContain('Running');
  });

  test('are answered for a run of the past', async () => {
    showRun(passed, false);
    core.end('run.records');
    await expect.poll(text).toContain('Passed');
  });
});

describe('the log', () => {
  const nothingYet = 'Nothing was told yet';
  beforeEach(() => show(LogPanel));

  test('that is empty says what will come', async () => {
    await expect.poll(text).toContain(nothingYet);
    expect(text()).toContain('When an environment is connected');
  });

  test('has the rows of a run that goes on, and keeps them when the core is lost', async () => {
    await expect.poll(text).toContain(nothingYet);
    showRun(goingOn);
    await expect.poll(text).not.toContain(nothingYet);
    loseCore();
    await expect.poll(() => stores.get(createLog).logRows.count).toBe(2);
    expect(text()).not.toContain(nothingYet);
  });

  test('of a run of the past has its rows up to the moment that is shown', async () => {
    await expect.poll(text).toContain(nothingYet);
    showRun(passed, false);
    core.end('run.records');
    await expect.poll(text).not.toContain(nothingYet);
    expect(stores.get(createLog).shownCount()).toBe(4);
    stores.get(createReplay).toStart();
    expect(stores.get(createLog).shownCount()).toBe(1);
  });
});

test('two consoles in one page each show their own run', async () => {
  const other = new Stores();
  const place = document.body.appendChild(document.createElement('div'));
  const otherRoot = createRoot(place);
  try {
    show(RunControls);
    otherRoot.render(framed(RunControls, other));
    showRun(goingOn);
    await expect.poll(() => standing()).toBe('Running');
    await expect.poll(() => standing(place)).toBe('Ready');
  } finally {
    otherRoot.unmount();
    place.remove();
    await other.dispose();
  }
});
