/** How a scenario went over release candidates and time: verdicts, drift, runs that disagree with themselves, and a chart for every line. */
import { Select } from '@mantine/core';
import { IconTrendingUp } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { TrendLine } from '#shared/analysis/trend.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Page } from '../../components/page.tsx';
import { Working } from '../../components/working.tsx';
import { useArchivedRuns } from '../../stores/archived-runs.ts';
import { shownAnswer } from '../../stores/asked-work.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { createTrends, linesOf, scenariosOf, trendBounds, trendLimits, useTrends, type ShownTrend } from '../../stores/trends.ts';
import { LineChoosers } from './line-choosers.tsx';
import { RunReadout } from './run-readout.tsx';
import { bandsOf, titlesOf, trendSections, type Band } from './trend-lines.ts';
import { TrendCard } from './trend-card.tsx';
import { TrendTold } from './trend-told.tsx';
import { VerdictStrip } from './verdict-strip.tsx';
import { WorkState } from './work-state.tsx';
import style from './trends.module.css';
import { useStores } from '../../stores/context.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';

/** Runs from which on drift is looked for. */
const fewestForDrift = 8;

export function TrendTools() {
  const { chooseScenario, chooseLimit, cancelTrend } = useStores().get(createTrends);
  const runs = useArchivedRuns((state) => state.runs);
  const choice = useTrends((state) => state.choice);
  const work = useTrends((state) => state.work);
  const scenarios = useMemo(() => scenariosOf(runs ?? []), [runs]);
  const shown = shownAnswer(work);
  if (work.kind === 'nothing' || scenarios.length === 0) return null;
  const scenario = work.asked.scenario;
  return (
    <>
      <Select
        aria-label="Scenario"
        data={scenarios.map((value) => ({ value, label: inertText(value) }))}
        value={scenario}
        allowDeselect={false}
        onChange={(value) => chooseScenario(scenarios.find((each) => each === value) ?? null)}
        searchable
        limit={100}
        nothingFoundMessage="No scenario that was run is called so."
        w={200}
      />
      <Select
        aria-label="How many runs at most"
        data={trendLimits.map((limit) => ({ value: String(limit), label: `newest ${limit} runs` }))}
        value={String(choice.limit)}
        allowDeselect={false}
        onChange={(value) => chooseLimit(trendLimits.find((each) => String(each) === value) ?? choice.limit)}
        w={140}
      />
      {shown?.asked.scenario === scenario && <LineChoosers shown={shown.answer} chosen={linesOf(choice, scenario)} />}
      <span className="rest" />
      {work.kind === 'asking' && work.before && <Working what="Reading the runs" since={work.since} onCancel={cancelTrend} />}
    </>
  );
}

interface ChartsProps {
  readonly title: string;
  readonly lines: readonly TrendLine[];
  readonly titles: ReadonlyMap<string, string>;
  readonly runs: readonly ComparedRun[];
  readonly bands: readonly Band[];
}

function Charts({ title, lines, titles, runs, bands }: ChartsProps) {
  return (
    <section className={style['section']} aria-label={title}>
      <h2>{title}</h2>
      <div className={style['charts']}>
        {lines.map((line) => (
          <TrendCard key={line.id} line={line} title={inertText(titles.get(line.id) ?? line.title)} runs={runs} bands={bands} />
        ))}
      </div>
    </section>
  );
}

function Shown({ shown, asking }: { readonly shown: ShownTrend; readonly asking: number | null }) {
  const { trend, metrics } = shown;
  const { runs, lines, scenario } = trend;
  const choice = useTrends((state) => state.choice);
  const { steps } = linesOf(choice, scenario);
  const bands = useMemo(() => bandsOf(runs), [runs]);
  const titles = useMemo(() => titlesOf(lines), [lines]);
  const sections = useMemo(() => trendSections({ lines, runs }, steps, trendBounds.usualSteps), [lines, runs, steps]);
  const frame = useRef<HTMLDivElement>(null);
  const drawn = new Set(lines.flatMap(({ id, kind }) => (kind === 'metric' ? [id.slice('metric:'.length)] : [])));
  const missing = metrics.filter((metric) => !drawn.has(metric));
  if (runs.length === 0)
    return (
      <EmptyState icon={<IconTrendingUp />} title={`${inertText(scenario)} has no finished runs`}>
        <p>A trend is made of finished runs. Choose another scenario above, or run this one.</p>
      </EmptyState>
    );
  return (
    <Page frame={frame} busy={asking !== null}>
      <RunReadout runs={runs} />
      <div className={style['body']} tabIndex={0} role="group" aria-label="Trend">
        <VerdictStrip runs={runs} bands={bands} />
        <TrendTold trend={trend} titles={titles} frame={frame} />
        {runs.length < fewestForDrift && (
          <p className="muted">
            {counted(runs.length, 'run')}: drift is looked for from {fewestForDrift} runs on.
          </p>
        )}
        {sections.map((section) => (
          <Charts key={section.title} {...section} titles={titles} runs={runs} bands={bands} />
        ))}
        {missing.length > 0 && (
          <p className="muted">
            {missing.length === 1 ? 'This metric is' : 'These metrics are'} in none of the runs: {listed(missing.map(inertText))}.
          </p>
        )}
        {metrics.length === 0 && (
          <p className="muted">No metric is chosen. Press M, or Metrics above, to see the level of one over the runs.</p>
        )}
      </div>
    </Page>
  );
}

export function TrendsHalf() {
  const { followTrends, cancelTrend, askTrend } = useStores().get(createTrends);
  const work = useTrends((state) => state.work);
  const generation = useConnectionGeneration();
  useEffect(followTrends, [generation]);
  return (
    <WorkState work={work} what="Reading the runs" onCancel={cancelTrend} onAgain={askTrend}>
      {(answer, asking) => <Shown shown={answer} asking={asking} />}
    </WorkState>
  );
}
