/** The second run at the same place of the same step: what it did there, and where it differs from the replayed one. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect, useMemo, useState, type CSSProperties } from 'react';
import { entriesOf, type RunState } from '#shared/run/run-state.ts';
import { inertText } from '../../../components/inert-text.ts';
import { StateLabel } from '../../../components/state-label.tsx';
import { VerdictLabel } from '../../../components/verdict-label.tsx';
import { createBeside, useBeside } from '../../../stores/replay/beside.ts';
import { createReplay, useReplay } from '../../../stores/replay/replay.ts';
import type { StepPair } from '../../../stores/replay/step-moments.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import { chooseBeside } from './choose-beside.ts';
import { shortText } from './replay-words.ts';
import style from './beside.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';
import { durationText } from '#shared/wording/durations.ts';
import { exactDateAndTime, runClock } from '#shared/wording/times.ts';
import { countText } from '#shared/wording/counts.ts';

/** ms between two drawings while the replay plays. */
const pace = 100;
/** Rows of its log that are shown, and steps around the present one. */
const logTail = 8;
const stepsShown = 60;

/** The second run's moment, not oftener than it can be read. */
function useReadableBeside() {
  const stores = useStores();
  const beside = stores.get(createBeside);
  const replay = stores.get(createReplay);
  const [shown, setShown] = useState(() => beside.getState());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer = undefined;
      setShown(beside.getState());
    };
    const stop = beside.subscribe(() => {
      if (replay.getState().playing) timer ??= setTimeout(show, pace);
      else show();
    });
    show();
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return shown;
}

type Shown = ReturnType<typeof useReadableBeside>;

/** Where the second run stands, in a sentence. */
function standing(stores: Stores, { moment }: Shown): string {
  if (!moment) return 'Reading its log …';
  const start = stores.get(createBeside).besideTimeline().start ?? moment.time;
  const at = `${runClock(moment.time - start)} of that run`;
  switch (moment.how) {
    case 'within':
      return `In the same step, ${at}.`;
    case 'over':
      return `The step was over there after ${durationText((moment.step?.to ?? 0) - (moment.step?.from ?? 0))}; it waits, ${at}.`;
    case 'before':
      return `Before the first step, ${at}.`;
    case 'missing':
      return `That run has no such step. It stands after the last one that both have, ${at}.`;
  }
}

function StepRow({ pair, sequence, current }: { readonly pair: StepPair; readonly sequence: number; readonly current: boolean }) {
  const stores = useStores();
  const { shownTimeline } = stores.get(createRunSession);
  const { besideTimeline } = stores.get(createBeside);
  const own = pair.own === null ? null : (shownTimeline()?.step(pair.own) ?? null);
  const other = pair.other === null ? null : besideTimeline().step(pair.other);
  const step = other ?? own;
  if (!step) return null;
  const begun = other !== null && other.begin <= sequence;
  const ended = begun && other.end !== null && other.end <= sequence;
  const state = other === null ? 'only in this run' : !begun ? 'later' : ended ? other.state : 'running';
  const took = (span: typeof own): number | null => (span?.to === null || span === null ? null : span.to - span.from);
  const [here, there] = [took(own), ended ? took(other) : null];
  return (
    <li
      className={style['step']}
      data-current={current || undefined}
      data-state={state}
      style={{ '--depth': Math.min(4, step.step.depth) } as CSSProperties}
    >
      <span className={style['stepText']} title={inertText(step.step.text)}>
        {step.step.number} {shortText(step.step.text)}
      </span>
      <span className={style['stepState']}>{own === null ? `only there · ${state}` : state}</span>
      <span className={style['figure']} title="There, and in the replayed run">
        {there === null ? '' : durationText(there)}
        {there !== null && here !== null && <span className="muted"> / {durationText(here)}</span>}
      </span>
    </li>
  );
}

function Steps({ shown }: { readonly shown: Shown }) {
  const stores = useStores();
  const { stepMoments } = stores.get(createBeside);
  const { shownTimeline } = stores.get(createRunSession);
  const pairs = useMemo(() => stepMoments()?.pairs() ?? [], [shown.version]);
  const ownIndex = useReplay((state) => shownTimeline()?.stepAt(state.sequence)?.index ?? -1);
  const at = pairs.findIndex((pair) => pair.own === ownIndex);
  const first = Math.max(0, Math.min(at - stepsShown / 2, pairs.length - stepsShown));
  const sequence = shown.moment?.sequence ?? 0;
  return (
    <ol className={style['list']} aria-label="Steps of both runs">
      {pairs.slice(first, first + stepsShown).map((pair, index) => (
        <StepRow key={`${pair.own} ${pair.other}`} pair={pair} sequence={sequence} current={first + index === at} />
      ))}
    </ol>
  );
}

interface Difference {
  readonly name: string;
  readonly there: string | null;
  readonly here: string | null;
}

/** Values of both by name; those that differ first. */
function differences(there: readonly (readonly [string, string])[], here: readonly (readonly [string, string])[]): Difference[] {
  const [other, own] = [new Map(there), new Map(here)];
  const rows = [...new Set([...other.keys(), ...own.keys()])].map((name) => ({
    name,
    there: other.get(name) ?? null,
    here: own.get(name) ?? null,
  }));
  return rows.sort(
    (left, right) => Number(right.there !== right.here) - Number(left.there !== left.here) || (left.name < right.name ? -1 : 1),
  );
}

const most = 40;

function Differences(props: { readonly title: string; readonly rows: readonly Difference[]; readonly states?: boolean }) {
  if (props.rows.length === 0) return null;
  const value = (text: string | null) =>
    text === null ? <span className="muted">none</span> : props.states ? <StateLabel state={text} /> : inertText(text);
  return (
    <section aria-label={props.title}>
      <h3>{props.title}</h3>
      <dl className={style['values']}>
        {props.rows.slice(0, most).map(({ name, there, here }) => (
          <div key={name} data-differs={there !== here || undefined}>
            <dt className="clipped" title={name}>
              {name}
            </dt>
            <dd className="clipped">{value(there)}</dd>
            <dd className="clipped">{there === here ? <span className="muted">same here</span> : <>here {value(here)}</>}</dd>
          </div>
        ))}
      </dl>
      {props.rows.length > most && <p className="muted">and {countText(props.rows.length - most)} more</p>}
    </section>
  );
}

const componentStates = (state: RunState) => entriesOf(state.components).map(([name, { state: word }]) => [name, word] as const);
const conditionStates = (state: RunState) =>
  entriesOf(state.conditions).map(([, { form, text, state: word }]) => [`${form} ${text}`, word] as const);

export function BesidePanel() {
  const run = useBeside((state) => state.run);
  return run === null ? null : <Panel />;
}

function Panel() {
  const stores = useStores();
  const { besideTimeline, besideRows, closeBeside } = stores.get(createBeside);
  const shown = useReadableBeside();
  const own = useRunSession((session) => session.state);
  const { state, moment } = shown;
  const { latest } = besideTimeline();
  const rows = useMemo(() => besideRows(logTail), [moment?.sequence, shown.version]);
  const started = latest.started;
  return (
    <aside className={style['panel']} aria-label="Run beside">
      <header className={style['head']}>
        <span className="clipped">
          <strong>{started ? `${started.scenario} ${started.release}` : 'Run beside'}</strong>{' '}
          <span className="muted">{started ? exactDateAndTime(started.time) : ''}</span>
        </span>
        {shown.read && <VerdictLabel verdict={latest.outcome ?? 'interrupted'} />}
        <Tooltip label="Show no run beside">
          <ActionIcon size={20} aria-label="Close the run beside" onClick={closeBeside}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={style['body']} tabIndex={0} role="region" aria-label="What the run beside did">
        <p className={style['standing']} role="status" data-how={moment?.how}>
          {standing(stores, shown)}
        </p>
        <Steps shown={shown} />
        <Differences title="Variables" rows={differences(entriesOf(state.variables), entriesOf(own.variables))} />
        <Differences title="Components" rows={differences(componentStates(state), componentStates(own))} states />
        <Differences title="Conditions" rows={differences(conditionStates(state), conditionStates(own))} />
        <section aria-label="Its log">
          <h3>Its log</h3>
          <ul className={style['log']}>
            {rows.map((row, index) => (
              <li key={index} data-severity={row.severity} title={`${row.component} ${row.text}`}>
                <span className="muted">{runClock(row.time - (besideTimeline().start ?? row.time))}</span> {row.text.slice(0, 200)}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <footer className={style['foot']}>
        <Button size="compact-xs" onClick={() => void chooseBeside(stores)}>
          Another run…
        </Button>
        <span className="muted">Dashed in the charts.</span>
      </footer>
    </aside>
  );
}
