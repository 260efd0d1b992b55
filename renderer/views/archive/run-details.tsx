/** One run in detail: what it was, under which conditions, and the trace of its steps. */
import { Button, Group } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState, type CSSProperties, type ReactNode } from 'react';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { fold, initialRunState, traceOf } from '#shared/run/run-state.ts';
import type { TraceLine } from '#shared/run/run-trace.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { createSession } from '../../stores/session.ts';
import { createComparison, isComparable } from '../../stores/comparison.ts';
import { DecisionHistory, DecisionMenu } from '../decisions/index.tsx';
import { createRunFiles } from '../../stores/run-files.ts';
import { verdictOf } from './archive-rows.ts';
import { createArchive } from './archive-store.ts';
import style from './archive.module.css';
import { countText, counted } from '#shared/wording/counts.ts';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { notKnown } from '#shared/wording/numbers.ts';

interface Details {
  readonly run: RunId;
  readonly manifest: RunManifest | null;
  readonly folder: string | null;
  readonly problem: string | null;
  readonly trace: readonly TraceLine[];
}

/** ms that a run must stay selected before it is read: moving through the list reads nothing. */
const patience = 150;
/** Lines of the trace that are shown here; all of them are in the Run view. */
const shownLines = 300;

function useDetails(run: RunId): Details {
  const stores = useStores();
  const unread: Details = { run, manifest: null, folder: null, problem: null, trace: [] };
  const [details, setDetails] = useState<Details>(unread);
  useEffect(() => {
    const reading = new AbortController();
    const timer = setTimeout(() => readDetails(stores, run, reading.signal, setDetails), patience);
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [run]);
  return details.run === run ? details : unread;
}

function readDetails(stores: Stores, run: RunId, signal: AbortSignal, show: (change: (before: Details) => Details) => void): void {
  const core = stores.get(createSession).currentCore();
  if (!core) return;
  const change = (parts: Partial<Details>) => {
    if (signal.aborted) return;
    show((before) => ({ ...(before.run === run ? before : { run, manifest: null, folder: null, problem: null, trace: [] }), ...parts }));
  };
  const told = (failure: unknown) => change({ problem: problemOf(failure).message });
  core.request('runs.show', { run }).then(({ manifest, folder }) => change({ manifest, folder }), told);
  let state = initialRunState();
  const stream = core.listen('run.records', { run, from: 1 }, (records) => {
    state = fold(records, state);
    change({ trace: traceOf(state) });
  });
  signal.addEventListener('abort', () => stream.close());
  stream.ended.catch(told);
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ run, details }: { readonly run: ArchivedRun; readonly details: Details }) {
  const { manifest, folder } = details;
  const totals = run.totals;
  return (
    <dl className={style['facts']}>
      <Fact name="Verdict">
        <VerdictLabel verdict={verdictOf(run)} />
        {run.reason !== null && ` ${inertText(run.reason)}`}
      </Fact>
      {run.damage !== null && <Fact name="Damage">{inertText(run.damage)}</Fact>}
      <Fact name="Scenario">{inertText(manifest?.scenario.title ?? run.scenario)}</Fact>
      <Fact name="Environment">
        {run.environment}, release {inertText(run.release)}
      </Fact>
      <Fact name="Started">
        {exactDateAndTime(run.startedAt)} by {inertText(run.operator)}, took {durationText(run.duration)}
      </Fact>
      <Fact name="Workspace">
        {manifest?.workspaceCommit ? <code>{manifest.workspaceCommit.slice(0, 24)}</code> : 'no commit recorded'}
      </Fact>
      <Fact name="Policy">{manifest ? `on error: ${manifest.policy}` : notKnown}</Fact>
      <Fact name="Recorded">
        {totals
          ? `${counted(totals.records, 'record')}, ${counted(totals.samples, 'sample')} of ${countText(totals.series)} series, ${quantityText(totals.bytes, 'bytes')}`
          : notKnown}
      </Fact>
      {totals && totals.gapsLost > 0 && <Fact name="Lost">{counted(totals.gapsLost, 'record')} never came</Fact>}
      {Object.entries(manifest?.conditions ?? {}).map(([name, value]) => (
        <Fact key={name} name={inertText(name)}>
          {inertText(value)}
        </Fact>
      ))}
      <Fact name="Folder">
        <code>{folder ?? notKnown}</code>
      </Fact>
    </dl>
  );
}

function Trace({ lines }: { readonly lines: readonly TraceLine[] }) {
  return (
    <>
      <h3>Trace{lines.length > 0 && ` (${counted(lines.length, 'step')})`}</h3>
      <ol className={style['trace']}>
        {lines.slice(0, shownLines).map((line, index) => (
          // Steps are only ever added at the end.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} data-state={line.state} title={line.message === null ? undefined : inertText(line.message)}>
            <span className="number">{line.number}</span>
            <code style={{ '--depth': Math.min(line.depth, 8) } as CSSProperties} className="clipped">
              {inertText(line.text)}
              {line.phase === 'deferred' && ' (undo)'}
            </code>
            <span className={style['stepState']}>
              {line.state === 'passed' ? <IconCheck size={12} role="img" aria-label="passed" /> : line.state}
            </span>
            <span className="number">{durationText(line.duration)}</span>
          </li>
        ))}
      </ol>
      {lines.length > shownLines && <p className="muted">The first {shownLines}; open the run to see all.</p>}
    </>
  );
}

export function RunDetails({ run }: { readonly run: ArchivedRun }) {
  const stores = useStores();
  const { openRun, deleteRuns } = stores.get(createArchive);
  const { compareRuns } = stores.get(createComparison);
  const { handOut } = stores.get(createRunFiles);
  const details = useDetails(run.run);
  return (
    <section className={style['details']} aria-label="Details of the run">
      <header>
        <h2 className="clipped" title={run.run}>
          {run.run}
        </h2>
        <Group gap="xs">
          <Button variant="filled" onClick={() => openRun(run)}>
            Open
          </Button>
          {run.outcome !== null && <DecisionMenu run={run.run} />}
          <Button onClick={() => compareRuns([run])} disabled={!isComparable(run)}>
            Compare
          </Button>
          <Button onClick={() => void handOut(run.run)} disabled={run.outcome === null}>
            Export…
          </Button>
          <Button onClick={() => deleteRuns([run])} disabled={run.outcome === null && run.damage === null}>
            Delete
          </Button>
        </Group>
      </header>
      <div className={style['detailsBody']} tabIndex={0} role="region" aria-label="Facts and trace">
        {details.problem !== null && <p className={style['problem']}>{details.problem}</p>}
        <Facts run={run} details={details} />
        {run.remarks > 0 && (
          <>
            <h3>Decisions</h3>
            <DecisionHistory run={run.run} empty="" />
          </>
        )}
        <Trace lines={details.trace} />
      </div>
    </section>
  );
}
