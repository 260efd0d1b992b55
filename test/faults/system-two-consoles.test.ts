/** Two operators act on one run at the same time: the core decides the order, records who did what, and refuses what no longer makes sense. */
import { expect, test } from 'vitest';
import { openNetwork } from '../network-of-processes.ts';
import { System, observingDaemon, only } from './system.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { problemOf } from '#shared/problem.ts';
import type { OperatorAction } from '#shared/run/records.ts';

const rounds = 10;

test('two consoles on one run: both are recorded, the second of two conflicting actions is refused', { timeout: 60_000 }, async () => {
  const system = await System.open();
  try {
    const network = await openNetwork({ daemon: observingDaemon('none.log') });
    system.owned.own(network);
    await network.startDaemon();
    const console = (name: string) => {
      const connected = connectInProcess(system.core.forOperator(name));
      system.owned.own(connected);
      return connected;
    };
    const [bob, carol] = [console('bob'), console('carol')];
    const run = await system.run('wait System.cpu < 0', network.environmentFile, { policy: 'pause', attended: true, startPaused: true });
    const refusals: string[] = [];
    /** Both at once, without waiting for each other; at most one of the two may be refused. */
    const both = async (action: OperatorAction): Promise<number> => {
      const results = await Promise.allSettled([bob, carol].map((each) => each.request('run.act', { run: run.run, action })));
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [problemOf(result.reason).message] : []));
      refusals.push(...failures);
      return failures.length;
    };

    await expect.poll(() => only(run.records, 'paused').length, { timeout: 10_000 }).toBe(1);
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      refused += await both({ kind: 'note', text: `round ${round}` });
      expect(await both({ kind: 'set-variable', name: 'mine', value: String(round) })).toBe(0);
      expect(await both({ kind: 'goto', line: 0 })).toBe(0);
    }
    expect(refused).toBe(0);
    // A run that is not paused any more cannot be continued: exactly one of the two comes too late.
    expect(await both({ kind: 'continue' })).toBe(1);
    await both({ kind: 'stop' });
    await run.ended;

    expect(refusals[0]).toBe('The run is not paused, so it cannot continue; it goes on already.');
    const actions = only(run.records, 'operator');
    for (const name of ['bob', 'carol']) {
      const notes = actions.filter(({ operator, action }) => operator === name && action.kind === 'note');
      expect(notes.map(({ action }) => (action.kind === 'note' ? action.text : ''))).toEqual(
        Array.from({ length: rounds }, (_, round) => `round ${round}`),
      );
    }
    expect(actions.filter(({ action }) => action.kind === 'continue').length).toBe(1);
    // The order of the log is the order of the effects: the variable has the value of whoever stands last.
    const variables = only(run.records, 'variable').filter(({ name }) => name === 'mine');
    const settings = actions.flatMap(({ action }) => (action.kind === 'set-variable' ? [action.value] : []));
    expect(variables.map(({ value }) => value)).toEqual(settings);
    expect(run.records.map(({ sequence }) => sequence)).toEqual(run.records.map((_, index) => index + 1));
    expect(run.records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'stopped' });
  } finally {
    await system.dispose();
  }
});
