/** Changing a scenario while the machine is paused in it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editProgram, firstEditableLine, type ProgramEdit, type ProgramText } from '#shared/scenario/edit.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import type { MachineInput } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import { advance, startMachine } from '#shared/scenario/machine.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program } from '#shared/scenario/syntax.ts';

type Texts = Readonly<Record<string, string>>;

function programOf(texts: Texts): Program {
  return linkProgram('root', (name) => (texts[name] === undefined ? undefined : parseScenario(name, texts[name]))).program;
}

/** A machine that is driven by hand; scenarios here need nothing from outside. */
class Driven {
  program: Program;
  texts: Texts;
  state: MachineState;
  readonly executed: string[] = [];

  constructor(texts: Texts, breakpoints: { scenario: string; line: number }[] = []) {
    this.texts = texts;
    this.program = programOf(texts);
    this.state = startMachine(this.program, {
      variables: {},
      release: 'rc1',
      uniqueSeed: 'abcd',
      failurePolicy: 'pause',
      stepBudget: 1_000,
      breakpoints,
      startPaused: true,
    });
    this.feed({ kind: 'begin' });
  }

  feed(input: MachineInput): void {
    const { state, effects } = advance(this.program, this.state, input);
    this.state = state;
    for (const effect of effects) if (effect.kind === 'step-started') this.executed.push(`${effect.step.scenario}:${effect.step.text}`);
    if (this.state.status === 'ready') this.feed({ kind: 'proceed' });
  }

  operator(input: Extract<MachineInput, { kind: 'operator' }>['input']): void {
    this.feed({ kind: 'operator', input });
  }

  edit(text: string, scenario = 'root'): ProgramEdit {
    const before: ProgramText = { program: this.program, text: this.texts[scenario] ?? '' };
    const texts = { ...this.texts, [scenario]: text };
    const after: ProgramText = { program: programOf(texts), text };
    const edited = editProgram(this.state, scenario, before, after);
    if (edited.kind === 'edited') {
      this.state = edited.state;
      this.program = after.program;
      this.texts = texts;
    }
    return edited;
  }
}

const lines = (...text: string[]) => `${text.join('\n')}\n`;

describe('of a paused run', () => {
  test('the next step and all after it can be changed, nothing before', () => {
    const run = new Driven({ root: lines('echo 1', '# why', 'echo 2', 'echo 3') });
    run.operator({ kind: 'step' });
    expect(firstEditableLine(run.program, run.state, 'root')).toBe(2);
    expect(run.edit(lines('echo one', '# why', 'echo 2'))).toEqual({
      kind: 'refused',
      message: "Line 1 of 'root' was executed already and cannot be changed; change lines from 3 on.",
    });
    expect(run.edit(lines('echo 1', '# other', 'echo 2')).kind).toBe('refused');
    expect(run.edit(lines('echo 1  ', '# why', 'echo new', 'echo 2'))).toMatchObject({ position: { scenario: 'root', line: 2 } });
    run.operator({ kind: 'continue' });
    expect(run.executed).toEqual(['root:echo 1', 'root:echo new', 'root:echo 2']);
    expect(run.edit('echo late\n').kind).toBe('refused');
  });

  test('the position goes with a comment that is put before the next step', () => {
    const run = new Driven({ root: lines('echo 1', 'echo 2') });
    run.operator({ kind: 'step' });
    expect(run.edit(lines('echo 1', '# now', '', 'echo 2'))).toMatchObject({ position: { line: 3 } });
    run.operator({ kind: 'continue' });
    expect(run.executed).toEqual(['root:echo 1', 'root:echo 2']);
  });

  test('the failed step can be mended and tried again', () => {
    const run = new Driven({ root: lines('echo 1', 'expect 1 == 2', 'echo 3') });
    run.operator({ kind: 'continue' });
    expect(run.state.trouble).not.toBeNull();
    expect(run.edit(lines('echo 1', 'expect 2 == 2', 'echo 3', 'echo 4')).kind).toBe('edited');
    run.operator({ kind: 'retry' });
    expect(run.state.status).toBe('finished');
    expect(run.executed).toEqual(['root:echo 1', 'root:expect 1 == 2', 'root:expect 2 == 2', 'root:echo 3', 'root:echo 4']);
    expect(run.state.tally.failedChecks).toBe(0);
  });

  test('behind the last step, steps can be added', () => {
    const run = new Driven({ root: lines('echo 1') }, []);
    expect(run.edit('# nothing left\n')).toMatchObject({ position: null });
    expect(run.edit(lines('# nothing left', 'echo 2'))).toMatchObject({ position: { line: 1 } });
    run.operator({ kind: 'continue' });
    expect(run.executed).toEqual(['root:echo 2']);
  });

  test('a scenario that waits for one it called is changed behind the call, the called one from its position on', () => {
    const run = new Driven({ root: lines('call sub', 'echo end'), sub: lines('echo a', 'echo b') }, [{ scenario: 'sub', line: 1 }]);
    run.operator({ kind: 'continue' });
    expect(firstEditableLine(run.program, run.state, 'root')).toBe(1);
    expect(firstEditableLine(run.program, run.state, 'sub')).toBe(1);
    expect(run.edit(lines('echo instead', 'echo end')).kind).toBe('refused');
    expect(run.edit(lines('call sub', 'echo the end')).kind).toBe('edited');
    expect(run.edit(lines('echo a', 'echo c', 'echo d'), 'sub').kind).toBe('edited');
    run.operator({ kind: 'continue' });
    expect(run.executed).toEqual(['root:call sub', 'sub:echo a', 'sub:echo c', 'sub:echo d', 'root:echo the end']);
  });

  test('a loop under way ends where its end is now', () => {
    const run = new Driven({ root: lines('repeat 3', 'echo a', 'echo b', 'end', 'echo z') }, [{ scenario: 'root', line: 2 }]);
    run.operator({ kind: 'continue' });
    expect(run.edit(lines('repeat 3', 'echo a', 'end', 'echo y')).kind).toBe('edited');
    run.operator({ kind: 'continue' });
    const loop = run.executed.filter((step) => !step.includes('repeat') && !step.includes('end'));
    expect(loop).toEqual(['root:echo a', 'root:echo a', 'root:echo a', 'root:echo y']);
  });

  test('a reaction in force keeps its line', () => {
    const text = ['goto second', 'label first', 'echo at first', 'exit', 'label second', 'on error goto first', 'echo waits'];
    const run = new Driven({ root: lines(...text) }, [{ scenario: 'root', line: 6 }]);
    run.operator({ kind: 'continue' });
    expect(run.state.handlers).toHaveLength(1);
    run.operator({ kind: 'goto', line: 2 });
    expect(run.edit(lines(...text.toSpliced(3, 0, 'echo more')))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Line 6') as string,
    });
    expect(run.edit(lines(...text.with(2, 'echo here'))).kind).toBe('edited');
  });

  test('breakpoints go with their lines', () => {
    const run = new Driven({ root: lines('echo 1', 'echo 2', 'echo 3', 'echo 4') }, [
      { scenario: 'root', line: 0 },
      { scenario: 'root', line: 2 },
      { scenario: 'root', line: 3 },
    ]);
    run.operator({ kind: 'step' });
    run.edit(lines('echo 1', 'echo new', 'echo 2', 'echo 4'));
    expect(run.state.breakpoints.map(({ line }) => line)).toEqual([0, 3]);
  });
});

const step = fc.constantFrom('echo a', 'echo b', 'echo #{release}', '', '# remark');
const block = fc.oneof(
  step.map((one) => [one]),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 3 })).map(([times, inner]) => [`repeat ${times}`, ...inner, 'end']),
);
const script = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => blocks.flat());

describe('whatever the scenario', () => {
  test('an equal text changes nothing', () => {
    fc.assert(
      fc.property(script, fc.nat({ max: 8 }), (text, steps) => {
        const run = new Driven({ root: lines(...text) });
        for (let count = 0; count < steps && run.state.status === 'paused'; count++) run.operator({ kind: 'step' });
        if (run.state.status !== 'paused') return;
        const before = run.state;
        expect(run.edit(lines(...text))).toMatchObject({ kind: 'edited' });
        expect(run.state).toBe(before);
      }),
      { seed: 11 },
    );
  });

  test('what is executed is what a run of the new text from its beginning would have executed', () => {
    fc.assert(
      fc.property(script, script, fc.nat({ max: 8 }), (text, tail, steps) => {
        const run = new Driven({ root: lines(...text) });
        for (let count = 0; count < steps && run.state.status === 'paused'; count++) run.operator({ kind: 'step' });
        // Within a loop its beginning has been executed with another end.
        if (run.state.status !== 'paused' || (run.state.frames[0]?.loops.length ?? 0) > 0) return;
        const kept = text.slice(0, firstEditableLine(run.program, run.state, 'root'));
        const edited = lines(...kept, ...tail);
        expect(run.edit(edited).kind).toBe('edited');
        run.operator({ kind: 'continue' });
        const fresh = new Driven({ root: edited });
        fresh.operator({ kind: 'continue' });
        expect(run.executed).toEqual(fresh.executed);
        expect(run.state.status).toBe('finished');
      }),
      { seed: 12, numRuns: 400 },
    );
  });
});
