/** What stands where there is nothing to compare: what is missing, and the way to get it. */
import { Button } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useState } from 'react';
import { problemOf } from '#shared/problem.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { createActions } from '../../stores/actions.ts';
import { createArchivedRuns, type ArchivedRun } from '../../stores/archived-runs.ts';
import { createComparison } from '../../stores/comparison.ts';
import { oneLike, samplesWouldHelp, type Missing } from '../../stores/comparison-choice.ts';
import { createSession } from '../../stores/session.ts';
import { createArchive } from '../archive/archive-store.ts';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { counted } from '#shared/wording/counts.ts';

async function takeSamples(stores: Stores): Promise<void> {
  const { currentCore, inform, notify } = stores.get(createSession);
  const { findUsual, compareChosen } = stores.get(createComparison);
  try {
    const taken = await currentCore()?.request('samples.import', {});
    await stores.get(createArchivedRuns).readArchivedRuns();
    findUsual();
    compareChosen();
    if (taken)
      inform(
        taken.imported > 0 ? `${counted(taken.imported, 'run')} of the sample history taken in.` : 'The sample history is here already.',
      );
  } catch (failure) {
    notify(problemOf(failure));
  }
}

/** The recorded runs that come with the product: something true to look at. */
function SampleButton() {
  const stores = useStores();
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    await takeSamples(stores);
    setBusy(false);
  };
  return (
    <Button loading={busy} onClick={() => void take()}>
      Take in the sample history
    </Button>
  );
}

interface NothingToCompareProps {
  readonly missing: Missing;
  readonly candidate: ArchivedRun | null;
  readonly runs: readonly ArchivedRun[];
}

export function NothingToCompare({ missing, candidate, runs }: NothingToCompareProps) {
  const stores = useStores();
  const { performAction } = stores.get(createActions);
  const { showInArchive } = stores.get(createArchive);
  switch (missing.kind) {
    case 'no candidate':
      return (
        <EmptyState icon={<IconArrowsDiff />} title="No finished run is in the archive yet">
          <p>Here a run is set against earlier ones, to see what changed. Run a scenario, or look at the recorded runs of the demo.</p>
          <Button variant="filled" onClick={() => performAction('view.run')}>
            Go to the Run view
          </Button>
          <SampleButton />
        </EmptyState>
      );
    case 'none accepted':
      return (
        <EmptyState icon={<IconArrowsDiff />} title={noneAccepted(missing, candidate)}>
          <p>
            {missing.runs > 0
              ? `Accepted runs are what a candidate is compared with; ${counted(missing.runs, 'run')} of ${inertText(missing.release)} could be. Choose the good ones in the Archive and accept them: with eight of them there is a verdict.`
              : `There is no run of ${inertText(missing.release)} with this scenario and environment. Choose another release above.`}
          </p>
          {candidate && missing.runs > 0 && (
            <Button variant="filled" onClick={() => showInArchive({ release: missing.release, text: candidate.scenario })}>
              Show the runs of {inertText(missing.release)} in the Archive
            </Button>
          )}
          {candidate && <OneRunButton candidate={candidate} runs={runs} />}
        </EmptyState>
      );
    case 'no other run':
      return (
        <EmptyState icon={<IconArrowsDiff />} title="There is no other run to compare with">
          <p>
            {inertText(candidate?.scenario ?? 'This scenario')} was run only once in this environment. Run it again, or choose a run above.
          </p>
          {candidate && samplesWouldHelp(candidate, runs) && <SampleButton />}
        </EmptyState>
      );
  }
}

function noneAccepted({ release, ofAny }: Extract<Missing, { kind: 'none accepted' }>, candidate: ArchivedRun | null): string {
  if (ofAny && candidate) return `No other run of ${inertText(candidate.scenario)} in ${inertText(candidate.environment)} is accepted yet`;
  return `No run of ${inertText(release)} is accepted yet`;
}

/** The differences from one run are no verdict, but better than nothing. */
function OneRunButton({ candidate, runs }: { readonly candidate: ArchivedRun; readonly runs: readonly ArchivedRun[] }) {
  const { setChoice } = useStores().get(createComparison);
  const other = oneLike(candidate, runs);
  if (!other) return null;
  return (
    <Button onClick={() => setChoice({ baseline: { kind: 'run', run: other.run } })}>
      Compare with one run of {inertText(other.release)}
    </Button>
  );
}
