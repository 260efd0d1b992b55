/** What the three questions know besides the run: nobody waits for what cannot come. */
import { expect, test, vi } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { createOpenFiles } from '../../../renderer/stores/open-files.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createScenarioBackground } from '../../../renderer/stores/scenario-background.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';

test('of a run that was deleted meanwhile, and without a scenario, no history is waited for', async () => {
  const stores = new Stores();
  const background = stores.get(createScenarioBackground);
  const runSession = stores.get(createRunSession);
  const core = { request: () => Promise.reject(new ProblemError({ code: 'no-run', message: 'There is no such run.' })) };
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 } as never });
  runSession.setState({ run: '20260101T000000Z-failover-00ff' as RunId });
  expect(background.getState().known).toBe(false);
  await background.refresh();
  expect(background.getState()).toMatchObject({ known: true, history: [] });
  background.setState({ known: false });
  runSession.setState({ run: null });
  await background.refresh();
  expect(background.getState()).toMatchObject({ known: true, scenario: null });
});

test('the release that becomes known while the question is under way is asked with, and its answer counts', async () => {
  const asked: { readonly release: string | null; answer(): void }[] = [];
  const core = {
    listen: () => ({ ended: Promise.resolve(), close: () => undefined }),
    request: (method: string, { release = null }: { readonly release?: string | null }) => {
      expect(method).toBe('scenario.history');
      const { promise, resolve } = Promise.withResolvers<object>();
      asked.push({ release, answer: () => resolve({ runs: [], baseline: { release: release ?? 'any', reason: '', runs: [] } }) });
      return promise;
    },
  };
  const stores = new Stores();
  const session = stores.get(createSession);
  const background = stores.get(createScenarioBackground);
  session.setState({
    connection: { kind: 'connected', core, generation: 1 } as never,
    workspace: { folder: '/team' } as never,
  });
  stores
    .get(createOpenFiles)
    .putFile({ path: 'my-check.scn', kind: 'scenario', text: 'echo a', saved: 'echo a', hash: null, readOnly: false, outside: 'same' });
  const stop = background.followScenario();
  try {
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    session.setState({ environment: { environment: 'demo', release: 'rc1' } as never });
    await vi.waitFor(() => expect(asked.map(({ release }) => release)).toEqual([null, 'rc1']));
    asked[1]?.answer();
    asked[0]?.answer();
    await vi.waitFor(() => expect(background.getState()).toMatchObject({ known: true, release: 'rc1' }));
    expect(background.getState().baseline?.release).toBe('rc1');
  } finally {
    stop();
  }
});
