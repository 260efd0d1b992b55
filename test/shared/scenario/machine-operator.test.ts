/** What an operator can do to a run, in each of its states. */
import { describe, expect, test } from 'vitest';
import { startDeferredOnly } from '#shared/scenario/machine.ts';
import type { OperatorInput } from '#shared/scenario/machine-contract.ts';
import { defaultOptions, MachineDriver, outcome, programOf } from './machine-driver.ts';

const act = (driver: MachineDriver, kind: Exclude<OperatorInput['kind'], 'goto' | 'set-variable' | 'set-breakpoints'>) =>
  driver.operate({ kind });
const reasons = (driver: MachineDriver) => driver.of('paused').map(({ reason }) => reason);
const bad = outcome({ success: false, exitStatus: 1 });

describe('stepping', () => {
  const program = programOf({ main: 'echo a\ncall inner\necho b', inner: 'echo x\nlabel there\necho y' });
  const start = () => new MachineDriver(program, { startPaused: true }).run();

  test('starts paused where that is wanted', () => {
    const driver = start();
    expect(driver.trace()).toEqual([]);
    expect(reasons(driver)).toEqual(['step']);
  });

  test('step goes into a called scenario', () => {
    const driver = start();
    const echoes = [];
    for (let count = 0; count < 5; count += 1) echoes.push(act(driver, 'step').echoes().join(''));
    expect(echoes).toEqual(['a', 'a', 'ax', 'axy', 'axyb']);
    expect(act(driver, 'step').outcome()).toBe('passed');
  });

  test('step-over takes a call as one', () => {
    const driver = start();
    const echoes = [];
    for (let count = 0; count < 3; count += 1) echoes.push(act(driver, 'step-over').echoes().join(''));
    expect(echoes).toEqual(['a', 'axy', 'axyb']);
  });

  test('step-out runs until the called scenario has returned', () => {
    const driver = start();
    act(driver, 'step');
    act(driver, 'step');
    expect(act(driver, 'step-out').echoes().join('')).toBe('axy');
    expect(driver.state.status).toBe('paused');
    expect(act(driver, 'step-out').outcome()).toBe('passed');
  });

  test('stops at breakpoints on the way, also inside called scenarios', () => {
    const driver = new MachineDriver(program, { breakpoints: [{ scenario: 'inner', line: 2 }] }).run();
    expect(driver.echoes()).toEqual(['a', 'x']);
    expect(reasons(driver)).toEqual(['breakpoint']);
    expect(act(driver, 'continue').echoes()).toEqual(['a', 'x', 'y', 'b']);
  });

  test('stops at a breakpoint on a label or a comment above the statement', () => {
    const driver = new MachineDriver('echo a\n# here\nlabel x\n\necho b', { breakpoints: [{ scenario: 'main', line: 1 }] }).run();
    expect(driver.echoes()).toEqual(['a']);
    expect(act(driver, 'continue').outcome()).toBe('passed');
  });

  test('stops at a breakpoint each time control comes to it', () => {
    const driver = new MachineDriver('repeat 3\necho x\nend', { breakpoints: [{ scenario: 'main', line: 1 }] }).run();
    for (let count = 0; count < 3; count += 1) {
      expect(driver.echoes().length).toBe(count);
      act(driver, 'continue');
    }
    expect(driver.outcome()).toBe('passed');
  });

  test('takes breakpoints that are set during the run', () => {
    const driver = start();
    driver.operate({ kind: 'set-breakpoints', breakpoints: [{ scenario: 'main', line: 2 }] });
    expect(act(driver, 'continue').echoes()).toEqual(['a', 'x', 'y']);
  });
});

describe('pause and continue', () => {
  test('pauses after the running step', () => {
    const driver = new MachineDriver('wait 10s\necho a');
    driver.after(1_000, () => driver.feed({ kind: 'operator', input: { kind: 'pause' } }));
    driver.run();
    expect(reasons(driver)).toEqual(['operator']);
    expect(driver.echoes()).toEqual([]);
    expect(driver.time).toBe(10_000);
    expect(act(driver, 'continue').echoes()).toEqual(['a']);
    expect(driver.of('resumed').length).toBe(1);
  });

  test('continue withdraws a pause that has not come yet', () => {
    const driver = new MachineDriver('wait Engine.x == 1\necho a').run();
    act(driver, 'pause');
    act(driver, 'continue');
    driver.change('Engine.x', 1);
    expect(driver.settle().outcome()).toBe('passed');
  });

  test('pauses before the first step when asked for before the beginning', () => {
    const driver = new MachineDriver('echo a');
    driver.feed({ kind: 'operator', input: { kind: 'pause' } });
    driver.run();
    expect(reasons(driver)).toEqual(['operator']);
    expect(driver.trace()).toEqual([]);
  });
});

describe('a failed step under the policy pause', () => {
  const failing = (text: string) => {
    const driver = new MachineDriver(text, { failurePolicy: 'pause' });
    driver.commands['bad'] = bad;
    driver.commands['unknown'] = { refused: 'Nobody offers it.' };
    return driver.run();
  };

  test('pauses with its message', () => {
    const driver = failing('bad\necho a');
    expect(driver.of('paused')).toMatchObject([{ kind: 'paused', reason: 'failure', message: 'The command ended with exit status 1.' }]);
  });

  test('says at which line it stands, and behind the last one nothing', () => {
    expect(failing('echo a\nbad').of('paused')).toMatchObject([{ position: { line: 1 } }]);
    const driver = new MachineDriver('# first\necho a', { startPaused: true }).run();
    act(driver, 'step');
    driver.settle();
    expect(driver.of('paused').map(({ position }) => position?.line)).toEqual([1, undefined]);
  });

  test.each([
    ['bad\necho a', 'failed'],
    ['unknown\necho a', 'error'],
    ['expect 1 == 2\necho a', 'failed'],
    ['wait 1 == 2 within 1s\necho a', 'failed'],
  ])('%j: continue goes on with the next step and leaves the failure', (text, expected) => {
    const driver = act(failing(text), 'continue');
    expect(driver.echoes()).toEqual(['a']);
    expect(driver.outcome()).toBe(expected);
  });

  test('retry executes it again, and a pass clears the failure', () => {
    const driver = failing('bad\necho a');
    act(driver, 'retry');
    expect(driver.state.status).toBe('paused');
    driver.commands['bad'] = outcome();
    expect(act(driver, 'retry').outcome()).toBe('passed');
    expect(driver.trace()).toEqual([0, 0, 0, 1]);
    expect(driver.of('step-started').map(({ step }) => step.execution)).toEqual([1, 2, 3, 4]);
  });

  test('retry of a check that is met now passes', () => {
    const driver = failing('expect Engine.x == 1');
    driver.change('Engine.x', 1);
    expect(act(driver, 'retry').outcome()).toBe('passed');
  });

  test('skip leaves it out, so that it no longer counts', () => {
    const driver = act(failing('bad\necho a'), 'skip');
    expect(driver.state.status).toBe('paused');
    expect(act(driver, 'continue').outcome()).toBe('passed');
    expect(driver.echoes()).toEqual(['a']);
  });

  test('skip of a check that was not met goes on, but the check stays not met', () => {
    const driver = act(failing('expect Engine.x == 1\necho a'), 'skip');
    expect(act(driver, 'continue').echoes()).toEqual(['a']);
    expect(driver.of('finished')[0]).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^1 of 1 checks was not met \(skipped by the operator\)\. Step 0 of main \(expect Engine.x == 1\): /),
    });
  });

  test('of several checks, the reason tells how many were not met and how many of those were skipped', () => {
    const driver = failing('expect Engine.x == 1\nexpect Engine.x == 2\nexpect 1 == 1');
    act(act(act(driver, 'continue'), 'skip'), 'continue');
    const reason = expect.stringMatching(/^2 of 3 checks were not met \(1 skipped by the operator\)\. Step 0 /);
    expect(driver.of('finished')[0]).toMatchObject({ outcome: 'failed', reason });
  });

  test('goto leaves it failed, except to itself', () => {
    const away = failing('bad\necho a\necho b').operate({ kind: 'goto', line: 2 });
    expect(act(away, 'continue').echoes()).toEqual(['b']);
    expect(away.outcome()).toBe('failed');
    const again = failing('bad\necho a').operate({ kind: 'goto', line: 0 });
    again.commands['bad'] = outcome();
    expect(act(again, 'continue').outcome()).toBe('passed');
  });

  test('stops at a breakpoint on the next step after it went on', () => {
    const driver = failing('bad\necho a').operate({ kind: 'set-breakpoints', breakpoints: [{ scenario: 'main', line: 1 }] });
    expect(act(driver, 'continue').echoes()).toEqual([]);
    expect(reasons(driver)).toEqual(['failure', 'breakpoint']);
  });

  test('step executes the next one', () => {
    const driver = act(failing('bad\necho a\necho b'), 'step');
    expect(driver.echoes()).toEqual(['a']);
    expect(driver.state.status).toBe('paused');
  });

  test('goes on in the calling scenario when it was the last of a called one', () => {
    const driver = new MachineDriver(programOf({ main: 'call inner\necho back', inner: 'bad' }), { failurePolicy: 'pause' });
    driver.commands['bad'] = bad;
    expect(act(driver.run(), 'continue').echoes()).toEqual(['back']);
  });

  test('counts when the run is stopped there', () => {
    const driver = act(failing('bad'), 'stop');
    expect(driver.of('finished')[0]).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('exit status 1') });
  });
});

describe('skip', () => {
  test('gives the running step up', () => {
    const driver = new MachineDriver('load\nwait Engine.x == 1\necho a');
    driver.commands['load'] = 'never';
    act(driver.run(), 'skip');
    expect(driver.of('cancel').length).toBe(1);
    expect(act(driver, 'skip').outcome()).toBe('passed');
    expect(driver.states()).toEqual(['skipped', 'skipped', 'passed']);
    expect(driver.openReferences()).toEqual([]);
  });

  test('leaves the statement at the position out, a loop as a whole', () => {
    const driver = new MachineDriver('echo a\nrepeat 2\necho x\nend\necho b', { startPaused: true }).run();
    act(driver, 'skip');
    act(driver, 'skip');
    expect(act(driver, 'continue').echoes()).toEqual(['b']);
    expect(driver.states()).toEqual(['skipped', 'skipped', 'passed']);
  });

  test('of a check that still waits leaves it not met', () => {
    const driver = new MachineDriver('expect Engine.x == 1 within 30s\necho a');
    driver.after(5_000, () => driver.feed({ kind: 'operator', input: { kind: 'skip' } }));
    driver.run();
    expect(driver.states()).toEqual(['skipped', 'passed']);
    expect(driver.of('finished')[0]).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^1 of 1 checks was not met \(skipped by the operator\)\. .*given up before it was met\.$/),
    });
  });

  test.each([
    ['expect 1 == 1\necho b', 'Every step that was carried out passed. 1 step was skipped.', 1],
    ['echo a\necho b\nexpect 1 == 1\nexpect 2 == 2', '2 checks (expect) were met. 2 steps were skipped.', 2],
    ['echo a\nexit pass "as wanted."', 'as wanted. 1 step was skipped.', 1],
    ['echo a\nexpect 1 == 1', 'The check (expect) was met. 1 step was skipped.', 1],
    ['echo a\necho PASS', 'The scenario said PASS. 1 step was skipped.', 1],
    ['echo a', 'Every step passed.', 0],
  ])('%j: the reason tells what was left out', (text, reason, skips) => {
    const driver = new MachineDriver(text, { startPaused: true }).run();
    for (let count = 0; count < skips; count++) act(driver, 'skip');
    expect(act(driver, 'continue').of('finished')[0]).toMatchObject({ outcome: 'passed', reason });
  });

  test('does nothing at the end', () => {
    const driver = new MachineDriver('echo a', { startPaused: true }).run();
    act(driver, 'skip');
    act(driver, 'skip');
    expect(driver.states()).toEqual(['skipped']);
    expect(act(driver, 'continue').outcome()).toBe('passed');
  });
});

describe('goto and set-variable', () => {
  test('moves to the first statement at or after the line, and stays paused', () => {
    const driver = new MachineDriver('echo a\necho b\n# c\nlabel l\necho d', { startPaused: true }).run();
    driver.operate({ kind: 'goto', line: 2 });
    expect(driver.state.status).toBe('paused');
    driver.operate({ kind: 'goto', line: 99 });
    driver.operate({ kind: 'goto', line: Number.NaN });
    expect(act(driver, 'continue').echoes()).toEqual(['d']);
  });

  test('is ignored while the run is not paused', () => {
    const driver = new MachineDriver('wait Engine.x == 1\necho a').run();
    driver.operate({ kind: 'goto', line: 1 });
    expect(driver.state.status).toBe('busy');
    expect(driver.echoes()).toEqual([]);
  });

  test('sets variables at any time, in a called scenario its parameter', () => {
    const inner = '---\nparameters:\n  x: 1\n---\nwait Engine.y == 1\necho #{x}';
    const driver = new MachineDriver(programOf({ main: 'call inner\necho #{x}', inner }), { variables: { x: 'outer' } }).run();
    driver.operate({ kind: 'set-variable', name: 'x', value: '2' });
    driver.change('Engine.y', 1);
    expect(driver.settle().echoes()).toEqual(['2', 'outer']);
  });
});

describe('stop', () => {
  test('gives the running step up and keeps the promises', () => {
    const driver = new MachineDriver('defer undo 1\ndefer undo 2\non event x goto out\nload\nlabel out');
    driver.commands['load'] = 'never';
    act(driver.run(), 'stop');
    expect(driver.executed()).toEqual(['load', 'undo 2', 'undo 1']);
    expect(driver.of('cancel').length).toBe(1);
    expect(driver.outcome()).toBe('stopped');
    expect(driver.openReferences()).toEqual([]);
  });

  test('twice leaves out what has not started', () => {
    const driver = new MachineDriver('defer undo 1\ndefer undo 2\ndefer undo 3\nwait Engine.x == 1');
    driver.commands['undo'] = 'never';
    act(driver.run(), 'stop');
    expect(driver.executed()).toEqual(['undo 3']);
    act(driver, 'stop');
    expect(driver.state.status).toBe('busy');
    act(driver, 'skip');
    expect(driver.executed()).toEqual(['undo 3']);
    expect(driver.states().slice(-3)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(driver.outcome()).toBe('stopped');
  });

  test('ends a run that has not begun', () => {
    const driver = new MachineDriver('echo a');
    act(driver, 'stop');
    expect(driver.outcome()).toBe('stopped');
    expect(driver.run().trace()).toEqual([]);
  });

  test('once in the deferred phase stops nothing: the statements are over', () => {
    const driver = new MachineDriver('defer undo 1\ndefer undo 2');
    driver.commands['undo'] = 'never';
    act(driver.run(), 'stop');
    act(driver, 'skip');
    act(driver, 'skip');
    expect(driver.executed()).toEqual(['undo 2', 'undo 1']);
    expect(driver.outcome()).toBe('stopped');
  });
});

describe('deferred commands', () => {
  test('run in reverse order, as steps of their own phase that name their promise', () => {
    const driver = new MachineDriver('set x = 1\ndefer undo #{x}\nset x = 2\nrepeat 2\ndefer undo #{x}\nend\necho done').run();
    expect(driver.executed()).toEqual(['undo 2', 'undo 2', 'undo 1']);
    const steps = driver.of('step-started').filter(({ step }) => step.phase === 'deferred');
    expect(steps.map(({ step }) => [step.number, step.text, step.deferred])).toEqual([
      [4, 'defer undo #{x}', 3],
      [4, 'defer undo #{x}', 2],
      [1, 'defer undo #{x}', 1],
    ]);
    expect(driver.of('deferred').map(({ identifier, words }) => [identifier, words])).toEqual([
      [1, ['undo', '1']],
      [2, ['undo', '2']],
      [3, ['undo', '2']],
    ]);
    expect(driver.of('execute').every(({ deferred }) => deferred)).toBe(true);
    expect(driver.outcome()).toBe('passed');
  });

  test.each([
    ['echo PASS', bad, 'error'],
    ['echo FAIL', bad, 'failed'],
    ['exit fail', { refused: 'gone' }, 'failed'],
    ['echo PASS', { refused: 'gone' }, 'error'],
    ['echo PASS', outcome({ status: 'timed out', success: false }), 'error'],
    ['echo PASS', outcome(), 'passed'],
  ] as const)('after %j: one that fails keeps no other from running', (text, answer, expected) => {
    const driver = new MachineDriver(`defer first\ndefer second\n${text}`);
    driver.commands['second'] = answer;
    driver.run();
    expect(driver.executed()).toEqual(['second', 'first']);
    expect(driver.outcome()).toBe(expected);
  });

  test('run after an error under the policy abort', () => {
    const driver = new MachineDriver('defer undo\necho #{nobody}').run();
    expect(driver.executed()).toEqual(['undo']);
    expect(driver.outcome()).toBe('error');
  });

  test('run alone for an interrupted run', () => {
    const program = programOf({ main: '3 defer undo 1\n5 defer undo 2' });
    const owed = [
      { identifier: 4, words: ['undo', '1'], text: 'defer undo 1', scenario: 'main', line: 0 },
      { identifier: 7, words: ['undo', '2'], text: 'defer undo 2', scenario: 'lost', line: 9 },
    ];
    const driver = new MachineDriver(program, {}, startDeferredOnly({ ...defaultOptions, startPaused: true }, owed, 20)).run();
    expect(driver.executed()).toEqual(['undo 2', 'undo 1']);
    expect(driver.of('step-started').map(({ step }) => [step.execution, step.number, step.deferred])).toEqual([
      [21, 9, 7],
      [22, 3, 4],
    ]);
    expect(driver.outcome()).toBe('interrupted');
    const failing = new MachineDriver(program, {}, startDeferredOnly(defaultOptions, owed));
    failing.commands['undo'] = bad;
    expect(failing.run().outcome()).toBe('error');
    expect(new MachineDriver(program, {}, startDeferredOnly(defaultOptions, [])).run().outcome()).toBe('interrupted');
  });
});
