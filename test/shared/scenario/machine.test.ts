/** The deck's scenario, and what every run has in common: verdict, failure policy, budget, timeout. */
import { describe, expect, test } from 'vitest';
import { MachineDriver, outcome, programOf } from './machine-driver.ts';
import { deckScenario } from './scenario-samples.ts';

const forms = {
  'with numbers': deckScenario,
  'without numbers': deckScenario.replaceAll(/^[0-9] /gm, ''),
  'with typographic quotes': deckScenario.replace("'PASS'", '‘PASS’'),
  'with comments and blank lines': deckScenario.replaceAll(/^[0-9] /gm, '# a comment\n\n'),
};

describe.each(Object.entries(forms))("the deck's scenario %s", (_form, text) => {
  test('shows steps 0 1 2 3 8 when the smoke test passes', () => {
    const driver = new MachineDriver(text);
    driver.commands['exec_smoke'] = outcome({ result: 'PASS' });
    driver.run();
    expect(driver.trace()).toEqual([0, 1, 2, 3, 8]);
    expect(driver.outcome()).toBe('passed');
    expect(driver.executed()).toEqual(['start_load', 'kill -9 MatchingEnginePrimary', 'exec_smoke']);
    expect(driver.echoes()).toEqual(['PASS']);
  });

  test('shows steps 0 1 2 3 4 5 6 when the smoke test fails', () => {
    const driver = new MachineDriver(text);
    driver.commands['exec_smoke'] = outcome({ result: 'FAIL', exitStatus: 1, success: false });
    driver.run();
    expect(driver.trace()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(driver.outcome()).toBe('failed');
    expect(driver.executed()).toEqual(['start_load', 'kill -9 MatchingEnginePrimary', 'exec_smoke', 'stop_load']);
    expect(driver.steps()[3]).toBe("3 if 'PASS' == #{smoke_status} then goto pass: passed");
  });
});

describe('the verdict', () => {
  const outcomeOf = (text: string, failurePolicy: 'abort' | 'continue' = 'continue') => {
    const driver = new MachineDriver(text, { failurePolicy });
    driver.commands['bad'] = outcome({ exitStatus: 2, success: false });
    driver.commands['unknown'] = { refused: 'No daemon offers it.' };
    driver.commands['slow'] = outcome({ status: 'timed out', success: false, exitStatus: null });
    return driver.run().outcome();
  };

  test.each([
    ['nothing decides', 'good', 'passed'],
    ['an empty scenario', '', 'passed'],
    ['the last echo counts', 'echo FAIL\necho PASS', 'passed'],
    ['echo FAIL', 'echo PASS\necho FAIL', 'failed'],
    ['other echoes do not count', 'echo FAILED', 'passed'],
    ['a met check decides before an echo', 'expect 1 == 1\necho FAIL', 'passed'],
    ['a failed check', 'expect 1 == 2\necho PASS', 'failed'],
    ['a failed check and exit pass', 'expect 1 == 2\nexit pass', 'failed'],
    ['exit pass before an echo', 'echo FAIL\nexit pass', 'passed'],
    ['exit fail', 'expect 1 == 1\nexit fail no luck', 'failed'],
    ['a failed command', 'bad', 'failed'],
    ['a failed command and exit pass', 'bad\nexit pass', 'failed'],
    ['a timed-out command', 'slow', 'failed'],
    ['a refused command', 'unknown', 'error'],
    ['an unknown variable', 'echo #{nobody}', 'error'],
    ['a failed check before an error', 'expect 1 == 2\nunknown', 'failed'],
  ])('%s', (_what, text, expected) => {
    expect(outcomeOf(text)).toBe(expected);
  });

  test('ends at the first failure under the policy abort', () => {
    const driver = new MachineDriver('bad\necho PASS', { failurePolicy: 'abort' });
    driver.commands['bad'] = outcome({ exitStatus: 2, success: false });
    driver.run();
    expect(driver.outcome()).toBe('failed');
    expect(driver.echoes()).toEqual([]);
    expect(driver.of('finished')[0]?.reason).toBe('Step 0 of main (bad): The command ended with exit status 2.');
  });

  test('is an error when a step is in error under the policy abort', () => {
    expect(outcomeOf('unknown\necho PASS', 'abort')).toBe('error');
  });

  test('gives the reason of exit', () => {
    const driver = new MachineDriver('set who = me\nexit fail because of #{who}').run();
    expect(driver.of('finished')).toEqual([{ kind: 'finished', outcome: 'failed', reason: 'because of me' }]);
  });
});

describe('bounds', () => {
  test('ends an endless loop when the step budget is used up, and still keeps its promises', () => {
    const driver = new MachineDriver('defer undo\nlabel again\ngoto again', { stepBudget: 50 }).run();
    expect(driver.outcome()).toBe('error');
    expect(driver.of('finished')[0]?.reason).toContain('50 steps');
    expect(driver.executed()).toEqual(['undo']);
    expect(driver.of('step-started').length).toBe(51);
  });

  test('ends a run that takes longer than its timeout', () => {
    const driver = new MachineDriver('---\ntimeout: 2s\n---\ndefer undo\nwait 10s\necho PASS').run();
    expect(driver.outcome()).toBe('error');
    expect(driver.states()).toEqual(['passed', 'skipped', 'passed']);
    expect(driver.executed()).toEqual(['undo']);
    expect(driver.time).toBe(2_000);
    expect(driver.openReferences()).toEqual([]);
  });

  test('does not count the time in which it is paused', () => {
    const driver = new MachineDriver('---\ntimeout: 3s\n---\nwait 1s\nwait 1s\nwait 10s', { startPaused: true }).run();
    driver.time += 60_000;
    driver.operate({ kind: 'step' });
    driver.time += 60_000;
    driver.operate({ kind: 'skip' });
    expect(driver.outcome()).toBe(null);
    driver.operate({ kind: 'continue' });
    expect(driver.outcome()).toBe('error');
    // One second of the first wait, two of the last.
    expect(driver.time).toBe(60_000 + 60_000 + 3_000);
    expect(driver.of('hold-timer').length).toBe(2);
    expect(driver.openReferences()).toEqual([]);
  });

  test('counts its time neither at a breakpoint nor on a failed step, and can be stopped there', () => {
    const driver = new MachineDriver('---\ntimeout: 3s\n---\nwait 1s\nbreak_it', {
      failurePolicy: 'pause',
      breakpoints: [{ scenario: 'main', line: 4 }],
    });
    driver.commands['break_it'] = outcome({ success: false, exitStatus: 1 });
    driver.run();
    driver.time += 60_000;
    driver.operate({ kind: 'continue' });
    expect(driver.of('paused').map(({ reason }) => reason)).toEqual(['breakpoint', 'failure']);
    driver.time += 60_000;
    driver.operate({ kind: 'stop' });
    expect(driver.outcome()).toBe('stopped');
    expect(driver.openReferences()).toEqual([]);
  });

  test('leaves no timer behind when it ends in time', () => {
    expect(new MachineDriver('---\ntimeout: 2s\n---\nwait 1s').run().openReferences()).toEqual([]);
  });

  test('ends in error where a parameter has no value', () => {
    const text = '---\nparameters:\n  host:\n---\necho #{host}';
    expect(new MachineDriver(text).run().outcome()).toBe('error');
    expect(new MachineDriver(text, { variables: { host: 'a' } }).run().echoes()).toEqual(['a']);
  });

  test('ends in error without its root scenario', () => {
    const program = { ...programOf({ main: 'echo x' }), root: 'other' };
    expect(new MachineDriver(program).run().outcome()).toBe('error');
  });
});
