/** `wait`, `expect`, `on` and `off`: conditions and events. */
import { describe, expect, test } from 'vitest';
import { eventMatches } from '#shared/scenario/machine.ts';
import { MachineDriver, programOf } from './machine-driver.ts';

const driverOf = (text: string, options: ConstructorParameters<typeof MachineDriver>[1] = {}) => new MachineDriver(text, options);

describe('wait for a condition', () => {
  test('ends when the condition becomes true', () => {
    const driver = driverOf('wait Engine.STATE == READY within 30s');
    driver.change('Engine.STATE', 'STARTING');
    driver.after(4_000, () => driver.change('Engine.STATE', 'READY'));
    driver.run();
    expect(driver.states()).toEqual(['passed']);
    expect(driver.time).toBe(4_000);
    expect(driver.openReferences()).toEqual([]);
    expect(driver.of('condition').map(({ state, values }) => [state, values])).toEqual([
      ['pending', {}],
      ['met', { 'Engine.STATE': 'READY' }],
    ]);
  });

  test('times out, which fails the run', () => {
    const driver = driverOf('wait Engine.STATE == READY within 30s').run();
    expect(driver.of('step-finished')[0]).toMatchObject({
      state: 'timed out',
      message: 'The condition did not become true within 30 s: Engine.STATE has no value.',
    });
    expect(driver.outcome()).toBe('failed');
    expect(driver.openReferences()).toEqual([]);
    expect(driver.of('condition').at(-1)?.state).toBe('not met');
  });

  test('waits for ever without a limit', () => {
    const driver = driverOf('wait Engine.STATE == READY').run();
    expect(driver.state.status).toBe('busy');
    driver.change('Engine.STATE', 'READY');
    expect(driver.settle().outcome()).toBe('passed');
  });

  test('looks again when a variable changes', () => {
    const driver = driverOf('wait #{go} == yes', { variables: { go: 'no' } }).run();
    expect(driver.state.status).toBe('busy');
    expect(driver.operate({ kind: 'set-variable', name: 'go', value: 'yes' }).outcome()).toBe('passed');
  });

  test('ignores answers to what it no longer awaits', () => {
    const driver = driverOf('wait Engine.STATE == READY within 1s\necho x', { failurePolicy: 'continue' }).run();
    const before = driver.state;
    driver.feed({ kind: 'readings', reference: 1, values: { 'Engine.STATE': 'READY' } });
    driver.feed({ kind: 'timer', reference: 2 });
    expect(driver.state).toEqual(before);
  });
});

describe('wait for an event', () => {
  test('sees one that came right after the command', () => {
    const driver = driverOf('kill -9 Engine\nwait crash of Engine within 5s');
    driver.commands['kill'] = () => {
      driver.emit({ name: 'crash', severity: 'error', component: 'Engine' });
      return { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1 };
    };
    driver.run();
    expect(driver.states()).toEqual(['passed', 'passed']);
    expect(driver.of('listen')).toMatchObject([{ since: 1, trigger: { event: 'crash', component: 'Engine' } }]);
    expect(driver.time).toBe(0);
  });

  test('does not see one that came before the command', () => {
    const driver = driverOf('echo a\ngo\nwait event failover within 5s', { failurePolicy: 'continue' });
    driver.emit({ name: 'failover' });
    expect(driver.run().states()).toEqual(['passed', 'passed', 'timed out']);
  });

  test('tells errors, events and components apart', () => {
    const event = { name: 'failover', severity: 'error', component: 'A', text: '' } as const;
    expect(eventMatches({ event: 'error', component: null }, event)).toBe(true);
    expect(eventMatches({ event: 'error', component: 'B' }, event)).toBe(false);
    expect(eventMatches({ event: 'failover', component: 'A' }, event)).toBe(true);
    expect(eventMatches({ event: 'crash', component: null }, event)).toBe(false);
    expect(eventMatches({ event: 'error', component: null }, { ...event, severity: 'warning' })).toBe(false);
  });
});

describe('expect', () => {
  test('reads once', () => {
    const driver = driverOf('expect Engine.rss < 500MB\nexpect Engine.rss > 500MB', { failurePolicy: 'continue' });
    driver.change('Engine.rss', 400_000_000);
    driver.run();
    expect(driver.states()).toEqual(['passed', 'failed']);
    expect(driver.of('read').length).toBe(2);
    expect(driver.of('watch')).toEqual([]);
    expect(driver.of('step-finished')[1]?.message).toBe('The condition is not met: Engine.rss = 400000000.');
    expect(driver.outcome()).toBe('failed');
  });

  test('within: must become true in time', () => {
    const driver = driverOf('expect Engine.x == 1 within 5s\nexpect Engine.x == 2 within 5s', { failurePolicy: 'continue' });
    driver.after(2_000, () => driver.change('Engine.x', 1));
    driver.run();
    expect(driver.states()).toEqual(['passed', 'failed']);
    expect(driver.time).toBe(7_000);
  });

  test('for: must hold from the start to the end', () => {
    const holds = driverOf('expect Engine.x < 5 for 10s');
    holds.change('Engine.x', 1);
    holds.after(3_000, () => holds.change('Engine.x', 4));
    expect(holds.run().states()).toEqual(['passed']);
    expect(holds.time).toBe(10_000);
    expect(holds.openReferences()).toEqual([]);

    const breaks = driverOf('expect Engine.x < 5 for 10s');
    breaks.change('Engine.x', 1);
    breaks.after(3_000, () => breaks.change('Engine.x', 6));
    expect(breaks.run().of('step-finished')[0]).toMatchObject({ state: 'failed', message: 'The condition did not hold: Engine.x = 6.' });
    expect(breaks.openReferences()).toEqual([]);

    const never = driverOf('expect Engine.x < 5 for 10s');
    never.change('Engine.x', 6);
    expect(never.run().states()).toEqual(['failed']);
    expect(never.time).toBe(0);
  });

  test('within and for: must become true in time, then hold', () => {
    const driver = driverOf('expect Engine.x < 5 within 5s for 10s');
    driver.change('Engine.x', 9);
    driver.after(4_000, () => driver.change('Engine.x', 1));
    expect(driver.run().states()).toEqual(['passed']);
    expect(driver.time).toBe(14_000);

    const late = driverOf('expect Engine.x < 5 within 5s for 10s');
    late.change('Engine.x', 9);
    expect(late.run().states()).toEqual(['failed']);
    expect(late.time).toBe(5_000);
  });

  test('a missing value meets nothing, and while it holds breaks it', () => {
    const driver = driverOf('expect Engine.x != 1\nexpect not Engine.x == 1\nexpect Engine.x < 5 for 10s', { failurePolicy: 'continue' });
    expect(driver.run().states()).toEqual(['failed', 'failed', 'failed']);
  });

  test('an event without a limit: must have happened since the last command', () => {
    const driver = driverOf('go\nexpect event done\nexpect event other', { failurePolicy: 'continue' });
    driver.commands['go'] = () => {
      driver.emit({ name: 'done' });
      return { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1 };
    };
    expect(driver.run().states()).toEqual(['passed', 'passed', 'failed']);
    expect(driver.time).toBe(0);
  });

  test('a bad pattern is an error of the step, also while there is no value', () => {
    const [finished] = driverOf("expect Engine.x matches '('").run().of('step-finished');
    expect(finished?.state).toBe('error');
    expect(finished?.message).toContain("The pattern '(' cannot be used");
  });
});

describe('on', () => {
  const lost = 'on crash of Engine goto lost\nwait 10s\nexit pass\nlabel lost\necho it is gone';

  test('gives up the running step and goes to its label', () => {
    const driver = driverOf(lost);
    driver.after(3_000, () => driver.emit({ name: 'crash', component: 'Engine' }));
    driver.run();
    expect(driver.trace()).toEqual([0, 1, 4]);
    expect(driver.states()).toEqual(['passed', 'skipped', 'passed']);
    expect(driver.of('handler-fired')).toEqual([{ kind: 'handler-fired', condition: 'main:0', label: 'lost' }]);
    expect(driver.time).toBe(3_000);
    expect(driver.openReferences()).toEqual([]);
  });

  test('cancels the command that runs', () => {
    const driver = driverOf('on event stop goto out\nload\nlabel out');
    driver.commands['load'] = 'never';
    driver.after(1_000, () => driver.emit({ name: 'stop' }));
    driver.run();
    expect(driver.of('cancel')).toEqual([{ kind: 'cancel', reference: driver.of('execute')[0]?.reference }]);
    expect(driver.outcome()).toBe('passed');
  });

  test('hears only what comes after it, and does nothing when nothing happens', () => {
    const driver = driverOf(lost);
    driver.emit({ name: 'crash', component: 'Engine' });
    expect(driver.run().trace()).toEqual([0, 1, 2]);
    expect(driver.openReferences()).toEqual([]);
  });

  test('fires once for each time its condition becomes true', () => {
    const driver = driverOf('set n = 0\non Engine.x > 5 goto high\nlabel again\nwait 100s\nexit\nlabel high\nset n = #{n}1\ngoto again');
    driver.change('Engine.x', 1);
    for (const [at, value] of [
      [10, 6],
      [20, 7],
      [30, 2],
      [40, 9],
    ] as const)
      driver.after(at, () => driver.change('Engine.x', value));
    driver.run();
    expect(driver.state.variables['n']).toBe('011');
    expect(
      driver
        .of('condition')
        .filter(({ form }) => form === 'on')
        .map(({ state }) => state),
    ).toEqual(['pending', 'met', 'not met', 'met']);
  });

  test('stays in force, unfired, where control comes to it again', () => {
    const driver = driverOf('label again\non Engine.x > 5 goto again\nwait 10s', { stepBudget: 20 });
    driver.change('Engine.x', 9);
    driver.run();
    expect(driver.of('handler-fired').length).toBe(1);
    expect(driver.outcome()).toBe('passed');
  });

  test('sees variables too', () => {
    const driver = driverOf('set n = 0\non #{n} >= 3 goto out\nlabel again\nset n = #{n}1\ngoto again\nlabel out\necho #{n}');
    expect(driver.run().echoes()).toEqual(['011']);
  });

  test('leaves the scenarios that were called since', () => {
    const program = programOf({
      main: 'on event stop goto out\ncall a\necho never\nlabel out\necho out',
      a: 'call b',
      b: 'on event other goto mine\nwait 10s\nlabel mine',
    });
    const driver = new MachineDriver(program);
    driver.after(1_000, () => driver.emit({ name: 'stop' }));
    driver.run();
    expect(driver.echoes()).toEqual(['out']);
    expect(driver.openReferences()).toEqual([]);
  });

  test('ends with the called scenario that registered it', () => {
    const program = programOf({ main: 'call a\nwait 10s', a: 'on event stop goto out\nlabel out' });
    const driver = new MachineDriver(program);
    driver.after(1_000, () => driver.emit({ name: 'stop' }));
    driver.run();
    expect(driver.of('handler-fired')).toEqual([]);
    expect(driver.time).toBe(10_000);
  });

  test.each([
    ['off', 0],
    ['off event stop', 0],
    ['off event stop from A', 1],
  ])('%s removes it or not', (off, fired) => {
    const driver = driverOf(`on event stop goto out\n${off}\nwait 10s\nlabel out`);
    driver.after(1_000, () => driver.emit({ name: 'stop', component: 'A' }));
    expect(driver.run().of('handler-fired').length).toBe(fired);
    expect(driver.openReferences()).toEqual([]);
  });

  test.each([
    ['off Engine.x > 1000ms', 0],
    ['off Engine.x > 1e0s', 0],
    ['off Engine.x > 1001ms', 1],
  ])('%s removes it whatever the form of its number', (off, fired) => {
    const driver = driverOf(`on Engine.x > 1s goto out\n${off}\nwait 10s\nlabel out`);
    driver.change('Engine.x', 1);
    driver.after(1_000, () => driver.change('Engine.x', 5_000));
    expect(driver.run().of('handler-fired').length).toBe(fired);
  });

  test('that fires during a pause is taken when the run goes on', () => {
    const driver = driverOf('on event stop goto out\necho a\necho b\nlabel out\necho c', {
      breakpoints: [{ scenario: 'main', line: 1 }],
    }).run();
    expect(driver.state.status).toBe('paused');
    driver.emit({ name: 'stop' });
    driver.settle();
    expect(driver.state.status).toBe('paused');
    expect(driver.operate({ kind: 'continue' }).echoes()).toEqual(['c']);
  });

  test('does not interrupt the undo commands', () => {
    const driver = driverOf('defer undo\non event stop goto out\necho a\nlabel out');
    driver.commands['undo'] = () => {
      driver.emit({ name: 'stop' });
      return { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1 };
    };
    expect(driver.run().outcome()).toBe('passed');
  });
});

test('several checks that were not met are counted within the sentence of the verdict', () => {
  const driver = driverOf('expect 1 == 2\nexpect 1 == 3', { failurePolicy: 'continue' }).run();
  expect(driver.of('finished')[0]?.reason).toMatch(/: The condition is not met \(2 checks in all\)\.$/);
});
