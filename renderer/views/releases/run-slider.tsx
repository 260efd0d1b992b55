/** The runs of a trend as something to move along: by pointer and by keyboard, alike in the strip of verdicts and in every chart. */
import { useRef, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import { createTrends, useTrends } from '../../stores/trends.ts';
import { openAt } from '../compare/jump.ts';
import { runSentence } from './release-words.ts';
import { placeAfter, placeAt, type Band } from './trend-lines.ts';
import style from './trends.module.css';
import { useStores } from '../../stores/context.ts';

interface RunSliderProps {
  /** Identifier of the line, or of what stands for one. */
  readonly id: string;
  readonly label: string;
  readonly runs: readonly ComparedRun[];
  readonly bands: readonly Band[];
  /** px left free beside the runs. */
  readonly left?: number;
  readonly right?: number;
  /** The value at a run, in words; null: the slider tells none. */
  readonly valueAt: ((place: number) => string) | null;
  readonly children: ReactNode;
}

/** Where the cursor stands; null: nowhere. */
export function useRunPlace(runs: readonly ComparedRun[]): number | null {
  const run = useTrends((state) => state.run);
  const place = run === null ? -1 : runs.findIndex((each) => each.run === run);
  return place < 0 ? null : place;
}

/** Moves the cursor; Enter or a click opens the run. */
export function RunSlider({ id, label, runs, bands, left = 0, right = 0, valueAt, children }: RunSliderProps) {
  const stores = useStores();
  const trends = stores.get(createTrends);
  const { pointAt } = trends;
  const frame = useRef<HTMLDivElement>(null);
  const place = useRunPlace(runs);
  const isPointed = useTrends((state) => state.line === id);
  const placeOf = (event: PointerEvent): number | null => {
    const box = frame.current?.getBoundingClientRect();
    return box ? placeAt(event.clientX - box.left - left, box.width - left - right, runs.length) : null;
  };
  const point = (next: number | null) => pointAt(next === null ? null : (runs[next]?.run ?? null), id);
  const open = (at: number | null) => {
    const run = at === null ? undefined : runs[at];
    if (run) openAt(stores, run.run, null);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter') open(place);
    else if (event.key === 'Escape') pointAt(null, null);
    else {
      const next = placeAfter(event.key, place ?? runs.length, { runs: runs.length, bands });
      if (next === null) return;
      point(next);
    }
    event.preventDefault();
  };
  const run = place === null ? undefined : runs[place];
  return (
    <div
      ref={frame}
      className={style['slider']}
      role="slider"
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={runs.length}
      aria-valuenow={(place ?? runs.length - 1) + 1}
      aria-valuetext={run && place !== null ? runSentence(run, valueAt?.(place) ?? null) : 'no run chosen'}
      tabIndex={0}
      onKeyDown={pressed}
      onFocus={() => pointAt(trends.getState().run, id)}
      onBlur={() => pointAt(trends.getState().run, null)}
      onPointerMove={(event) => point(placeOf(event))}
      onPointerLeave={() => pointAt(trends.getState().run, null)}
      onClick={(event) => open(placeOf(event as unknown as PointerEvent))}
      style={{ '--left': `${left}px`, '--right': `${right}px` } as CSSProperties}
    >
      {children}
      {place !== null && run && (
        <>
          <div className={style['cursor']} style={{ '--share': (place + 0.5) / runs.length } as CSSProperties} />
          {isPointed && valueAt && (
            <div
              className={style['tip']}
              data-side={place >= runs.length / 2 ? 'left' : 'right'}
              style={{ '--share': (place + 0.5) / runs.length } as CSSProperties}
            >
              <Tip run={run} value={valueAt(place)} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Tip({ run, value }: { readonly run: ComparedRun; readonly value: string }) {
  const [first, ...rest] = runSentence(run, null).split(': ');
  return (
    <>
      <strong>{value}</strong>
      <span>{first}</span>
      <span>{rest.join(': ')}</span>
    </>
  );
}
