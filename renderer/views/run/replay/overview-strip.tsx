/** The strip with the whole run on it: shows where the replay is, and moves it. React makes the frame; the cursor moves without it. */
import { useEffect, useRef, useState, type PointerEvent } from 'react';
import { eventKinds, type Timeline } from '#shared/run/timeline.ts';
import { createReplay, useReplay } from '../../../stores/replay/replay.ts';
import { placeBeside, useReplayPlaces, type Place } from '../../../stores/replay/replay-remarks.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { useAppliedTheme } from '../../../styles/applied-theme.ts';
import { shortText, stepText } from './replay-words.ts';
import { drawStrip, stripColours } from './strip-drawing.ts';
import { placeInStrip } from './strip-geometry.ts';
import style from './replay.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';
import { runClock } from '#shared/wording/times.ts';

const height = 36;
/** px around the pointer in which a mark is told. */
const reach = 4;
/** ms between two drawings while the log is being read. */
const drawingPace = 150;
/** ms between two tellings of the moment to screen readers while it plays. */
const tellingPace = 500;

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  return { frame, width };
}

/** Draws the strip anew when the run, its places, the theme or the width changed. */
function useDrawing(width: number, places: readonly Place[]) {
  const stores = useStores();
  const { shownTimeline } = stores.get(createRunSession);
  const replay = stores.get(createReplay);
  const canvas = useRef<HTMLCanvasElement>(null);
  const version = useReplay((state) => state.version);
  const theme = useAppliedTheme();
  const drawnAt = useRef(0);
  useEffect(() => {
    const draw = (): void => {
      const timeline = shownTimeline();
      const context = canvas.current?.getContext('2d');
      if (!timeline || !context || !canvas.current || width === 0) return;
      drawnAt.current = performance.now();
      const ratio = devicePixelRatio;
      canvas.current.width = Math.round(width * ratio);
      canvas.current.height = Math.round(height * ratio);
      context.scale(ratio, ratio);
      const { start, end } = replay.getState();
      drawStrip(context, { timeline, places, start, end, width, height }, stripColours());
    };
    const timer = setTimeout(draw, Math.max(0, drawnAt.current + drawingPace - performance.now()));
    return () => clearTimeout(timer);
  }, [version, width, places, theme]);
  return canvas;
}

/** Moves the cursor's line, and tells the slider's value, as the replay goes on. */
function useCursor(width: number) {
  const stores = useStores();
  const replay = stores.get(createReplay);
  const { shownTimeline } = stores.get(createRunSession);
  const line = useRef<HTMLDivElement>(null);
  const slider = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let toldAt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      clearTimeout(timer);
      timer = undefined;
      toldAt = performance.now();
      const { cursor, start, end, sequence } = replay.getState();
      slider.current?.setAttribute('data-sequence', String(sequence));
      slider.current?.setAttribute('aria-valuemax', String(Math.round(end - start)));
      slider.current?.setAttribute('aria-valuenow', String(Math.round(cursor - start)));
      slider.current?.setAttribute('aria-valuetext', `${runClock(cursor - start)}, ${stepText(shownTimeline()?.stepAt(sequence) ?? null)}`);
    };
    const move = (): void => {
      const { cursor, start, end } = replay.getState();
      if (line.current) line.current.style.transform = `translateX(${placeInStrip(cursor, { start, end, width }).toFixed(1)}px)`;
      if (replay.getState().playing) timer ??= setTimeout(tell, Math.max(0, toldAt + tellingPace - performance.now()));
      else tell();
    };
    move();
    const stop = replay.subscribe(move);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [width]);
  return { line, slider };
}

interface Hover {
  readonly x: number;
  readonly text: string;
}

/** What is at a time: the step that ran, and what is marked next to it. */
function told(stores: Stores, timeline: Timeline, places: readonly Place[], time: number, slack: number): string {
  const { start } = stores.get(createReplay).getState();
  const mark = timeline.next(eventKinds, timeline.sequenceAt(time - slack));
  const place = placeBeside(places, time - slack, 'next');
  return [
    runClock(time - start),
    stepText(timeline.stepAt(timeline.sequenceAt(time))),
    mark && mark.time <= time + slack ? shortText(mark.label) : null,
    place && place.time <= time + slack ? `${place.kind}: ${shortText(place.text)}` : null,
  ]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}

export function OverviewStrip() {
  const stores = useStores();
  const replay = stores.get(createReplay);
  const { seek } = replay;
  const { shownTimeline } = stores.get(createRunSession);
  const { frame, width } = useWidth();
  const places = useReplayPlaces((state) => state.places);
  const canvas = useDrawing(width, places);
  const { line, slider } = useCursor(width);
  const [hover, setHover] = useState<Hover | null>(null);
  const timeAt = (event: PointerEvent): { readonly x: number; readonly time: number } => {
    const x = event.clientX - (frame.current?.getBoundingClientRect().left ?? 0);
    const { start, end } = replay.getState();
    return { x, time: start + (x / Math.max(1, width)) * (end - start) };
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    seek(timeAt(event).time);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const { x, time } = timeAt(event);
    if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(time);
    const { start, end } = replay.getState();
    const timeline = shownTimeline();
    if (timeline) setHover({ x, text: told(stores, timeline, places, time, ((end - start) / Math.max(1, width)) * reach) });
  };
  return (
    <div
      ref={slider}
      className={style['strip']}
      role="slider"
      tabIndex={0}
      aria-label="Moment of the run"
      aria-valuemin={0}
      aria-valuemax={0}
      aria-valuenow={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setHover(null)}
    >
      <div ref={frame} className={style['stripFrame']}>
        <canvas ref={canvas} className={style['stripCanvas']} style={{ height }} aria-hidden />
        <div ref={line} className={style['stripCursor']} />
        {hover && (
          <div className={style['stripHover']} style={hover.x < width / 2 ? { left: hover.x } : { right: width - hover.x }}>
            {hover.text}
          </div>
        )}
      </div>
    </div>
  );
}
