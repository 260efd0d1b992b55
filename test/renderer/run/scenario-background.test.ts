/** What the three questions know besides the run: nobody waits for what cannot come. */
import { expect, test, vi } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

vi.stubGlobal('matchMedia', () => ({ matches: false }));
const { useSession } = await import('../../../renderer/stores/session.ts');
const { useRunSession } = await import('../../../renderer/stores/run-session.ts');
const { putFile } = await import('../../../renderer/stores/open-files.ts');
const { followScenario, refresh, useScenarioBackground } = await import('../../../renderer/stores/scenario-background.ts');

test('of a run that was deleted meanwhile, and without a scenario, no history is waited for', async () => {
  const core = { request: () => Promise.reject(new ProblemError({ code: 'no-run', message: 'There is no such run.' })) };
  useSession.setState({ connection: { kind: 'connected', core, generation: 1 } as never });
  useRunSession.setState({ run: '20260101T000000Z-failover-00ff' as RunId });
  expect(useScenarioBackground.getState().known).toBe(false);
  await refresh();
  expect(useScenarioBackground.getState()).toMatchObject({ known: true, history: [] });
  useScenarioBackground.setState({ known: false });
  useRunSession.setState({ run: null });
  await refresh();
  expect(useScenarioBackground.getState()).toMatchObject({ known: true, scenario: null });
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
  useSession.setState({
    connection: { kind: 'connected', core, generation: 2 } as never,
    environment: null,
    workspace: { folder: '/team' } as never,
  });
  useScenarioBackground.setState({ scenario: null, history: [], baseline: null, release: null, known: false });
  putFile({ path: 'my-check.scn', kind: 'scenario', text: 'echo a', saved: 'echo a', hash: null, readOnly: false, outside: 'same' });
  const stop = followScenario();
  try {
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    useSession.setState({ environment: { environment: 'demo', release: 'rc1' } as never });
    await vi.waitFor(() => expect(asked.map(({ release }) => release)).toEqual([null, 'rc1']));
    asked[1]?.answer();
    asked[0]?.answer();
    await vi.waitFor(() => expect(useScenarioBackground.getState()).toMatchObject({ known: true, release: 'rc1' }));
    expect(useScenarioBackground.getState().baseline?.release).toBe('rc1');
  } finally {
    stop();
  }
});
