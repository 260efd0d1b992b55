/** The steps of the candidate beside those of the baseline. Selecting one shows only the findings about it. */
import { ActionIcon, Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { ComparedStep } from '#shared/analysis/comparison.ts';
import type { RunId } from '#shared/identifiers.ts';
import { inertText } from '../../components/inert-text.ts';
import { createComparison, useComparison } from '../../stores/comparison.ts';
import { selectionAfter } from '../archive/archive-rows.ts';
import { openAtStep } from './jump.ts';
import { durationBar, filterSteps, isOtherState, statesText } from './step-rows.ts';
import style from './steps.module.css';
import { countText, counted } from '#shared/wording/counts.ts';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';

/** px */
const rowHeight = 24;
const columns = ['Step', 'Candidate', 'Baseline', 'Duration', 'Median', 'Found'] as const;

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

function StepRow({
  step,
  index,
  start,
  selected,
}: {
  readonly step: ComparedStep;
  readonly index: number;
  readonly start: number;
  readonly selected: boolean;
}) {
  const { selectStep } = useStores().get(createComparison);
  const { candidate, baseline, depth, number, text, occurrence, side, findings } = step;
  return (
    <div
      id={`step-row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={style['row']}
      data-side={side}
      style={{ height: rowHeight, position: 'absolute', top: 0, transform: `translateY(${start}px)` }}
      onClick={() => selectStep(selected ? null : step.key)}
    >
      <span role="gridcell" className="clipped" style={{ paddingLeft: Math.min(depth, 10) * 12 }} title={inertText(text)}>
        <span className={style['number']}>{number}</span> <code>{inertText(text.trim())}</code>
        {occurrence > 1 && <span className={style['muted']}> time {occurrence}</span>}
      </span>
      <span role="gridcell" className="clipped" data-state={isOtherState(step) ? candidate?.state : undefined}>
        {candidate?.state ?? 'not executed'}
      </span>
      <span
        role="gridcell"
        className="clipped"
        title={baseline ? `${statesText(baseline)}, in ${counted(baseline.runs, 'run')}` : undefined}
      >
        {baseline ? statesText(baseline) : 'not executed'}
      </span>
      <span role="gridcell" className={style['duration']}>
        <Bar step={step} />
        <span className="number">{durationText(candidate?.duration ?? null)}</span>
      </span>
      <span role="gridcell" className="number">
        {durationText(baseline?.duration ?? null)}
      </span>
      <span role="gridcell" className="number">
        {findings > 0 ? countText(findings) : ''}
      </span>
    </div>
  );
}

function Table({ steps, candidate }: { readonly steps: readonly ComparedStep[]; readonly candidate: RunId }) {
  const stores = useStores();
  const { selectStep } = stores.get(createComparison);
  const frame = useRef<HTMLDivElement>(null);
  const selected = useComparison((state) => state.filter.step);
  const current = steps.findIndex(({ key }) => key === selected);
  const virtualizer = useVirtualizer({
    count: steps.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => steps[index]?.key ?? index,
    scrollPaddingStart: rowHeight,
    overscan: 12,
  });
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [current, virtualizer]);
  const pressed = (event: KeyboardEvent) => {
    if (event.target !== frame.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[current];
    if (event.key === 'Escape' && step) selectStep(null);
    else if (event.key === 'Enter' && step?.candidate) void openAtStep(stores, candidate, step.key);
    else {
      const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 2);
      const next = selectionAfter(event.key, current, steps.length, page);
      if (next === null) return;
      selectStep(steps[next]?.key ?? null);
    }
    event.preventDefault();
  };
  return (
    <div
      ref={frame}
      className={style['table']}
      role="grid"
      aria-label="Steps"
      aria-rowcount={steps.length + 1}
      aria-activedescendant={current >= 0 ? `step-row-${current}` : undefined}
      tabIndex={0}
      onKeyDown={pressed}
    >
      <div role="rowgroup" className={style['heading']}>
        <div role="row" className={style['row']}>
          {columns.map((title, index) => (
            <span key={title} role="columnheader" className={index > 3 ? 'number' : 'clipped'}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const step = steps[item.index];
          return step && <StepRow key={item.key} step={step} index={item.index} start={item.start} selected={step.key === selected} />;
        })}
      </div>
    </div>
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
