/** The chosen test: where it stands, why it waits, and every attempt at it with what it left. */
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { counted } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertBlock, inertText } from '../../components/inert-text.ts';
import { useCampaignTests, type ShownTest } from '../../stores/campaigns/campaign-tests.ts';
import { standingOf, lookOfLease } from './campaign-words.ts';
import { EvidenceList } from './evidence.tsx';
import { TestHistoryPart } from './test-history.tsx';
import style from './campaigns.module.css';

type Attempt = ShownTest['attempts'][number];

function AttemptPart({ campaign, attempt }: { readonly campaign: CampaignId; readonly attempt: Attempt }) {
  const { worker, server, leasedAt, settledAt, end, reason, verdict } = attempt;
  const { tone, sign, words } = lookOfLease({ end, verdict: verdict?.verdict ?? null });
  return (
    <article className={style['attempt']} aria-label={`Attempt ${attempt.attempt}`}>
      <h3>
        Attempt {attempt.attempt}:{' '}
        <span className={style['toned']} data-tone={tone}>
          {sign} {words}
        </span>
      </h3>
      <p className="muted">
        {worker}
        {server !== null && ` on ${server}`}, {exactDateAndTime(leasedAt)}
        {verdict
          ? `, took ${durationText(verdict.duration)}`
          : settledAt !== null && `, given up after ${durationText(settledAt - leasedAt)}`}
      </p>
      {reason !== null && <p className={style['message']}>{inertBlock(reason)}</p>}
      {verdict?.message !== undefined && <p className={style['message']}>{inertBlock(verdict.message)}</p>}
      {verdict?.details !== undefined && (
        <pre className={style['details']} tabIndex={0} aria-label="Details of the failure">
          {inertBlock(verdict.details)}
        </pre>
      )}
      <EvidenceList campaign={campaign} evidence={verdict?.evidence ?? []} />
    </article>
  );
}

export function TestDetails({ view }: { readonly view: CampaignView }) {
  const { campaign } = view;
  const chosen = useCampaignTests((state) => state.chosen);
  const shown = useCampaignTests((state) => state.shown);
  if (!chosen || !shown)
    return (
      <aside className={style['testDetails']}>
        <EmptyState title="Choose a test">
          <p>Every attempt at it is shown here: where, how it ended, and what it left.</p>
        </EmptyState>
      </aside>
    );
  const { row, attempts, waits } = shown;
  const { tone, sign, words } = standingOf(row);
  return (
    <aside className={style['testDetails']} aria-label="Details of the test" tabIndex={0}>
      <h2>
        <code>{inertText(row.test)}</code>
      </h2>
      <p>
        {inertText(row.suite)},{' '}
        <span className={style['toned']} data-tone={tone}>
          {sign} {words}
        </span>
        , {counted(attempts.length, 'attempt')}
        {row.quarantined && ', in quarantine: it does not decide'}
      </p>
      {waits !== null && <p>It waits: {inertText(waits)}</p>}
      {attempts.toReversed().map((attempt) => (
        <AttemptPart key={`${attempt.attempt} ${attempt.leasedAt}`} campaign={campaign} attempt={attempt} />
      ))}
      <TestHistoryPart test={chosen} view={view} standing={`${row.state} ${row.attempts}`} />
    </aside>
  );
}
