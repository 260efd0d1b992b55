/** What a step that did not pass is called: by the messages that the machine really gives it. */
import { describe, expect, test } from 'vitest';
import { JunitReport } from '#main/core/reports/open-formats/junit.ts';
import { recordBodySchema } from '#shared/run/records.ts';
import { stateWords, stepCounts, troubleOf } from '#shared/run/step-trouble.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { commandFailure } from '#shared/scenario/machine-statements.ts';

const ended = { status: 'completed', success: false, exitStatus: 3, signal: null, result: '', duration: 1 } as const;

/** The step of a command that ended so. */
function stepOf(outcome: Partial<CommandOutcome>) {
  return commandFailure({ ...ended, ...outcome }) ?? { state: 'passed' as const, message: null };
}

describe('a step whose command', () => {
  test.each([
    ['ended with an exit status that is not 0', {}, 'failed command'],
    ['was ended by a signal', { exitStatus: null, signal: 'SIGKILL' }, 'failed command'],
    ['told more', { message: 'Its output was lost.' }, 'failed command'],
    ['was cancelled', { status: 'cancelled' }, 'cancelled command'],
    ['was cancelled by somebody', { status: 'cancelled', message: 'By bob.' }, 'cancelled command'],
    ['did not end in time', { status: 'timed out' }, 'timed out'],
    ['could not be started', { status: 'failed to start' }, 'error'],
    ['succeeded', { success: true, exitStatus: 0 }, null],
  ] as const)('%s is never a failed check', (_, outcome, trouble) => {
    expect(troubleOf(stepOf(outcome))).toBe(trouble);
  });
});

test('an expect that was not met is a failed check', () => {
  expect(stateWords({ state: 'failed', message: 'The condition is not met: Gateway.STATE = READY.' })).toBe('failed check');
  expect(stateWords({ state: 'failed', message: null })).toBe('failed check');
});

test('counts tell checks and commands apart, and what was refused or lost is an error', () => {
  const passed = { state: 'passed', message: null } as const;
  const check = { state: 'failed', message: 'The condition is not met.' } as const;
  const refused = { state: 'error', message: 'The daemon refused the command.' } as const;
  const steps = [passed, check, stepOf({}), stepOf({}), stepOf({ status: 'cancelled' }), refused, passed];
  expect(stepCounts(steps)).toEqual(['2 passed', '1 failed check', '2 failed commands', '1 cancelled command', '1 error']);
});

test('in JUnit a failed command is an error, and a failed check a failure', () => {
  const report = new JunitReport();
  [stepOf({}), stepOf({ status: 'cancelled' }), { state: 'failed' as const, message: 'The condition is not met.' }].forEach(
    (trouble, index) => {
      const step = { execution: index + 1, scenario: 's', line: index, number: index, text: 'x', depth: 0, phase: 'main' };
      report.add({
        ...recordBodySchema.parse({ kind: 'step-finished', step, ...trouble, result: null, duration: 1 }),
        sequence: index + 1,
        time: 0,
      });
    },
  );
  const xml = report.toXml();
  expect(xml).toContain('<error message="The command ended with exit status 3." type="failed command"/>');
  expect(xml).toContain('<error message="The command was cancelled." type="cancelled command"/>');
  expect(xml.match(/<failure /g)).toHaveLength(1);
});
