/** What the tooltip of a run control says: what it does and, where nothing can be done to the run at all, why. */
import { hasControl, useRunConsoles } from '../../../stores/run-consoles.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useSession } from '../../../stores/session.ts';
import { lostCoreInWords, whyNothingCanBeDone } from './run-commands.ts';

export function useControlTip(does: string, enabled: boolean): string {
  const connection = useSession((session) => session.connection);
  const control = useRunConsoles(hasControl);
  const why = useRunSession(({ archived, live, resuming, state }) =>
    whyNothingCanBeDone({
      archived,
      control,
      active: live && state.status !== 'finished',
      lost: lostCoreInWords(connection, resuming),
    }),
  );
  return enabled || why === null ? does : `${does}: not now. ${why}.`;
}
