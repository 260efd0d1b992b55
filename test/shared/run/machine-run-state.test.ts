/** What the machine does, written as records and folded again: both must tell the same run. */
import { describe, expect, test } from 'vitest';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { entriesOf, fold, formatTrace, itemsOf, owedCommands, traceOf, valueOf } from '#shared/run/run-state.ts';
import type { MachineEffect } from '#shared/scenario/machine-contract.ts';
import { MachineDriver, outcome, programOf } from '../scenario/machine-driver.ts';

/** The records that a live run would write for these effects. Each must be valid, whatever the scenario did. */
function recordsOf(effects: readonly MachineEffect[]): RunRecord[] {
  const records: RunRecord[] = [];
  let execution = 1;
  for (const effect of effects) {
    if (effect.kind === 'step-started') execution = effect.step.execution;
    const body = bodyOf(effect, execution);
    if (body) records.push(runRecordSchema.parse({ ...body, sequence: records.length + 1, time: records.length }));
  }
  return records;
}

function bodyOf(effect: MachineEffect, execution: number): object | null {
  switch (effect.kind) {
    case 'step-started':
    case 'deferred':
    case 'handler-fired':
    case 'prompt':
    case 'paused':
    case 'resumed':
      return effect;
    case 'step-finished':
      return { ...effect, duration: 1 };
    case 'echo':
    case 'variable':
    case 'condition':
      return { ...effect, execution };
    case 'note':
      return { ...effect, execution, author: 'scenario' };
    case 'finished':
      return { ...effect, kind: 'run-finished' };
    case 'execute':
      return {
        kind: 'command-sent',
        execution,
        command: `command-${effect.reference}`,
        daemon: null,
        action: effect.words[0]!.slice(0, 64),
        arguments: effect.words.slice(1),
      };
    default:
      return null;
  }
}

describe('a run of the machine, folded from its records', () => {
  test("shows the deck's trace", () => {
    const driver = new MachineDriver(
      "start_load\nkill -9 MatchingEnginePrimary\nset smoke_status exec_smoke\nif 'PASS' == #{smoke_status} then goto pass\necho FAIL\nstop_load\nexit\nlabel pass\necho PASS",
    );
    driver.commands['exec_smoke'] = outcome({ result: 'PASS' });
    const state = fold(recordsOf(driver.run().effects));
    expect(formatTrace(traceOf(state))).toEqual([
      '0 start_load',
      '1 kill -9 MatchingEnginePrimary',
      '2 set smoke_status exec_smoke',
      "3 if 'PASS' == #{smoke_status} then goto pass",
      '8 echo PASS',
    ]);
    expect(state).toMatchObject({ status: 'finished', outcome: 'passed' });
    expect(valueOf(state.variables, 'smoke_status')).toBe('PASS');
  });

  test('has the variables, conditions and promises that the machine has', () => {
    const main = 'defer undo 1\nset x = 1\nexpect #{x} == 1\ncall inner p=#{x}\nset y = 2\ndefer undo 2\nwait Engine.STATE == READY';
    const driver = new MachineDriver(programOf({ main, inner: '---\nparameters:\n  p:\n---\nset z = #{p}' })).run();
    const waiting = fold(recordsOf(driver.effects));
    expect(Object.fromEntries(entriesOf(waiting.variables))).toEqual({ ...driver.state.variables, p: '1' });
    expect(valueOf(waiting.conditions, 'main:2')?.state).toBe('met');
    expect(valueOf(waiting.conditions, 'main:6')?.state).toBe('pending');
    expect(waiting.position).toMatchObject({ scenario: 'main', line: 6, depth: 0 });
    expect(owedCommands(waiting).map(({ words }) => words[1])).toEqual(['1', '2']);

    driver.commands['undo'] = 'never';
    driver.operate({ kind: 'stop' });
    const undoing = fold(recordsOf(driver.effects));
    expect(owedCommands(undoing).map(({ words, state }) => [words[1], state])).toEqual([
      ['1', 'promised'],
      ['2', 'started'],
    ]);
    driver.operate({ kind: 'skip' }).operate({ kind: 'skip' });
    expect(owedCommands(fold(recordsOf(driver.effects)))).toEqual([]);
  });

  test('writes valid records also where texts are as long as they can be', () => {
    const long = 'y'.repeat(65_000);
    const driver = new MachineDriver(
      `echo #{x}\nnote #{x}\nset z = #{x}\nexpect #{x} == 1\nexpect #{x} matches '('\nprompt p '#{x}' default #{x}\ngo '${'w'.repeat(4_000)}'\nexit fail #{x}`,
      { variables: { x: long }, failurePolicy: 'continue' },
    ).run();
    const state = fold(recordsOf(driver.effects));
    expect(state.status).toBe('finished');
    expect(itemsOf(state.lines)[0]?.text).toBe(long);
  });
});
