/** The head of a campaign: its outcome or how far it is, when it will have ended, who coordinates, what failed last. */
import { IconCheck, IconHandStop, IconPlayerPlay, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { redCount } from '#shared/campaign/result-counts.ts';
import { counted, countText } from '#shared/wording/counts.ts';
import { durationText, secondsText } from '#shared/wording/durations.ts';
import { dateAndTime, hourAndMinute } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import { Found, PageHead, type HeadTone } from '../../components/page.tsx';
import { useNow } from '../../components/use-now.ts';
import { shownCampaign, useCampaigns } from '../../stores/campaigns/campaigns.ts';
import { useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useSession } from '../../stores/session.ts';
import {
  copyText,
  coordinatorText,
  countsText,
  forecastText,
  lookText,
  lookOfResult,
  outcomeLooks,
  progressText,
  resultsInOrder,
  serversOutText,
} from './campaign-words.ts';
import style from './campaigns.module.css';

const outcomeIcons = { passed: IconCheck, failed: IconX, stopped: IconHandStop, 'not executed': IconQuestionMark } as const;

/** Shares of all tests by their result; what nothing is said of yet is left free. */
export function ResultBar({ view }: { readonly view: Pick<CampaignView, 'results' | 'tests'> }) {
  const present = resultsInOrder.filter((result) => view.results[result] > 0);
  return (
    <div className={style['bar']} role="img" aria-label={`${progressText(view)}: ${countsText(view)}`}>
      {present.map((result) => (
        <span
          key={result}
          className={style['barPart']}
          data-tone={lookOfResult(result).tone}
          data-result={result}
          style={{ flexGrow: view.results[result] / Math.max(1, view.tests) }}
          title={`${countText(view.results[result])} ${result}`}
        />
      ))}
    </div>
  );
}

interface Standing {
  readonly words: string;
  readonly tone: HeadTone;
  readonly icon: typeof IconCheck;
}

function standingOfCampaign(view: CampaignView, isLive: boolean): Standing {
  if (view.outcome !== null) return { words: view.outcome, tone: outcomeLooks[view.outcome].head, icon: outcomeIcons[view.outcome] };
  const was = view.planning ? 'planning' : 'running';
  if (view.asOf !== null) return { words: `not live, as of ${hourAndMinute(view.asOf)}`, tone: 'not-live', icon: IconQuestionMark };
  if (!isLive) return { words: `Not live (was: ${was})`, tone: 'not-live', icon: IconQuestionMark };
  const isRedAlready = redCount(view.results) > 0;
  const tone = isRedAlready ? 'fail' : 'ok';
  return { words: view.planning ? 'planning' : isRedAlready ? 'running, red already' : 'running', tone, icon: IconPlayerPlay };
}

/** When it will have ended, or how long it took. */
function Times({ view, now }: { readonly view: CampaignView; readonly now: number }) {
  const { startedAt, endedAt, asOf, forecast } = view;
  if (asOf !== null) return null;
  if (endedAt !== null) return <span>took {durationText(endedAt - startedAt)}</span>;
  const foreseen = forecastText(forecast, now);
  return (
    <>
      <span>for {secondsText(now - startedAt)}</span>
      <span>{foreseen ?? (view.planning ? 'its tests are being listed' : 'its end is not known yet')}</span>
    </>
  );
}

function Facts({ view }: { readonly view: CampaignView }) {
  const lookedAt = useCampaigns((state) => shownCampaign(state)?.lookedAt ?? null);
  const { quarantined, running, waiting, triedAgain, waits, outcome, plan } = view;
  const isRedNow = redCount(view.results) > 0;
  return (
    <p className={style['facts']}>
      <span>{countsText(view)}</span>
      {quarantined > 0 && <span>{counted(quarantined, 'failure')} in quarantine, which do not decide</span>}
      {outcome === null && (
        <span>
          {countText(running)} running, {countText(waiting)} waiting
          {waits[0] && `: ${inertText(waits[0].reason)}`}
        </span>
      )}
      {triedAgain > 0 && <span>{countText(triedAgain)} failed so far, tried again</span>}
      {isRedNow && <span>{lookText(lookedAt)}</span>}
      {plan.repeats !== null && <span>repeats what failed in {plan.repeats}</span>}
    </p>
  );
}

export function CampaignHead({ view }: { readonly view: CampaignView }) {
  const isLive = useSession((state) => state.connection.kind === 'connected');
  const last = useLiveCampaign((state) => state.lastFailure);
  const now = useNow(view.endedAt === null && view.asOf === null && isLive ? 1_000 : null);
  // The core says it itself, with how long it is waited for, where one may come back.
  const isTold = view.problems.some(({ code }) => code === 'no-server-ready');
  const serversOut = isTold ? null : serversOutText(view.servers);
  const { words, tone, icon: Icon } = standingOfCampaign(view, isLive);
  const line = (
    <>
      <Found as="h1" tone={tone} icon={<Icon size={18} aria-hidden />}>
        {inertText(view.title)}: {words}
      </Found>
      <span className="clipped">
        revision <strong>{inertText(view.revision)}</strong>, {dateAndTime(view.startedAt)}, by {inertText(view.operator)}
      </span>
      <Times view={view} now={now} />
    </>
  );
  return (
    <PageHead label="Campaign" tone={tone} line={line}>
      <div className={style['progress']}>
        <ResultBar view={view} />
        <span>{view.planning ? `${progressText(view)}, of those that are listed so far` : progressText(view)}</span>
      </div>
      <Facts view={view} />
      <p className={style['facts']}>
        {view.asOf === null ? <span className="muted">{coordinatorText(view)}</span> : <span>{copyText(view.asOf)}</span>}
        {view.endedAt === null && serversOut !== null && (
          <span className={style['toned']} data-tone="fail">
            {inertText(serversOut)}
          </span>
        )}
        {view.reason !== null && <span>{inertText(view.reason)}</span>}
        {view.suites.map(
          ({ suite, problem }) =>
            problem !== null && (
              <span key={suite} className={style['toned']} data-tone="fail">
                {inertText(suite)} has no tests: {inertText(problem)}
              </span>
            ),
        )}
        {view.problems.map(({ code, message, tip = '' }) => (
          <span key={`${code} ${message}`} className={style['toned']} data-tone="warn">
            {inertText(`${message} ${tip}`.trim())}
          </span>
        ))}
      </p>
      <p className={style['lastFailure']} role="status">
        {last && view.endedAt === null && (
          <>
            <strong className={style['toned']} data-tone="fail">
              ✗ Failed last
            </strong>{' '}
            <code>
              {inertText(last.suite)}: {inertText(last.test)}
            </code>{' '}
            {last.message !== null && inertText(last.message)}
          </>
        )}
      </p>
    </PageHead>
  );
}
