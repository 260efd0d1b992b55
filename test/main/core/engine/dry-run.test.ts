/** Dry runs: nothing is executed, the whole path is gone through, and unknown commands still show. */
import { expect, test } from 'vitest';
import { deck, programOf, startRun } from './harness.ts';
import { satisfyingReadings } from '#main/core/engine/dry-readings.ts';

test('the deck’s scenario follows the results that were given', async () => {
  const pass = startRun(deck, { mode: 'dry', variables: { smoke_status: 'PASS' } });
  expect(await pass.engine.finished).toMatchObject({ outcome: 'passed' });
  expect(pass.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 8]);
  const plain = startRun(deck, { mode: 'dry' });
  await plain.engine.finished;
  expect(plain.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
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

test('an unknown command shows in a dry run too', async () => {
  const { engine } = startRun('unknown_thing', { mode: 'dry' });
  expect(await engine.finished).toMatchObject({ outcome: 'error' });
});

test('a condition that cannot be met by guessing is left out, and the run goes on', async () => {
  const { engine, journal } = startRun("wait Engine.STATE matches '^R.*Y$' within 3s\necho on", { mode: 'dry' });
  await engine.finished;
  expect(journal.trace()).toEqual(['0 skipped', '1 passed']);
  expect(journal.of('problem')[0]).toMatchObject({ severity: 'information', code: 'dry-run-step-left-out' });
});

test('readings are found for conditions of every form', () => {
  const lookup = (name: string) => (name === 'bound' ? '30' : undefined);
  const found = (text: string) => {
    const statement = programOf(`wait ${text} within 1s`).scenarios.get('root')!.lines[0]!.statement!;
    if (statement.kind !== 'wait' || statement.condition.kind === 'event') throw new Error('no condition');
    return satisfyingReadings(statement.condition, lookup);
  };
  expect(found('A.x == READY')).toEqual({ 'A.x': 'READY' });
  expect(found('A.x != READY')).toEqual({ 'A.x': 'READY~' });
  expect(found('A.x > #{bound}')).toEqual({ 'A.x': 31 });
  expect(found('not A.x >= 5s')).toEqual({ 'A.x': 4_999 });
  expect(found('A.x > B.x')).not.toBeNull();
  expect(found('A.x == UP and (B.y < 10% or C.z contains late)')).not.toBeNull();
  expect(found('A.x == 1 and A.x == 2')).toBeNull();
});
