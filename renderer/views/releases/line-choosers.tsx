/** Which metrics and which steps are shown. */
import { Button, MultiSelect, Popover } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { inertText } from '../../components/inert-text.ts';
import { createActions } from '../../stores/actions.ts';
import { createSession } from '../../stores/session.ts';
import { createTrends, trendBounds, type ChosenLines, type ShownTrend } from '../../stores/trends.ts';
import { bandsOf, stepsByChange, titlesOf, trendSections } from './trend-lines.ts';
import style from './trends.module.css';
import { useStores } from '../../stores/context.ts';

/** Entries of a list that are drawn at once; the search finds the others. */
const listed = 100;

interface ChooserProps {
  readonly button: string;
  readonly label: string;
  readonly description: string;
  readonly data: readonly { readonly value: string; readonly label: string }[];
  readonly value: readonly string[];
  readonly most: number;
  /** What goes back to what is shown without a choice; null: nothing was chosen. */
  readonly onUsual: (() => void) | null;
  readonly usual: string;
  readonly onChange: (value: readonly string[]) => void;
  readonly opened: boolean;
  readonly onOpened: (opened: boolean) => void;
}

function Chooser({ button, label, description, data, value, most, onUsual, usual, onChange, opened, onOpened }: ChooserProps) {
  return (
    <Popover width={480} position="bottom-start" trapFocus opened={opened} onChange={onOpened} returnFocus>
      <Popover.Target>
        <Button onClick={() => onOpened(!opened)}>{button}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <MultiSelect
          label={label}
          description={description}
          placeholder="Type to search"
          data={[...data]}
          value={[...value]}
          onChange={onChange}
          searchable
          maxValues={most}
          limit={listed}
          // The list itself scrolls: it is moved through from the search, and needs no place of its own for the keyboard.
          withScrollArea={false}
          classNames={{ options: style['options'] ?? '' }}
          nothingFoundMessage="Nothing is called so."
          comboboxProps={{ withinPortal: false }}
          className={style['chooser'] ?? ''}
          data-autofocus
        />
        <Button className={style['usual'] ?? ''} disabled={onUsual === null} onClick={() => onUsual?.()}>
          {usual}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

interface LineChoosersProps {
  readonly shown: ShownTrend;
  readonly chosen: ChosenLines;
}

export function LineChoosers({ shown: { trend, series, metrics }, chosen }: LineChoosersProps) {
  const stores = useStores();
  const session = stores.get(createSession);
  const { registerActions } = stores.get(createActions);
  const { chooseMetrics, chooseSteps } = stores.get(createTrends);
  const [opened, setOpened] = useState<'metrics' | 'steps' | null>(null);
  useEffect(() => {
    const enabled = () => session.getState().view === 'releases';
    const group = 'Releases';
    return registerActions([
      {
        id: 'releases.metrics',
        title: 'Choose the metrics of the trend…',
        group,
        keys: ['M'],
        enabled,
        perform: () => setOpened('metrics'),
      },
      { id: 'releases.steps', title: 'Choose the steps of the trend…', group, keys: ['D'], enabled, perform: () => setOpened('steps') },
    ]);
  }, []);
  const { lines, runs } = trend;
  const titles = useMemo(() => titlesOf(lines), [lines]);
  const steps = useMemo(() => stepsByChange(lines, bandsOf(runs)), [lines, runs]);
  const drawnSteps = useMemo(
    () =>
      trendSections({ lines, runs }, chosen.steps, trendBounds.usualSteps).flatMap((section) =>
        section.lines.flatMap(({ id, kind }) => (kind === 'step duration' ? [id] : [])),
      ),
    [lines, runs, chosen.steps],
  );
  const names = useMemo(() => {
    const all = [...new Set([...metrics, ...series.map(({ name }) => name)])];
    return all.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).map((value) => ({ value, label: inertText(value) }));
  }, [metrics, series]);
  return (
    <>
      <Chooser
        button={`Metrics (${metrics.length})…`}
        label="Metrics"
        description={`Series of the latest run; at most ${trendBounds.metrics}. The level of each over the whole run is shown.`}
        data={names}
        value={metrics}
        most={trendBounds.metrics}
        onChange={chooseMetrics}
        onUsual={chosen.metrics === null ? null : () => chooseMetrics(null)}
        usual="What the scenario looks at"
        opened={opened === 'metrics'}
        onOpened={(open) => setOpened(open ? 'metrics' : null)}
      />
      <Chooser
        button={`Steps (${drawnSteps.length})…`}
        label="Steps"
        description="Those that changed most between releases come first. One that drifts is always shown."
        data={steps.map(({ id, title }) => ({ value: id, label: inertText(titles.get(id) ?? title) }))}
        value={drawnSteps}
        most={300}
        onChange={chooseSteps}
        onUsual={chosen.steps === null ? null : () => chooseSteps(null)}
        usual={`The ${trendBounds.usualSteps} that changed most`}
        opened={opened === 'steps'}
        onOpened={(open) => setOpened(open ? 'steps' : null)}
      />
    </>
  );
}
