/** No check passes by accident: what is no number, and what a failed command left, meets nothing and is told. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { quantityOf } from '#shared/scenario/comparison.ts';
import type { MachineOptions } from '#shared/scenario/machine-contract.ts';
import { MachineDriver, outcome, programOf, type CommandAnswer } from './machine-driver.ts';

const crashed = outcome({ success: false, exitStatus: null, signal: 'SIGSEGV', result: '' });
const failed = (result: string, exitStatus = 1): CommandOutcome => outcome({ success: false, exitStatus, result });

function play(text: string, count: CommandAnswer, options: Partial<MachineOptions> = {}): MachineDriver {
  const driver = new MachineDriver(programOf({ main: text, inner: '---\nparameters:\n  p:\n---\nexpect #{p} < 100' }), {
    failurePolicy: 'continue',
    ...options,
  });
  driver.commands['count'] = count;
  return driver.run();
}

const message = (driver: MachineDriver) => driver.of('step-finished').at(-1)?.message ?? '';

describe('a variable whose command failed', () => {
  test('is compared by order with nothing, and the sentence says why', () => {
    const driver = play('set lost count rows\nexpect #{lost} < 100', crashed);
    expect(driver.states()).toEqual(['passed', 'error']);
    expect(message(driver)).toBe(
      "'lost' (empty) cannot be compared by `<`: it is the result of a command that failed (line 1 of main, `set lost count rows`: the command ended by signal SIGSEGV).",
    );
    expect(driver.outcome()).toBe('error');
  });

  test.each([
    ['expect #{lost} < 100', failed('5'), 'error'],
    ['expect not #{lost} >= 100', failed('5'), 'error'],
    ['expect #{lost} != 5', crashed, 'error'],
    ['expect not #{lost} == 5', crashed, 'error'],
    ['expect #{lost} == 5', crashed, 'failed'],
    ['expect #{lost} == 5', failed('5'), 'error'],
    ['expect #{lost} != 5', failed('3'), 'error'],
    ['expect #{lost} != 0', failed('1', 1), 'passed'],
    ['expect #{lost} == 3', failed('3', 3), 'passed'],
    ['expect #{lost} < 4', failed('3', 3), 'error'],
    ['expect #{lost} == PASS', failed('FAIL'), 'failed'],
    ['expect #{lost} == PASS', crashed, 'failed'],
    ['expect #{lost} != PASS', failed('FAIL'), 'passed'],
    ['expect #{lost} != PASS', crashed, 'error'],
    ['expect not #{lost} == PASS', crashed, 'error'],
    ["expect #{lost} == ''", crashed, 'passed'],
    ['expect not #{lost} contains ERROR', failed('connection refused'), 'error'],
    ['expect #{lost} contains refused', failed('connection refused'), 'passed'],
    ['expect #{lost} == 1 or 1 == 2', crashed, 'failed'],
    ['wait #{lost} < 5 within 5s', crashed, 'error'],
    ['expect #{lost} < 5 for 5s', crashed, 'error'],
    ['if #{lost} < 5 then echo PASS', crashed, 'error'],
    ['repeat #{lost}\nend', failed('1'), 'error'],
    ['on #{lost} < 5 goto out\nlabel out', crashed, 'error'],
  ])('%s with %j: %s', (step, answer, state) => {
    const driver = play(`set lost count\n${step}`, answer);
    expect(driver.states()[1]).toBe(state);
  });

  test.each([
    ['set copy = #{lost}\nexpect #{copy} < 100', ['passed', 'passed', 'error']],
    ["set copy = '#{lost}0'\nexpect #{copy} < 100", ['passed', 'passed', 'error']],
    ['call inner p=#{lost}', ['passed', 'passed', 'error']],
    ['set lost = 7\nexpect #{lost} < 100', ['passed', 'passed', 'passed']],
    ['set other other\nexpect #{lost} < 100', ['passed', 'passed', 'error']],
  ])('is known for it wherever its value goes: %s', (steps, states) => {
    expect(play(`set lost count\n${steps}`, failed('5')).states()).toEqual(states);
  });

  test('counts again when the operator sets it', () => {
    const driver = play('set lost count\nexpect #{lost} < 100', crashed, { breakpoints: [{ scenario: 'main', line: 1 }] });
    driver.operate({ kind: 'set-variable', name: 'lost', value: '7' });
    expect(driver.operate({ kind: 'continue' }).states()).toEqual(['passed', 'passed']);
  });

  test('that it did not end leaves nothing of an earlier result', () => {
    for (const status of ['timed out', 'cancelled', 'failed to start'] as const) {
      const driver = play(
        `set lost = 5\nset lost count\nexpect #{lost} < 100\nexpect #{lost} == 5\nexpect #{lost} != 6`,
        outcome({ status, success: false }),
      );
      expect(driver.states().slice(2)).toEqual(['error', 'failed', 'error']);
      expect(driver.of('variable').at(-1)).toEqual({ kind: 'variable', name: 'lost', value: '' });
    }
    const refused = play('set lost = 5\nset lost count\nexpect #{lost} < 100', { refused: 'Nobody offers it.' });
    expect(refused.states()).toEqual(['passed', 'error', 'error']);
    expect(message(refused)).toContain('nobody offers it');
  });

  test('without an earlier result has none, and says why', () => {
    const driver = play('set lost count\nexpect #{lost} < 100', outcome({ status: 'timed out', success: false }));
    expect(message(driver)).toContain("'lost' has no value: it was to be the result of a command that failed (line 1 of main");
  });

  test('stays as the operator set it where its step is left out', () => {
    const driver = play('set lost count\nexpect #{lost} < 100', outcome(), { breakpoints: [{ scenario: 'main', line: 0 }] });
    driver.operate({ kind: 'set-variable', name: 'lost', value: '7' });
    driver.operate({ kind: 'skip' });
    expect(driver.operate({ kind: 'continue' }).states()).toEqual(['skipped', 'passed']);
  });
});

describe('the smoke test of the deck', () => {
  const deck =
    "start_load\nkill -9 Engine\nset smoke_status exec_smoke\nif 'PASS' == #{smoke_status} then goto pass\necho FAIL\nstop_load\nexit\nlabel pass\necho PASS";
  test.each([
    [failed('FAIL'), [0, 1, 2, 3, 4, 5, 6]],
    [crashed, [0, 1, 2, 3, 4, 5, 6]],
    [outcome({ result: 'PASS' }), [0, 1, 2, 3, 8]],
  ])('%j: %j', (answer, trace) => {
    const driver = new MachineDriver(deck);
    driver.commands['exec_smoke'] = answer;
    expect(driver.run().trace()).toEqual(trace);
  });
});

describe('what is no number', () => {
  test.each([
    ['expect Engine.x < 5 within 5s', 'error'],
    ['wait Engine.x < 5', 'error'],
    ['if Engine.x < 5 then echo a else echo b', 'error'],
    ['expect not Engine.x < 5', 'error'],
  ])('ends the step in error: %s', (step, state) => {
    const driver = new MachineDriver(step, { failurePolicy: 'continue' });
    driver.change('Engine.x', 'READY');
    driver.run();
    expect(driver.states()).toEqual([state]);
    expect(driver.of('condition').filter(({ state: told }) => told !== 'pending')).toEqual([]);
    expect(driver.openReferences()).toEqual([]);
  });

  test('ends a wait when it comes; a value that is not there yet is waited for', () => {
    const driver = new MachineDriver('wait Engine.x < 5 within 30s', { failurePolicy: 'continue' });
    driver.after(2_000, () => driver.change('Engine.x', 'READY'));
    expect(driver.run().states()).toEqual(['error']);
    expect(driver.time).toBe(2_000);
    expect(driver.openReferences()).toEqual([]);
  });

  test.each([
    ['1e3', 'passed'],
    [' 2.0', 'passed'],
    ['2.5', 'error'],
    ['', 'error'],
    ['three', 'error'],
    ['3s', 'error'],
    ['1e9', 'error'],
    ['-1', 'error'],
  ])('repeat #{n} with %j: %s', (n, state) => {
    expect(new MachineDriver('repeat #{n}\nend', { variables: { n }, failurePolicy: 'continue', stepBudget: 5 }).run().states()[0]).toBe(
      state,
    );
  });

  test('repeat 1e3 goes round a thousand times', () => {
    expect(new MachineDriver('repeat 1e1\nset n = #{n}x\nend\necho #{n}', { variables: { n: '' } }).run().echoes()).toEqual(['xxxxxxxxxx']);
  });

  test('stops at a breakpoint that cannot be decided', () => {
    const breakpoints = [{ scenario: 'main', line: 1, condition: '#{n} < 5' }];
    const driver = new MachineDriver('set n = abc\necho a', { breakpoints }).run();
    expect(driver.state.status).toBe('paused');
    expect(driver.of('paused').at(-1)?.message).toContain("cannot be decided: 'n' (abc) is no number");
  });
});

describe('a reaction that cannot be decided', () => {
  test('ends the step that runs in error, and is out of force', () => {
    const driver = new MachineDriver('on Engine.x > 5 goto out\nwait 10s\necho on\nlabel out', { failurePolicy: 'continue' });
    driver.change('Engine.x', 1);
    driver.after(3_000, () => driver.change('Engine.x', 'READY'));
    driver.after(4_000, () => driver.change('Engine.x', 9));
    driver.run();
    expect(driver.states()).toEqual(['passed', 'error', 'passed']);
    expect(driver.of('step-finished')[1]?.message).toContain(
      "The reaction `on Engine.x > 5 goto out` cannot be decided: 'Engine.x' (READY) is no number",
    );
    expect(driver.of('handler-fired')).toEqual([]);
    expect(driver.openReferences()).toEqual([]);
    expect(driver.outcome()).toBe('error');
  });

  test('ends the next step where none runs, and the run where none comes', () => {
    const next = new MachineDriver('set n = 1\non #{n} > 5 goto out\nset n = abc\necho a\necho b\nlabel out', {
      failurePolicy: 'continue',
    }).run();
    expect(next.states()).toEqual(['passed', 'passed', 'passed', 'error', 'passed']);
    const last = new MachineDriver('set n = 1\non #{n} > 5 goto out\nlabel out\nset n = abc', { failurePolicy: 'continue' }).run();
    expect(last.states()).toEqual(['passed', 'passed', 'passed']);
    expect(last.outcome()).toBe('error');
  });
});

describe('whatever the text and wherever it is compared', () => {
  const word = fc
    .oneof(fc.string({ maxLength: 12 }), fc.constantFrom('', 'READY', '1,000', '0x10', '1e', 'NaN', '-Infinity', '5 MB', '5mb', '1.2.3'))
    .filter((text) => quantityOf(text) === null);
  const operator = fc.constantFrom('<', '<=', '>', '>=');
  const shape = fc.constantFrom('%', 'not %', '(% or 1 == 1)', 'not (% and 1 == 2)', '1 == 1 and not not %', '1 == 1 or %');
  const statement = fc.constantFrom(
    'expect %',
    'expect % within 5s',
    'expect % for 5s',
    'expect % within 5s for 5s',
    'wait %',
    'wait % within 5s',
    'if % then echo PASS',
    'if % then exit pass else exit pass',
    'on % goto out\nwait 5s\nlabel out',
  );
  const comparison = fc.constantFrom('#{x} ? 5', '500MB ? #{x}', '#{x} ? #{y}', 'Engine.x ? 1e3', '1e3 ? Engine.x', '#{x} ? Engine.y');

  test('no comparison by order with what is no number is met, in any form: the run is an error', () => {
    fc.assert(
      fc.property(word, word, operator, shape, statement, comparison, (x, y, sign, form, step, compared) => {
        const text = step.replace('%', form.replace('%', compared.replace('?', sign)));
        const driver = new MachineDriver(text, { variables: { x, y }, failurePolicy: 'continue' });
        driver.change('Engine.x', x);
        driver.run();
        expect(driver.of('condition').filter(({ state }) => state !== 'pending')).toEqual([]);
        expect(driver.outcome()).toBe('error');
        expect(driver.echoes()).toEqual([]);
        expect(driver.openReferences()).toEqual([]);
      }),
      { seed: 20261206, numRuns: 1_500 },
    );
  });
});
