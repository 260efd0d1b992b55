/** The steps of the candidate beside those of the baseline. Selecting one shows only the findings about it. */
import { ActionIcon, Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ComparedStep } from '#shared/analysis/comparison.ts';
import type { RunId } from '#shared/identifiers.ts';
import { DataGrid } from '../../components/data-grid.tsx';
import { useDataGrid, type GridColumn, type GridDefinition } from '../../components/data-grid-columns.ts';
import { inertText } from '../../components/inert-text.ts';
import { createComparison, useComparison } from '../../stores/comparison.ts';
import { openAtStep } from './jump.ts';
import { durationBar, filterSteps, isOtherState, statesText } from './step-rows.ts';
import style from './steps.module.css';
import { countText, counted } from '#shared/wording/counts.ts';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';

/** px */
const rowHeight = 24;

/** The candidate's duration as a bar, with the baseline's range and median. */
function Bar({ step }: { readonly step: ComparedStep }) {
  const bar = durationBar(step);
  if (!bar) return <span />;
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const { candidate, baseline } = step;
  const range = baseline?.range ? `, ${durationText(baseline.range.low)} to ${durationText(baseline.range.high)}` : '';
  const title = `Candidate ${durationText(candidate?.duration ?? null)}; baseline's median ${durationText(baseline?.duration ?? null)}${range}`;
  return (
    <span className={style['bar']} role="img" aria-label={title} title={title}>
      {bar.range && (
        <span
          className={style['barRange']}
          style={{ left: percent(bar.range.low), width: `max(2px, ${percent(bar.range.high - bar.range.low)})` }}
        />
      )}
      {bar.candidate !== null && <span className={style['barCandidate']} style={{ width: percent(bar.candidate) }} />}
      {bar.median !== null && <span className={style['barMedian']} style={{ left: percent(bar.median) }} />}
    </span>
  );
}

function StepText({ step: { depth, number, text, occurrence } }: { readonly step: ComparedStep }) {
  return (
    <span style={{ paddingLeft: Math.min(depth, 10) * 12 }}>
      <span className={style['number']}>{number}</span> <code>{inertText(text.trim())}</code>
      {occurrence > 1 && <span className={style['muted']}> time {occurrence}</span>}
    </span>
  );
}

const columns: readonly GridColumn<ComparedStep>[] = [
  {
    name: 'step',
    title: 'Step',
    width: 160,
    growsTo: Infinity,
    // Those of one line of the script together.
    value: ({ number }) => number,
    cell: (step) => <StepText step={step} />,
    tip: ({ text }) => inertText(text),
  },
  {
    name: 'candidate',
    title: 'Candidate',
    width: 86,
    value: ({ candidate }) => candidate?.state ?? null,
    cell: (step) => (
      <span data-state={isOtherState(step) ? step.candidate?.state : undefined}>{step.candidate?.state ?? 'not executed'}</span>
    ),
  },
  {
    name: 'baseline',
    title: 'Baseline',
    width: 86,
    value: ({ baseline }) => baseline && statesText(baseline),
    cell: ({ baseline }) => (baseline ? statesText(baseline) : 'not executed'),
    tip: ({ baseline }) => (baseline ? `${statesText(baseline)}, in ${counted(baseline.runs, 'run')}` : undefined),
  },
  {
    name: 'duration',
    title: 'Duration',
    width: 140,
    value: ({ candidate }) => candidate?.duration ?? null,
    descendingFirst: true,
    cell: (step) => (
      <span className={style['duration']}>
        <Bar step={step} />
        <span className="number">{durationText(step.candidate?.duration ?? null)}</span>
      </span>
    ),
  },
  {
    name: 'median',
    title: 'Median',
    width: 58,
    isNumber: true,
    value: ({ baseline }) => baseline?.duration ?? null,
    descendingFirst: true,
    cell: ({ baseline }) => durationText(baseline?.duration ?? null),
  },
  {
    name: 'found',
    title: 'Found',
    width: 58,
    isNumber: true,
    value: ({ findings }) => findings,
    descendingFirst: true,
    cell: ({ findings }) => (findings > 0 ? countText(findings) : ''),
  },
];

/** Without an order of its own: steps stand as they were executed until somebody sorts them. */
const stepsGrid: GridDefinition<ComparedStep> = { name: 'compared-steps', columns, keyOf: ({ key }) => key };

function Table({ steps, candidate }: { readonly steps: readonly ComparedStep[]; readonly candidate: RunId }) {
  const stores = useStores();
  const { selectStep } = stores.get(createComparison);
  const selected = useComparison((state) => state.filter.step);
  const grid = useDataGrid(stepsGrid, steps);
  return (
    <DataGrid
      grid={grid}
      label="Steps"
      current={selected}
      rowHeight={rowHeight}
      className={style['steps']}
      dataOf={({ side }) => ({ 'data-side': side })}
      onChoose={({ key }) => selectStep(key)}
      onLetGo={() => selectStep(null)}
      onOpen={(step) => {
        if (step.candidate) void openAtStep(stores, candidate, step.key);
      }}
    />
  );
}

export function StepsPanel({ steps, candidate }: { readonly steps: readonly ComparedStep[]; readonly candidate: RunId }) {
  const [opened, setOpened] = useState(true);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const shown = useMemo(() => filterSteps(steps, { onlyDifferent }), [steps, onlyDifferent]);
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <section className={style['panel']} data-opened={opened || undefined} aria-labelledby="compared-steps-title">
      <header>
        <ActionIcon aria-label={opened ? 'Fold the steps' : 'Unfold the steps'} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          <Icon size={14} />
        </ActionIcon>
        <h2 id="compared-steps-title">Steps</h2>
        <span className={style['muted']}>
          {countText(shown.length)} of {countText(steps.length)}
        </span>
        {opened && (
          <Checkbox
            label="Only different ones"
            checked={onlyDifferent}
            onChange={(event) => setOnlyDifferent(event.currentTarget.checked)}
          />
        )}
      </header>
      {opened && <Table steps={shown} candidate={candidate} />}
    </section>
  );
}
