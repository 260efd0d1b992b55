/** Dry runs: nothing is executed, the whole path is gone through, and unknown commands still show. */
import { expect, test } from 'vitest';
import { programOf, startRun } from './harness.ts';
import { deckScenario as deck } from '../../../shared/scenario/scenario-samples.ts';
import { satisfyingReadings } from '#main/core/engine/dry-readings.ts';
import { unknownResult } from '#main/core/engine/dry-surroundings.ts';
import { readingsInCondition } from '#shared/scenario/condition.ts';

test('the deck’s scenario follows the results that were given', async () => {
  const pass = startRun(deck, { mode: 'dry', variables: { smoke_status: 'PASS' } });
  expect(await pass.engine.finished).toMatchObject({ outcome: 'passed' });
  expect(pass.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 8]);
  const fail = startRun(deck, { mode: 'dry', variables: { smoke_status: 'FAIL' } });
  expect(await fail.engine.finished).toMatchObject({ outcome: 'failed' });
  expect(fail.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  // A result that nobody knows takes the then-branch.
  const plain = startRun(deck, { mode: 'dry' });
  expect(await plain.engine.finished).toMatchObject({ outcome: 'passed' });
  expect(plain.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 8]);
  expect(plain.link.sent).toEqual([]);
  expect(plain.journal.of('command-finished')[0]!.outcome).toMatchObject({ message: 'dry run', success: true });
});

test('waits, checks, events, handlers, prompts, loops and undo pass at once', async () => {
  const { engine, journal, clock } = startRun(
    `---
timeout: 10m
---
on Engine.STATE == DOWN goto lost
on crash of Engine goto lost
defer stop_load
wait 1h
wait Engine.STATE == READY within 30s
expect Engine.rss < 500MB and not Engine.STATE == DOWN within 5s for 1h
wait event failover within 5s
if Engine.latency > 10ms then echo slow else echo fast
prompt sure 'Sure?' yes no
repeat 3
  exec_smoke
end
exit pass
label lost
exit fail`,
    { mode: 'dry' },
  );
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(journal.of('echo').map(({ text }) => text)).toEqual(['slow']);
  expect(journal.of('command-sent').map(({ action }) => action)).toEqual(['exec_smoke', 'exec_smoke', 'exec_smoke', 'stop_load']);
  expect(journal.of('step-finished').filter(({ state }) => state !== 'passed')).toEqual([]);
  expect(clock.waiting).toBe(0);
});

test('what depends on results that nobody knows is met by a guess, which is recorded', async () => {
  const { engine, journal } = startRun(
    `
set x exec_smoke
set y = '#{x}, again'
on #{x} != PASS goto lost
echo it says #{x}
expect #{x} == PASS
expect #{y} != #{x} within 5s
expect #{x} matches '^OK .*$'
if #{x} > 3 and Engine.latency > #{x} then echo much of #{Engine.rss} else goto lost
if #{x} == PASS then expect Engine.rss < 5
repeat #{x}
  exec_smoke
end
repeat #{Engine.rss}
  exec_smoke
end
exit pass
label lost
exit fail`,
    { mode: 'dry' },
  );
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(journal.of('step-finished').filter(({ state }) => state !== 'passed')).toEqual([]);
  expect(journal.of('echo').map(({ text }) => text)).toEqual([`it says ${unknownResult}`, 'much of dry']);
  expect(journal.of('condition').filter(({ form, state }) => form === 'expect' && state === 'met')[0]).toMatchObject({
    values: { x: 'PASS' },
  });
});

test('results that were given are checked, also in a dry run', async () => {
  const { engine } = startRun('set x exec_smoke\nexpect #{x} == PASS', { mode: 'dry', variables: { x: 'BROKEN' } });
  expect(await engine.finished).toMatchObject({ outcome: 'failed' });
});

test('an unknown command shows in a dry run too', async () => {
  const { engine } = startRun('unknown_thing', { mode: 'dry' });
  expect(await engine.finished).toMatchObject({ outcome: 'error' });
});

test('a condition that cannot be met by guessing is left out, and the run goes on', async () => {
  const text = "wait Engine.STATE matches '^R[0-9]Y$' within 3s\nexpect Engine.x == 1 and Engine.x == 2 within 3s\necho on";
  const { engine, journal } = startRun(text, { mode: 'dry' });
  expect(await engine.finished).toMatchObject({ outcome: 'passed', reason: expect.stringContaining('2 steps were skipped.') });
  expect(journal.trace()).toEqual(['0 skipped', '1 skipped', '2 passed']);
  expect(journal.of('problem')[0]).toMatchObject({ severity: 'information', code: 'dry-run-step-left-out' });
});

test('readings are found for conditions of every form', () => {
  const lookup = (name: string) => (name === 'bound' ? '30' : undefined);
  const found = (text: string) => {
    const statement = programOf(`wait ${text} within 1s`).scenarios.get('root')!.lines[0]!.statement!;
    if (statement.kind !== 'wait' || statement.condition.kind === 'event') throw new Error('no condition');
    return satisfyingReadings(statement.condition, readingsInCondition(statement.condition), lookup);
  };
  expect(found('A.x == READY')).toEqual({ 'A.x': 'READY' });
  expect(found('A.x != READY')).toEqual({ 'A.x': 'READY~' });
  expect(found('A.x > #{bound}')).toEqual({ 'A.x': 31 });
  expect(found('not A.x >= 5s')).toEqual({ 'A.x': 4_999 });
  expect(found('A.x > B.x')).not.toBeNull();
  expect(found('A.x == UP and (B.y < 10% or C.z contains late)')).not.toBeNull();
  expect(found('A.x == 1 and A.x == 2')).toBeNull();
});

test('numbers of any size and form find values in a dry run', async () => {
  const text = `set x exec_smoke
expect #{x} > 2733382000000000049
expect Engine.rss < -1e400 within 5s
expect #{x} == 0.12345678901234567890
expect Engine.rss >= 1e3
expect #{x} != 5 and not #{x} < 7`;
  const { engine, journal } = startRun(text, { mode: 'dry' });
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(journal.of('problem')).toEqual([]);
});
