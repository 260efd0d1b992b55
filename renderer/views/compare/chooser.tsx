/** What is compared with what: the candidate, and the runs that it is set against. */
import { Button, NumberInput, Popover, Select, MultiSelect } from '@mantine/core';
import { useMemo } from 'react';
import { releaseInWords } from '#shared/analysis/usual-baseline.ts';
import type { Baseline } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { createComparison, isComparable, useComparison } from '../../stores/comparison.ts';
import { othersOf, releasesOf, usualLast, usualOf } from '../../stores/comparison-choice.ts';
import { inertText } from '../../components/inert-text.ts';
import { verdictOf } from '../archive/archive-rows.ts';
import style from './compare.module.css';
import { useStores } from '../../stores/context.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { counted } from '#shared/wording/counts.ts';

/** Entries of a list that are drawn at once; the search finds the others. */
const listed = 100;

const kinds: readonly { readonly value: Baseline['kind']; readonly label: string }[] = [
  { value: 'accepted', label: 'accepted runs of' },
  { value: 'run', label: 'one run' },
  { value: 'runs', label: 'chosen runs' },
];

function optionOf(run: ArchivedRun): { readonly value: RunId; readonly label: string } {
  const { release, scenario, startedAt, decision } = run;
  const decided = decision === 'undecided' ? '' : `, ${decision}`;
  return {
    value: run.run,
    label: `${inertText(release)}  ${inertText(scenario)}  ${exactDateAndTime(startedAt)}  ${verdictOf(run)}${decided}`,
  };
}

interface ChooserProps {
  readonly runs: readonly ArchivedRun[];
  /** What is compared now, chosen or not. */
  readonly candidate: ArchivedRun | null;
}

export function Chooser({ runs, candidate }: ChooserProps) {
  const { setChoice } = useStores().get(createComparison);
  const { baseline } = useComparison((state) => state.choice);
  const candidates = useMemo(
    () =>
      runs
        .filter(isComparable)
        .toSorted((one, other) => other.startedAt - one.startedAt)
        .map(optionOf),
    [runs],
  );
  const others = useMemo(() => (candidate ? othersOf(candidate, runs) : []), [candidate, runs]);
  const chosen = useComparison((state) => state.choice.candidate);
  return (
    <>
      <Select
        id="compare-candidate"
        aria-label="Candidate: the run that is looked at"
        placeholder="Candidate"
        data={candidates}
        value={candidate?.run ?? null}
        onChange={(run) => setChoice({ candidate: candidates.find(({ value }) => value === run)?.value ?? null })}
        clearable={chosen !== null}
        allowDeselect={false}
        clearButtonProps={{ 'aria-label': 'Take the latest run' }}
        searchable
        limit={listed}
        nothingFoundMessage="No finished run is called so."
        comboboxProps={{ width: 460, position: 'bottom-start' }}
        className={style['candidate'] ?? ''}
      />
      <span className="muted">against</span>
      <Select
        aria-label="Kind of baseline"
        data={[...kinds]}
        value={baseline.kind}
        allowDeselect={false}
        onChange={(kind) => setChoice({ baseline: baselineOf(kind, baseline, others) })}
        w={148}
      />
      {candidate && <BaselineFields baseline={baseline} candidate={candidate} runs={runs} others={others} />}
    </>
  );
}

/** The baseline when another kind is chosen: what of the former choice fits it. */
function baselineOf(kind: string | null, before: Baseline, others: readonly ArchivedRun[]): Baseline {
  const [latest] = others;
  if (kind === before.kind) return before;
  if (kind === 'run' && latest) return { kind: 'run', run: before.kind === 'runs' ? (before.runs[0] ?? latest.run) : latest.run };
  if (kind === 'runs' && latest) return { kind: 'runs', runs: before.kind === 'run' ? [before.run] : [latest.run] };
  return { kind: 'accepted', release: null, last: usualLast };
}

interface FieldsProps {
  readonly baseline: Baseline;
  readonly candidate: ArchivedRun;
  readonly runs: readonly ArchivedRun[];
  readonly others: readonly ArchivedRun[];
}

function BaselineFields({ baseline, candidate, runs, others }: FieldsProps) {
  const { setChoice } = useStores().get(createComparison);
  switch (baseline.kind) {
    case 'accepted':
      return <AcceptedFields baseline={baseline} candidate={candidate} runs={runs} />;
    case 'run':
      return (
        <Select
          aria-label="Baseline run"
          data={others.map(optionOf)}
          value={baseline.run}
          allowDeselect={false}
          onChange={(run) => {
            const chosen = others.find((each) => each.run === run);
            if (chosen) setChoice({ baseline: { kind: 'run', run: chosen.run } });
          }}
          searchable
          limit={listed}
          comboboxProps={{ width: 460, position: 'bottom-start' }}
          className={style['candidate'] ?? ''}
        />
      );
    case 'runs':
      return <RunsField chosen={baseline.runs} others={others} />;
  }
}

function AcceptedFields({
  baseline,
  candidate,
  runs,
}: Omit<FieldsProps, 'others'> & { readonly baseline: Baseline & { readonly kind: 'accepted' } }) {
  const { setChoice } = useStores().get(createComparison);
  const releases = useMemo(
    () =>
      releasesOf(candidate, runs).map(({ release, accepted, runs: all }) => ({
        value: release,
        label: `${inertText(release)} (${accepted} of ${all} accepted)`,
      })),
    [candidate, runs],
  );
  const usual = useMemo(() => usualOf(candidate, runs), [candidate, runs]);
  const known = baseline.release === null || releases.some(({ value }) => value === baseline.release);
  return (
    <>
      <Select
        aria-label="Release of the baseline"
        placeholder={usual ? `usual: ${inertText(releaseInWords(usual.release))}` : 'the usual release'}
        title={usual?.reason}
        data={known ? releases : [...releases, { value: baseline.release ?? '', label: `${inertText(baseline.release ?? '')} (no runs)` }]}
        value={baseline.release}
        onChange={(release) => setChoice({ baseline: { ...baseline, release } })}
        allowDeselect={false}
        clearable
        clearButtonProps={{ 'aria-label': 'Take the usual release' }}
        searchable
        comboboxProps={{ width: 260, position: 'bottom-start' }}
        w={150}
      />
      <span className="muted">last</span>
      <NumberInput
        aria-label="How many accepted runs at most"
        value={baseline.last}
        min={1}
        max={200}
        clampBehavior="strict"
        allowDecimal={false}
        onChange={(last) => {
          if (typeof last === 'number' && last >= 1) setChoice({ baseline: { ...baseline, last } });
        }}
        w={64}
      />
    </>
  );
}

function RunsField({ chosen, others }: { readonly chosen: readonly RunId[]; readonly others: readonly ArchivedRun[] }) {
  const { setChoice } = useStores().get(createComparison);
  return (
    <Popover width={480} position="bottom-start" trapFocus>
      <Popover.Target>
        <Button>{counted(chosen.length, 'run')}…</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <MultiSelect
          label="Runs of the baseline"
          description="Or choose several in the Archive and press Compare there."
          data={others.map(optionOf)}
          value={[...chosen]}
          onChange={(values) => {
            const [first, ...more] = others.map(({ run }) => run).filter((run) => values.includes(run));
            if (first !== undefined) setChoice({ baseline: { kind: 'runs', runs: [first, ...more].slice(0, 200) } });
          }}
          searchable
          limit={listed}
          maxDropdownHeight={220}
          comboboxProps={{ withinPortal: false }}
          className={style['runsField'] ?? ''}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
