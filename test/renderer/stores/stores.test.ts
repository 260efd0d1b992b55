/** The stores of a console: each once, made when it is first asked for, given back with the console; two consoles share nothing. */
import { describe, expect, test } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { createActions } from '../../../renderer/stores/actions.ts';
import { createLog } from '../../../renderer/stores/log-rows-session.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { createTimeAxis } from '../../../renderer/stores/time-axis.ts';

const problem = { severity: 'error', code: 'refused', message: 'It was refused.' } as const;

describe('stores', () => {
  test('are made once, when they are first asked for', () => {
    let made = 0;
    const createCounted = () => ({ number: ++made });
    const createUser = (stores: Stores) => ({ counted: stores.get(createCounted) });
    const stores = new Stores();
    expect(made).toBe(0);
    expect(stores.get(createUser).counted).toBe(stores.get(createCounted));
    expect(made).toBe(1);
  });

  test('that wait for each other are told, instead of being made for ever', () => {
    const createFirst = (stores: Stores): unknown => stores.get(createSecond);
    const createSecond = (stores: Stores): unknown => stores.get(createFirst);
    expect(() => new Stores().get(createFirst)).toThrow('createFirst waits for itself.');
  });

  test('give back what they hold, the last first', async () => {
    const given: string[] = [];
    const createOuter = (stores: Stores) => {
      stores.own(() => void given.push('outer'));
      stores.get((inner) => inner.own(() => void given.push('inner')));
    };
    const stores = new Stores();
    stores.get(createOuter);
    await stores.dispose();
    expect(given).toEqual(['inner', 'outer']);
  });
});

describe('two consoles in one page', () => {
  const [here, there] = [new Stores(), new Stores()];

  test('tell their own notices, and have actions, runs, ranges and filters of their own', () => {
    here.get(createSession).notify(problem);
    here.get(createActions).registerActions([{ id: 'run.start', title: 'Start', group: 'Run', perform: () => undefined }]);
    here.get(createRunSession).setState({ run: '20260101T000000Z-failover-00ff' as RunId });
    here.get(createTimeAxis).setRange({ kind: 'fixed', from: 1, to: 2 });
    here.get(createLog).setFollowing(false);
    expect(here.get(createSession).getState().notices).toHaveLength(1);

    expect(there.get(createSession).getState().notices).toEqual([]);
    expect(there.get(createActions).getState().actions.size).toBe(0);
    expect(there.get(createRunSession).getState().run).toBeNull();
    expect(there.get(createTimeAxis).getState().range.kind).toBe('live');
    expect(there.get(createLog).getState().following).toBe(true);
  });

  test('count each for itself', () => {
    expect(there.get(createSession).notify(problem)).toBe(1);
    expect(here.get(createSession).notify(problem)).toBe(2);
  });
});
