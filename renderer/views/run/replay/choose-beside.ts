/** Asks which run stands beside the replayed one. */
import { problemOf } from '#shared/problem.ts';
import { createPalette } from '../../../stores/palette.ts';
import { choicesBeside } from '../../../stores/replay/beside-choice.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createSession } from '../../../stores/session.ts';
import { createTelemetry } from '../../../stores/telemetry.ts';
import type { Stores } from '../../../stores/stores.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';

/** Runs that the palette lists; older ones are found from the archive. */
const listed = 200;

export async function chooseBeside(stores: Stores): Promise<void> {
  const { currentCore, notify } = stores.get(createSession);
  const core = currentCore();
  const { run: shown } = stores.get(createReplay).getState();
  if (!core || shown === null) return;
  try {
    const { runs } = await core.request('runs.list', {});
    stores.get(createPalette).openPalette({
      title: 'Show which run beside this one?',
      empty: 'There is no other run in the archive.',
      choices: choicesBeside(runs, shown)
        .slice(0, listed)
        .map(({ run, scenario, release, startedAt, outcome, decision }) => ({
          id: run,
          title: `${scenario} ${release}, ${exactDateAndTime(startedAt)}`,
          description: [outcome ?? 'damaged', decision === 'undecided' ? null : decision].filter((part) => part !== null).join(', '),
          perform: () => stores.get(createTelemetry).showRunBeside(run),
        })),
    });
  } catch (failure) {
    notify(problemOf(failure));
  }
}
