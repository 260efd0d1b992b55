/** Asks which run stands beside the replayed one. */
import { formatDateExactly } from '#shared/wording/times.ts';
import { problemOf } from '#shared/problem.ts';
import { openPalette } from '../../../stores/palette.ts';
import { choicesBeside } from '../../../stores/replay/beside-choice.ts';
import { useReplay } from '../../../stores/replay/replay.ts';
import { currentCore, notify } from '../../../stores/session.ts';
import { showRunBeside } from '../../../stores/telemetry.ts';

/** Runs that the palette lists; older ones are found from the archive. */
const listed = 200;

export async function chooseBeside(): Promise<void> {
  const core = currentCore();
  const { run: shown } = useReplay.getState();
  if (!core || shown === null) return;
  try {
    const { runs } = await core.request('runs.list', {});
    openPalette({
      title: 'Show which run beside this one?',
      empty: 'There is no other run in the archive.',
      choices: choicesBeside(runs, shown)
        .slice(0, listed)
        .map(({ run, scenario, release, startedAt, outcome, decision }) => ({
          id: run,
          title: `${scenario} ${release}, ${formatDateExactly(startedAt)}`,
          description: [outcome ?? 'damaged', decision === 'undecided' ? null : decision].filter((part) => part !== null).join(', '),
          perform: () => showRunBeside(run),
        })),
    });
  } catch (failure) {
    notify(problemOf(failure));
  }
}
