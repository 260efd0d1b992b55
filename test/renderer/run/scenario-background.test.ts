/** What the three questions know besides the run: nobody waits for what cannot come. */
import { expect, test, vi } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

vi.stubGlobal('matchMedia', () => ({ matches: false }));
const { useSession } = await import('../../../renderer/stores/session.ts');
const { useRunSession } = await import('../../../renderer/stores/run-session.ts');
const { refresh, useScenarioBackground } = await import('../../../renderer/stores/scenario-background.ts');

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
