/** A run that is over: what was decided about it, and the way to its comparison. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { createComparison } from '../../../stores/comparison.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import { DecisionMenu } from '../../decisions/index.tsx';
import { useStores } from '../../../stores/context.ts';

export function RunDecision() {
  const stores = useStores();
  const { finishedRun } = stores.get(createRunSession);
  const { compareRuns } = stores.get(createComparison);
  const run = useRunSession(finishedRun);
  const isDry = useRunSession(({ state }) => state.started?.mode === 'dry');
  if (run === null || isDry) return null;
  return (
    <>
      <DecisionMenu run={run} />
      <Tooltip label="Compare this run with its baseline">
        <ActionIcon aria-label="Compare this run" onClick={() => compareRuns([{ run, startedAt: 0 }])}>
          <IconArrowsDiff size={16} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
