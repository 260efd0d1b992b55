/** The verdict in words and colour, why it is so, and under which conditions the runs ran. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import type { ComparedRun, Comparison } from '#shared/analysis/comparison.ts';
import { differingConditions, likenessOf } from '#shared/analysis/conditions.ts';
import { inertText } from '../../components/inert-text.ts';
import { Found, PageHead } from '../../components/page.tsx';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { Working } from '../../components/working.tsx';
import { createComparison } from '../../stores/comparison.ts';
import { DecisionLabel, DecisionMenu } from '../decisions/index.tsx';
import { conditionText, runText, testedText, toneOf, type VerdictTone } from './comparison-words.ts';
import { openAt } from './jump.ts';
import style from './compare.module.css';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { notKnown } from '#shared/wording/numbers.ts';
import { counted } from '#shared/wording/counts.ts';

const icons: Readonly<Record<VerdictTone, typeof IconCircleCheck>> = {
  ok: IconCircleCheck,
  warn: IconAlertTriangle,
  fail: IconAlertTriangle,
  'not-live': IconHelpCircle,
};

/** That a comparison goes on, how long already, and the way out of it. */
export function Comparing({ since }: { readonly since: number }) {
  const { cancelComparison } = useStores().get(createComparison);
  return <Working what="Comparing" since={since} onCancel={cancelComparison} />;
}

interface HeadProps {
  readonly comparison: Comparison;
  /** The command that makes the same comparison. */
  readonly command: string;
  /** Since when (ms since 1970) something newer is being compared; null: nothing is. */
  readonly comparing: number | null;
}

export function Head({ comparison, command, comparing }: HeadProps) {
  const [details, setDetails] = useState<'conditions' | 'runs' | null>(null);
  const { candidate, baselineName, baselineReason, baseline, verdict, reason, tested } = comparison;
  const tone = toneOf(comparison);
  const Icon = icons[tone];
  const different = differingConditions(comparison).length;
  const toggle = (which: 'conditions' | 'runs') => setDetails(details === which ? null : which);
  return (
    <PageHead
      label="Verdict"
      tone={tone}
      line={
        <>
          <Found as="h1" tone={tone} icon={<Icon size={18} aria-hidden />}>
            {verdict}
          </Found>
          <p className={style['title']} title={command}>
            <strong>{inertText(runText(candidate))}</strong> <VerdictLabel verdict={candidate.outcome} /> against{' '}
            <strong>{inertText(baselineName)}</strong>
          </p>
          {comparing !== null && <Comparing since={comparing} />}
          <DecisionMenu run={candidate.run} />
        </>
      }
    >
      <p className={style['reason']}>{inertText(reason)}</p>
      {baselineReason !== undefined && <p className={style['reason']}>Compared with {inertText(baselineReason)}.</p>}
      <div className={style['facts']}>
        <span className="muted" title={untestedTitle(tested)}>
          {testedText(tested)}
          {tested.untested.length > 0 && <IconInfoCircle size={12} aria-hidden />}
        </span>
        <Button
          aria-expanded={details === 'conditions'}
          data-different={different > 0 || undefined}
          size="small"
          onClick={() => toggle('conditions')}
        >
          {different > 0 ? counted(different, 'condition differs', 'conditions differ') : 'Same conditions'}
        </Button>
        <Button size="small" aria-expanded={details === 'runs'} onClick={() => toggle('runs')}>
          {counted(baseline.length, 'baseline run')}
        </Button>
      </div>
      {details === 'conditions' && <Conditions comparison={comparison} />}
      {details === 'runs' && <Runs comparison={comparison} />}
    </PageHead>
  );
}

function untestedTitle({ untested }: Comparison['tested']): string | undefined {
  if (untested.length === 0) return undefined;
  return `Not tested: ${untested.map(({ reason, numbers }) => `${numbers} (${reason})`).join('; ')}`;
}

const likenessOrder = { different: 0, compared: 1, same: 2 } as const;

function Conditions({ comparison: { conditions, tested } }: { readonly comparison: Comparison }) {
  // What differs comes first: that is what one looks for.
  const ordered = conditions.toSorted((one, other) => likenessOrder[likenessOf(one)] - likenessOrder[likenessOf(other)]);
  return (
    <div className={style['details']} tabIndex={0} role="region" aria-label="Conditions">
      <table>
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col">Candidate</th>
            <th scope="col">Baseline (runs)</th>
            <th scope="col">Alike</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((condition) => (
            <tr key={condition.name} data-different={likenessOf(condition) === 'different' || undefined}>
              <td>{inertText(condition.name)}</td>
              <td>{inertText(condition.candidate ?? 'not told')}</td>
              <td>{inertText(conditionText(condition.baseline))}</td>
              <td>{likenessOf(condition)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {tested.untested.length > 0 && (
        <p className="muted">Not tested: {tested.untested.map(({ reason, numbers }) => `${numbers} (${inertText(reason)})`).join('; ')}</p>
      )}
    </div>
  );
}

function Runs({ comparison: { candidate, baseline } }: { readonly comparison: Comparison }) {
  const newestFirst = baseline.toSorted((one, other) => other.startedAt - one.startedAt);
  return (
    <div className={style['details']} tabIndex={0} role="region" aria-label="Compared runs">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Release</th>
            <th scope="col">Environment</th>
            <th scope="col">Verdict</th>
            <th scope="col">Decision</th>
            <th scope="col" className="number">
              Duration
            </th>
            <th scope="col">Open</th>
          </tr>
        </thead>
        <tbody>
          {[candidate, ...newestFirst].map((run) => (
            <RunRow key={run.run} run={run} isCandidate={run === candidate} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run, isCandidate }: { readonly run: ComparedRun; readonly isCandidate: boolean }) {
  const stores = useStores();
  return (
    <tr>
      <td title={run.run}>
        {exactDateAndTime(run.startedAt)}
        {isCandidate && ' (candidate)'}
      </td>
      <td>{inertText(run.release)}</td>
      <td>{run.environment || notKnown}</td>
      <td>
        <VerdictLabel verdict={run.outcome} />
      </td>
      <td>
        <DecisionLabel decision={run.decision} />
      </td>
      <td className="number">{durationText(run.duration)}</td>
      <td>
        <Button variant="subtle" size="small" aria-label={`open ${run.run}`} onClick={() => openAt(stores, run.run, null)}>
          open
        </Button>
      </td>
    </tr>
  );
}
