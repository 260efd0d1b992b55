/** Whatever two operators do, in whatever order: the run ends, its log is whole, and every promise is kept exactly once. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeLink, settle } from './fakes.ts';
import { startRun } from './harness.ts';
import { foldRecord, initialRunState, owedCommands } from '#shared/run/run-state.ts';
import type { OperatorAction } from '#shared/run/records.ts';
import type { FailurePolicy } from '#shared/scenario/machine-words.ts';

const scenario = `defer undo_first
set value = one
repeat 3
  defer undo_round #{value}
  exec_sometimes
end
on Engine.STATE == DOWN goto lost
call inner
wait 10s
prompt choice 'Go on?' yes no
echo #{choice}
exit pass
label lost
defer undo_lost
echo lost
`;
const inner = `exec_sometimes
expect Engine.STATE == UP within 5s
defer undo_inner
`;

const action: fc.Arbitrary<OperatorAction> = fc.oneof(
  ...(['pause', 'continue', 'step', 'step-over', 'step-out', 'retry', 'skip'] as const).map((kind) => fc.constant({ kind })),
  fc.record({ kind: fc.constant('goto' as const), line: fc.nat(16) }),
  fc.record({ kind: fc.constant('set-variable' as const), name: fc.constant('value'), value: fc.string({ maxLength: 5 }) }),
  fc.record({ kind: fc.constant('answer' as const), reference: fc.nat(40), answer: fc.constantFrom('yes', 'no', 'perhaps') }),
  fc.record({ kind: fc.constant('note' as const), text: fc.string({ maxLength: 10 }) }),
);

type Happening =
  | { readonly kind: 'act'; readonly operator: string; readonly action: OperatorAction }
  | { readonly kind: 'reading'; readonly state: string }
  | { readonly kind: 'time'; readonly milliseconds: number }
  | { readonly kind: 'disk' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('act' as const), operator: fc.constantFrom('alice', 'bob'), action }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reading' as const), state: fc.constantFrom('UP', 'DOWN') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), milliseconds: fc.nat(8_000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'disk' as const }) },
);

async function playOut(policy: FailurePolicy, successes: readonly boolean[], happenings: readonly Happening[]): Promise<void> {
  const link = new FakeLink();
  let commands = 0;
  link.answer = (sent) => sent.finish({ success: sent.action !== 'exec_sometimes' || (successes[commands++ % successes.length] ?? true) });
  const { engine, journal, clock } = startRun(scenario, { others: { inner }, policy, link });
  const acts: Promise<unknown>[] = [];
  let accepted = 0;
  const act = (operator: string, given: OperatorAction): void => {
    acts.push(
      engine.act(operator, given).then(
        () => accepted++,
        () => undefined,
      ),
    );
  };
  for (const each of happenings) {
    if (each.kind === 'act') act(each.operator, each.action);
    if (each.kind === 'reading') link.set('Engine.STATE', each.state);
    if (each.kind === 'time') await clock.advance(each.milliseconds);
    if (each.kind === 'disk') {
      journal.fillDisk();
      await settle(2);
      journal.makeRoom();
    }
    if (each.kind !== 'act') await settle(2);
  }
  await settle(4);
  act('alice', { kind: 'stop' });
  await engine.finished;
  await Promise.all(acts);

  const { records } = journal;
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
  expect(records.at(-1)!.kind).toBe('run-finished');
  expect(journal.of('operator').length).toBe(accepted);
  const promised = journal.of('deferred').map(({ identifier }) => identifier);
  const kept = journal.of('step-started').flatMap(({ step }) => (step.phase === 'deferred' ? [step.deferred] : []));
  expect(kept.toSorted((a, b) => a! - b!)).toEqual(promised);
  const state = records.reduce(foldRecord, initialRunState());
  expect(owedCommands(state)).toEqual([]);
  expect(journal.of('step-finished').length).toBe(journal.of('step-started').length);
  expect(link.listeners).toBe(0);
  expect(clock.waiting).toBe(0);
}

test('every promise is kept once, every accepted action recorded, and nothing is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<FailurePolicy>('pause', 'abort', 'continue'),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
      fc.array(happening, { maxLength: 25 }),
      playOut,
    ),
    { numRuns: 300, seed: 20_261_120 },
  );
}, 60_000);
