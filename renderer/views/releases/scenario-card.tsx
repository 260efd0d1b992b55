/** A scenario on a release candidate: its runs, and what changed since the candidate before. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconArrowsDiff, IconCheck, IconPlayerPlay, IconTrendingUp, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { createReleases, useReleases } from '../../stores/releases.ts';
import { openAt } from '../compare/jump.ts';
import findingStyle from '../compare/findings.module.css';
import { createDecisions, DecisionLabel } from '../decisions/index.tsx';
import { openInCompare, showTrendOf } from './remedies.ts';
import { comparisonTone, releaseText, type SheetScenario } from './release-words.ts';
import style from './sheet.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';
import { dateAndTime } from '#shared/wording/times.ts';

/** Runs that are listed before somebody wants all. */
const fewRuns = 8;

/** Marks the row that was used last: what the keys decide about. */
function attend(stores: Stores, { run }: ComparedRun): void {
  stores.get(createReleases).setState({ run });
}

function RunRow({ run, counts }: { readonly run: ComparedRun; readonly counts: boolean }) {
  const stores = useStores();
  const { askDecision } = stores.get(createDecisions);
  const isCurrent = useReleases((state) => state.run === run.run);
  const what = `${run.scenario}, ${dateAndTime(run.startedAt)}`;
  return (
    <tr aria-current={isCurrent || undefined} onFocus={() => attend(stores, run)} onClick={() => attend(stores, run)}>
      <td>
        <VerdictLabel verdict={run.outcome} />
      </td>
      <td title={run.run}>
        {dateAndTime(run.startedAt)}
        {counts && <span className="muted"> speaks for it</span>}
      </td>
      <td className="number">{durationText(run.duration)}</td>
      <td>
        <DecisionLabel decision={run.decision} />
      </td>
      <td className={style['rowButtons']}>
        <Tooltip label="Open in replay (O)">
          <ActionIcon aria-label={`Open the run of ${what}`} onClick={() => openAt(stores, run.run, null)}>
            <IconPlayerPlay size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Accept… (Ctrl+Alt+A)">
          <ActionIcon
            aria-label={`Accept the run of ${what}`}
            disabled={run.decision === 'accepted'}
            onClick={() => askDecision([run.run], 'accepted')}
          >
            <IconCheck size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Reject… (Ctrl+Alt+X)">
          <ActionIcon
            aria-label={`Reject the run of ${what}`}
            disabled={run.decision === 'rejected'}
            onClick={() => askDecision([run.run], 'rejected')}
          >
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </td>
    </tr>
  );
}

function Runs({ scenario: { scenario, runs, comparison } }: { readonly scenario: SheetScenario }) {
  const [all, setAll] = useState(false);
  const newestFirst = runs.toReversed();
  const shown = all ? newestFirst : newestFirst.slice(0, fewRuns);
  return (
    <>
      <table className={style['runs']} aria-label={`Runs of ${inertText(scenario)}`}>
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Started</th>
            <th scope="col" className="number">
              Duration
            </th>
            <th scope="col">Decision</th>
            <th scope="col">Open, decide</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((run) => (
            <RunRow key={run.run} run={run} counts={run.run === comparison?.candidate && runs.length > 1} />
          ))}
        </tbody>
      </table>
      {runs.length > fewRuns && (
        <Button size="small" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show the newest ${fewRuns}` : `Show all ${runs.length} runs`}
        </Button>
      )}
    </>
  );
}

interface ChangesProps {
  readonly scenario: SheetScenario;
  readonly previous: string | null;
}

function Changes({ scenario: { comparison, problem }, previous }: ChangesProps) {
  const stores = useStores();
  if (!comparison) return problem === null ? null : <p className="muted">{inertText(problem)}</p>;
  const { verdict, reason, top, confirmed, more } = comparison;
  const candidate = runIdSchema.safeParse(comparison.candidate).data;
  return (
    <div className={style['changes']} data-tone={comparisonTone(verdict)}>
      <div className={style['changesLine']}>
        <p>
          <strong data-tone={comparisonTone(verdict)}>{verdict}</strong> {inertText(reason)}
        </p>
        {candidate && (
          <Button size="small" leftSection={<IconArrowsDiff size={12} />} onClick={() => openInCompare(stores, candidate, previous, null)}>
            Open in Compare
          </Button>
        )}
      </div>
      {top.length > 0 && (
        <ol className={style['top']}>
          {top.map(({ id, sentence, cause }) => (
            <li key={id}>
              {candidate ? (
                <button type="button" title="Show the evidence in Compare" onClick={() => openInCompare(stores, candidate, previous, id)}>
                  {inertText(sentence)}
                </button>
              ) : (
                inertText(sentence)
              )}
              {cause !== null && (
                <span className={findingStyle['cause']} data-cause={cause}>
                  {inertText(cause)}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {more > 0 && <p className="muted">and {counted(more, `further ${confirmed > 0 ? 'confirmed ' : ''}change`)}</p>}
    </div>
  );
}

export function ScenarioCard({ scenario, sheet }: { readonly scenario: SheetScenario; readonly sheet: ReleaseSheet }) {
  const stores = useStores();
  const { runs, passed } = scenario;
  return (
    <article className={style['card']}>
      <header>
        <h3>{inertText(scenario.scenario)}</h3>
        <span className="muted">
          {runs.length === 0 ? `was not run on ${releaseText(sheet.release)}` : `${passed} of ${counted(runs.length, 'run')} passed`}
        </span>
        <span className="rest" />
        <Button
          size="small"
          variant="subtle"
          leftSection={<IconTrendingUp size={12} />}
          onClick={() => showTrendOf(stores, scenario.scenario)}
        >
          Trend
        </Button>
      </header>
      <Changes scenario={scenario} previous={sheet.previous} />
      {runs.length > 0 && <Runs scenario={scenario} />}
    </article>
  );
}
