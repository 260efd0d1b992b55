/** Conditions on what a lost daemon reported: never "not met", but an error of the step that says why; while there is time, it is waited for. */
import { describe, expect, test } from 'vitest';
import { MachineDriver } from './machine-driver.ts';

const why = 'the daemon MEP is lost, silent since 12:00:03.2';
const unknown = `Engine.STATE is not known: ${why}`;

/** A run whose daemon is lost from the beginning. */
function lostDriver(text: string, options: ConstructorParameters<typeof MachineDriver>[1] = {}): MachineDriver {
  const driver = new MachineDriver(text, options);
  driver.lose('Engine', why);
  return driver;
}

describe('a condition on what a lost daemon reported', () => {
  test.each([
    ['expect Engine.STATE == READY', `The condition cannot be judged: ${unknown}.`],
    ['expect not Engine.STATE == READY', `The condition cannot be judged: ${unknown}.`],
    ['expect Engine.STATE == READY within 3s', `The condition could not be judged within 3 s: ${unknown}.`],
    ['expect Engine.STATE == READY for 3s', `The condition cannot be judged: ${unknown}.`],
    ['wait Engine.STATE == READY within 3s', `The condition could not be judged within 3 s: ${unknown}.`],
    ['if Engine.STATE == READY then echo yes else echo no', `The condition cannot be judged: ${unknown}.`],
    ['wait crash of Engine within 3s', `Whether the event came cannot be known within 3 s: ${why}.`],
    ['expect crash of Engine', `Whether the event came cannot be known: ${why}.`],
    ['echo #{Engine.STATE}', `'Engine.STATE' cannot stand in a text: ${why}.`],
  ])('%s is an error of the step', (statement, message) => {
    const driver = lostDriver(statement, { failurePolicy: 'continue' }).run();
    expect(driver.of('step-finished')).toMatchObject([{ state: 'error', message }]);
    expect(driver.of('condition').every(({ state }) => state === 'pending')).toBe(true);
    expect(driver.outcome()).toBe('error');
    expect(driver.openReferences()).toEqual([]);
  });

  test('names every value that is not known', () => {
    const driver = lostDriver('expect Engine.STATE == READY and Engine.rss < 5', { failurePolicy: 'continue' }).run();
    expect(driver.of('condition')[0]?.lost).toBe(`Engine.STATE and Engine.rss are not known: ${why}`);
  });

  test('is judged all the same where the other side decides', () => {
    const driver = lostDriver('expect Engine.STATE == READY or 1 == 1\nexpect Engine.STATE == READY and 1 == 2', {
      failurePolicy: 'continue',
    });
    expect(driver.run().states()).toEqual(['passed', 'failed']);
  });

  test('is waited for until the daemon is back', () => {
    const driver = lostDriver('wait Engine.STATE == READY within 30s');
    driver.after(4_000, () => driver.lose('Engine', null, { 'Engine.STATE': 'READY' }));
    expect(driver.run().states()).toEqual(['passed']);
    expect(driver.time).toBe(4_000);
  });

  test('that is back and has told nothing is a missing value like any other', () => {
    const driver = lostDriver('wait Engine.STATE == READY within 30s', { failurePolicy: 'continue' });
    driver.after(4_000, () => driver.lose('Engine', null));
    driver.run();
    expect(driver.of('step-finished')[0]).toMatchObject({ state: 'timed out' });
    expect(driver.of('condition').at(-1)?.state).toBe('not met');
  });

  test('that held until the daemon was lost cannot be said to have held', () => {
    const driver = new MachineDriver('expect Engine.STATE == READY for 10s', { failurePolicy: 'continue' });
    driver.change('Engine.STATE', 'READY');
    driver.after(4_000, () => driver.lose('Engine', why));
    driver.run();
    const message = `Whether the condition held cannot be judged: ${unknown}.`;
    expect(driver.of('step-finished')[0]).toMatchObject({ state: 'error', message });
  });

  test('stops at a breakpoint, which says so', () => {
    const breakpoints = [{ scenario: 'main', line: 0, condition: 'Engine.STATE == READY' }];
    const driver = lostDriver('echo a', { breakpoints }).run();
    expect(driver.of('paused')[0]?.message).toContain(`cannot be decided: ${unknown}.`);
  });
});

describe('a reaction to what a lost daemon reports', () => {
  test('stays in force, is told as not judged, and reacts when the daemon is back', () => {
    const driver = new MachineDriver('on Engine.STATE == DOWN goto down\nwait 10s\nexit pass\nlabel down\nexit fail');
    driver.change('Engine.STATE', 'READY');
    driver.after(1_000, () => driver.lose('Engine', why));
    driver.after(3_000, () => driver.lose('Engine', null, { 'Engine.STATE': 'DOWN' }));
    expect(driver.run().outcome()).toBe('failed');
    expect(driver.of('condition').map(({ state, lost }) => [state, lost ?? null])).toEqual([
      ['pending', null],
      ['pending', unknown],
      ['met', null],
    ]);
  });

  test('does not react once more to what it reacted to before the daemon was lost', () => {
    const driver = new MachineDriver('on Engine.STATE == DOWN goto down\nwait 10s\nlabel down\nwait 10s');
    driver.after(1_000, () => driver.change('Engine.STATE', 'DOWN'));
    driver.after(2_000, () => driver.lose('Engine', why));
    driver.after(4_000, () => driver.lose('Engine', null, { 'Engine.STATE': 'DOWN' }));
    driver.run();
    expect(driver.of('handler-fired')).toHaveLength(1);
    expect(driver.of('condition').map(({ state }) => state)).toEqual(['pending', 'met', 'pending', 'met']);
  });
});

describe('a run that is stopped', () => {
  test('tells in its reason what had gone wrong of each kind', () => {
    const driver = new MachineDriver('expect 1 == 2\nkill -9 Engine\nwait 1m', { failurePolicy: 'continue' });
    driver.commands['kill'] = { refused: 'MEP is lost: it has been silent for 69 s.' };
    driver.after(1_000, () => driver.operate({ kind: 'stop' }));
    driver.run();
    const { reason } = driver.of('finished')[0] ?? { reason: '' };
    expect(reason).toMatch(/^The operator stopped the run\. Step 0 of main .*: The condition is not met\. Step 1 of main .*MEP is lost/);
  });
});
