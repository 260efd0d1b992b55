/** Breakpoints with conditions and numbers of times, on the machine itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, startMachine } from '#shared/scenario/machine.ts';
import type { Breakpoint, MachineOptions } from '#shared/scenario/machine-contract.ts';
import { defaultOptions, MachineDriver, programOf } from './machine-driver.ts';

const at = (line: number, more: Partial<Breakpoint> = {}): Breakpoint => ({ scenario: 'main', line, ...more });
const pauses = (driver: MachineDriver) => driver.of('paused').map(({ reason, message }) => [reason, message] as const);
const messages = (driver: MachineDriver) => driver.of('paused').map(({ message }) => message);
const go = (driver: MachineDriver) => driver.operate({ kind: 'continue' });
const runWith = (text: string, breakpoints: readonly Breakpoint[], options: Partial<MachineOptions> = {}) =>
  new MachineDriver(text, { ...options, breakpoints });

describe('a condition', () => {
  const text = 'set status = PASS\necho a\nset status = FAIL\necho b';

  test('on variables stops only where it is met, and says what it was decided on', () => {
    const driver = runWith(text, [at(1, { condition: '#{status} == FAIL' }), at(3, { condition: '#{status} == FAIL' })]).run();
    expect(driver.echoes()).toEqual(['a']);
    expect(pauses(driver)).toEqual([['breakpoint', 'The condition of the breakpoint is met: status = FAIL.']]);
    expect(go(driver).outcome()).toBe('passed');
  });

  test('on readings is decided on what they are when control comes to the line', () => {
    const driver = runWith('echo a\nwait 2s\necho b', [
      at(0, { condition: 'Engine.rss > 500MB' }),
      at(2, { condition: 'Engine.rss > 500MB' }),
    ]);
    driver.change('Engine.rss', 100e6);
    driver.after(1_000, () => driver.change('Engine.rss', 600e6));
    driver.run();
    expect(driver.echoes()).toEqual(['a']);
    expect(messages(driver)).toEqual(['The condition of the breakpoint is met: Engine.rss = 600000000.']);
    expect(go(driver).echoes()).toEqual(['a', 'b']);
  });

  test('on a reading without a value is not met', () => {
    expect(
      runWith('echo a', [at(0, { condition: 'Engine.rss > 500MB' })])
        .run()
        .outcome(),
    ).toBe('passed');
  });

  test('that cannot be decided stops, and says why', () => {
    const unknown = runWith('echo a', [at(0, { condition: '#{nobody} == 1' })]).run();
    expect(messages(unknown)[0]).toMatch(
      /^The condition of the breakpoint \(#\{nobody\} == 1\) cannot be decided: The variable 'nobody' has no value/,
    );
    const pattern = runWith('echo a', [at(0, { condition: "x matches '('" })]).run();
    expect(messages(pattern)[0]).toContain('cannot be used');
    const nonsense = runWith('echo a', [at(0, { condition: 'what is this', hits: 7 })]).run();
    expect(messages(nonsense)[0]).toContain('cannot be decided');
    for (const driver of [unknown, pattern, nonsense]) expect(go(driver).outcome()).toBe('passed');
  });

  test('that depends on what a dry run does not know stops and says so', () => {
    const driver = runWith('set x go\necho a\necho b', [at(1, { condition: 'Engine.rss > 1' }), at(2, { condition: '#{x} == 1' })], {
      unknownText: '?unknown?',
    });
    driver.commands['go'] = { status: 'completed', exitStatus: 0, signal: null, success: true, result: '?unknown?', duration: 1 };
    driver.run();
    expect(messages(driver)[0]).toContain('A dry run does not know Engine.rss.');
    expect(messages(go(driver))[1]).toContain('A dry run does not know x.');
    expect(driver.of('read').length).toBe(0);
  });

  test('in a called scenario sees its parameters', () => {
    const program = programOf({ main: 'call inner p=1\ncall inner p=2', inner: '---\nparameters:\n  p:\n---\necho #{p}' });
    const driver = new MachineDriver(program, { breakpoints: [{ scenario: 'inner', line: 4, condition: '#{p} == 2' }] }).run();
    expect(driver.echoes()).toEqual(['1']);
    expect(go(driver).echoes()).toEqual(['1', '2']);
  });
});

describe('while the readings of a condition are awaited', () => {
  const program = programOf({ main: 'echo a\nlabel there\necho b' });
  const awaiting = () => {
    let { state } = advance(program, startMachine(program, { ...defaultOptions, breakpoints: [at(0, { condition: 'Engine.rss > 1' })] }), {
      kind: 'begin',
    });
    const begun = advance(program, state, { kind: 'proceed' });
    state = begun.state;
    const [read] = begun.effects;
    if (read?.kind !== 'read') throw new Error('nothing was read');
    expect(state.status).toBe('busy');
    return { state, reference: read.reference };
  };
  const met = { 'Engine.rss': 5 };

  test('a pause comes before the decision', () => {
    const { state, reference } = awaiting();
    const asked = advance(program, state, { kind: 'operator', input: { kind: 'pause' } });
    const told = advance(program, asked.state, { kind: 'readings', reference, values: met });
    expect(told.effects).toMatchObject([{ kind: 'paused', reason: 'operator' }]);
  });

  test('a stop ends the run', () => {
    const { state, reference } = awaiting();
    const stopped = advance(program, state, { kind: 'operator', input: { kind: 'stop' } });
    expect(stopped.state.status).toBe('finished');
    expect(advance(program, stopped.state, { kind: 'readings', reference, values: met }).effects).toEqual([]);
  });

  test('other breakpoints are decided anew', () => {
    const { state, reference } = awaiting();
    const changed = advance(program, state, { kind: 'operator', input: { kind: 'set-breakpoints', breakpoints: [] } });
    expect(changed.state.status).toBe('ready');
    expect(advance(program, changed.state, { kind: 'readings', reference, values: met }).effects).toEqual([]);
    expect(advance(program, changed.state, { kind: 'proceed' }).effects).toMatchObject([
      { kind: 'step-started' },
      { kind: 'echo', text: 'a' },
      { kind: 'step-finished' },
    ]);
  });

  test('a handler that fires takes control away', () => {
    const text = 'on Engine.rss > 9 goto there\necho a\nlabel there\necho b';
    const driver = runWith(text, [at(1, { condition: 'Engine.rss > 1' })]);
    driver.change('Engine.rss', 0);
    driver.feed({ kind: 'begin' });
    driver.feed({ kind: 'proceed' });
    driver.settle();
    expect(driver.echoes()).toEqual(['a', 'b']);
  });
});

describe('a number of times', () => {
  test('stops from the n-th time on that control comes to the line', () => {
    const driver = runWith('repeat 4\necho x\nend', [at(1, { hits: 3 })]).run();
    expect(driver.echoes().length).toBe(2);
    expect(messages(driver)).toEqual(['This line was reached 3 times.']);
    expect(go(driver).echoes().length).toBe(3);
    expect(messages(driver)).toEqual(['This line was reached 3 times.', 'This line was reached 4 times.']);
    expect(go(driver).outcome()).toBe('passed');
  });

  test('counts only where the condition is met', () => {
    const text = "set n = ''\nrepeat 5\nset n = '#{n}i'\necho #{n}\nend";
    const driver = runWith(text, [at(3, { condition: "#{n} contains 'ii'", hits: 2 })]).run();
    expect(driver.echoes()).toEqual(['i', 'ii']);
    expect(messages(driver)).toEqual(['The condition of the breakpoint is met: n = iii. This line was reached 2 times.']);
  });

  test('counts where the run is stepped through it, and not again where a step is retried', () => {
    const driver = runWith('repeat 3\necho x\nend', [at(1, { hits: 2 })], { startPaused: true }).run();
    driver.operate({ kind: 'step' });
    driver.operate({ kind: 'step' });
    expect(driver.echoes().length).toBe(1);
    expect(go(driver).echoes().length).toBe(1);
    expect(messages(driver).at(-1)).toBe('This line was reached 2 times.');
    const failing = runWith('bad\necho a', [at(0, { hits: 2 })], { failurePolicy: 'pause' });
    failing.commands['bad'] = { refused: 'no' };
    failing.run().operate({ kind: 'retry' });
    expect(failing.state.breakpoints[0]?.reached).toBe(1);
  });

  test('is kept for breakpoints that are set again, and begins anew for those that were changed', () => {
    const driver = runWith('echo a\nrepeat 3\necho x\nend', [at(2, { hits: 2 })], { startPaused: true }).run();
    for (let count = 0; count < 3; count += 1) driver.operate({ kind: 'step' });
    expect(driver.state.breakpoints[0]?.reached).toBe(1);
    driver.operate({ kind: 'set-breakpoints', breakpoints: [at(0), at(2, { hits: 2 })] });
    expect(driver.state.breakpoints.map(({ reached }) => reached)).toEqual([0, 1]);
    driver.operate({ kind: 'set-breakpoints', breakpoints: [at(2, { hits: 3 })] });
    expect(driver.state.breakpoints.map(({ reached }) => reached)).toEqual([0]);
  });

  test('stops exactly as often as the loop goes round from the n-th time on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 15 }), fc.boolean(), (rounds, hits, conditional) => {
        const breakpoint = at(1, { hits, ...(conditional && { condition: 'Engine.rss > 1' }) });
        const driver = runWith(`repeat ${rounds}\necho x\nend`, [breakpoint]);
        driver.change('Engine.rss', 2);
        driver.run();
        const stopped: number[] = [];
        while (driver.state.status === 'paused') {
          stopped.push(driver.echoes().length + 1);
          go(driver);
        }
        expect(stopped).toEqual(Array.from({ length: Math.max(0, rounds - hits + 1) }, (_, index) => hits + index));
        expect(driver.outcome()).toBe('passed');
      }),
      { seed: 20261123, numRuns: 150 },
    );
  });
});
