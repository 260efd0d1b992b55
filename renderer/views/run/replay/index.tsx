/** The replay bar: which moment of a run of the past the whole Run view shows, and everything that moves it. */
import { ActionIcon, Button, NativeSelect, Tooltip } from '@mantine/core';
import {
  IconChevronLeft,
  IconColumns2,
  IconChevronRight,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { keyText } from '../../../components/key-label.tsx';
import { Bar } from '../../../components/toolbar.tsx';
import { VerdictLabel } from '../../../components/verdict-label.tsx';
import { createActions, useActions } from '../../../stores/actions.ts';
import { speeds, speedText, type Speed } from '../../../stores/replay/play-clock.ts';
import { useBeside } from '../../../stores/replay/beside.ts';
import { createReplay, useReplay } from '../../../stores/replay/replay.ts';
import { createReplayPlaces, placesOf } from '../../../stores/replay/replay-remarks.ts';
import { useRemarks } from '../../../stores/remarks.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import { chooseBeside } from './choose-beside.ts';
import { OverviewStrip } from './overview-strip.tsx';
import { PlacesPopover, writingNow, type Writing } from './places-popover.tsx';
import { registerReplayActions } from './replay-actions.ts';
import { ReplayTime } from './replay-time.tsx';
import style from './replay.module.css';
import { useStores } from '../../../stores/context.ts';
import { countText } from '#shared/wording/counts.ts';

/** A button for one of the replay's actions. */
function BarButton({ action, label, children }: { readonly action: string; readonly label: string; readonly children: ReactNode }) {
  const { performAction } = useStores().get(createActions);
  const keys = useActions((state) => state.actions.get(action)?.keys?.[0]);
  return (
    <Tooltip label={keys === undefined ? label : `${label} (${keyText(keys)})`}>
      <ActionIcon aria-label={label} {...(keys !== undefined && { 'aria-keyshortcuts': keys })} onClick={() => performAction(action)}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

const size = 16;

function Moving() {
  const playing = useReplay((state) => state.playing);
  return (
    <div className={style['moving']} role="group" aria-label="Move the replay">
      <BarButton action="replay.start" label="To the start">
        <IconPlayerSkipBack size={size} />
      </BarButton>
      <BarButton action="replay.previous-event" label="Previous event">
        <IconPlayerTrackPrev size={size} />
      </BarButton>
      <BarButton action="replay.previous-step" label="Previous step">
        <IconChevronLeft size={size} />
      </BarButton>
      <BarButton action="replay.toggle" label={playing ? 'Pause the replay' : 'Play'}>
        {playing ? <IconPlayerPause size={size} /> : <IconPlayerPlay size={size} />}
      </BarButton>
      <BarButton action="replay.next-step" label="Next step">
        <IconChevronRight size={size} />
      </BarButton>
      <BarButton action="replay.next-event" label="Next event">
        <IconPlayerTrackNext size={size} />
      </BarButton>
      <BarButton action="replay.end" label="To the end">
        <IconPlayerSkipForward size={size} />
      </BarButton>
    </div>
  );
}

function SpeedChoice() {
  const { setSpeed } = useStores().get(createReplay);
  const speed = useReplay((state) => state.speed);
  const achieved = useReplay((state) => state.achieved);
  return (
    <span className={style['speed']}>
      <NativeSelect
        aria-label="Speed of the replay"
        value={String(speed)}
        onChange={(event) => {
          const chosen = speeds.find((each) => String(each) === event.currentTarget.value);
          if (chosen !== undefined) setSpeed(chosen satisfies Speed);
        }}
        data={speeds.map((each) => ({ value: String(each), label: speedText(each) }))}
      />
      <output className={style['achieved']} aria-label="Achieved speed" aria-live="off" data-achieved={achieved ?? undefined}>
        {achieved === null ? '' : `×${achieved}`}
      </output>
    </span>
  );
}

/** How the run ended, and whether all of its log is there. */
function Ending() {
  const { shownTimeline } = useStores().get(createRunSession);
  const read = useRunSession((state) => state.read);
  const damage = useRunSession((state) => state.damage);
  const version = useReplay((state) => state.version);
  const latest = shownTimeline()?.latest;
  if (!read)
    return (
      <span className="muted" role="status">
        reading the log … {version > 0 && latest ? countText(latest.counters.records) : ''}
      </span>
    );
  const outcome = latest?.outcome ?? 'interrupted';
  return (
    <span className={style['ending']}>
      <VerdictLabel verdict={outcome} />
      {damage !== null && (
        <span className={style['damage']} role="status" title={damage}>
          Log damaged: shown up to where it is whole
        </span>
      )}
    </span>
  );
}

function BesideButton() {
  const { performAction } = useStores().get(createActions);
  const beside = useBeside((state) => state.run !== null);
  return (
    <Tooltip label={`Another run beside this one, at the same place of the same step (${keyText('Alt+B')})`}>
      <Button leftSection={<IconColumns2 size={14} aria-hidden />} aria-pressed={beside} onClick={() => performAction('replay.beside')}>
        Beside…
      </Button>
    </Tooltip>
  );
}

/** Bookmarks and notes, followed for as long as the bar is there. */
function usePlaces(): void {
  const replayPlaces = useStores().get(createReplayPlaces);
  const run = useReplay((state) => state.run);
  const remarks = useRemarks(run);
  useEffect(() => replayPlaces.setState({ places: remarks === null ? [] : placesOf(remarks) }), [remarks]);
}

export { BesidePanel } from './beside-panel.tsx';

export function ReplayBar() {
  const stores = useStores();
  usePlaces();
  const run = useReplay((state) => state.run);
  const [places, setPlaces] = useState<{ readonly opened: boolean; readonly writing: Writing | null }>({ opened: false, writing: null });
  /** Where the keyboard was when B or N was pressed: it comes back there. */
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const write = (kind: Writing['kind']) => {
      before.current = document.activeElement;
      setPlaces({ opened: true, writing: writingNow(stores, kind) });
    };
    return registerReplayActions(stores, {
      addBookmark: () => write('bookmark'),
      addNote: () => write('note'),
      beside: () => void chooseBeside(stores),
    });
  }, []);
  const close = () => {
    setPlaces({ opened: false, writing: null });
    if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus({ preventScroll: true });
  };
  useEffect(() => setPlaces({ opened: false, writing: null }), [run]);
  return (
    <section className={style['bar']} aria-label="Replay">
      <Bar kind="replay">
        <Moving />
        <SpeedChoice />
        <ReplayTime />
        <Ending />
        <span className="rest" />
        <BesideButton />
        <PlacesPopover
          {...places}
          onOpen={(opened) => setPlaces({ opened, writing: null })}
          onKept={close}
          onWrite={(writing) => setPlaces({ opened: true, writing })}
        />
      </Bar>
      <OverviewStrip />
    </section>
  );
}
