/** Several chosen runs: what they are, and what can be done with all of them. */
import { Button, Group } from '@mantine/core';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { createComparison, isComparable } from '../../stores/comparison.ts';
import { inertText } from '../../components/inert-text.ts';
import { createDecisions, DecisionLabel } from '../decisions/index.tsx';
import { decisionTitles } from '../decisions/decision-words.ts';
import { createArchive } from './archive-store.ts';
import style from './archive.module.css';
import { decisions } from '#shared/run/run-words.ts';
import { useStores } from '../../stores/context.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';

/** Runs that are listed here; all chosen ones are marked in the table. */
const listed = 200;

export function SeveralRuns({ runs }: { readonly runs: readonly ArchivedRun[] }) {
  const stores = useStores();
  const { askDecision, askCause } = stores.get(createDecisions);
  const { compareRuns } = stores.get(createComparison);
  const { deleteRuns } = stores.get(createArchive);
  const finished = runs.filter(({ outcome }) => outcome !== null).map(({ run }) => run);
  const comparable = runs.filter(isComparable);
  return (
    <section className={style['details']} aria-label="Chosen runs">
      <header>
        <h2>{runs.length} runs</h2>
        <Group gap="xs">
          {decisions.map((decision) => (
            <Button key={decision} disabled={finished.length === 0} onClick={() => askDecision(finished, decision)}>
              {decisionTitles[decision]}…
            </Button>
          ))}
          <Button disabled={finished.length === 0} onClick={() => askCause(finished)}>
            Annotate…
          </Button>
          <Button disabled={comparable.length < 2} onClick={() => compareRuns(comparable)}>
            Compare
          </Button>
          <Button onClick={() => deleteRuns(runs)}>Delete</Button>
        </Group>
      </header>
      <div className={style['detailsBody']} tabIndex={0} role="region" aria-label="List of the chosen runs">
        <p className="muted">Compare sets the newest of them against the others.</p>
        <ul className={style['chosen']}>
          {runs.slice(0, listed).map((run) => (
            <li key={run.run}>
              <span className="clipped">
                {inertText(run.scenario)} {inertText(run.release)}
              </span>
              <span className="muted">{exactDateAndTime(run.startedAt)}</span>
              <DecisionLabel decision={run.decision} />
            </li>
          ))}
        </ul>
        {runs.length > listed && <p className="muted">and {runs.length - listed} more</p>}
      </div>
    </section>
  );
}
