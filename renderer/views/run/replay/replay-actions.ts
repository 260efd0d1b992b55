/** What can be done in a replay, with the keys that players have. They are there while a run is replayed. */
import { createActions, type Action } from '../../../stores/actions.ts';
import { createReplayPlaces } from '../../../stores/replay/replay-remarks.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import type { Stores } from '../../../stores/stores.ts';

export interface BarActions {
  readonly addBookmark: () => void;
  readonly addNote: () => void;
  readonly beside: () => void;
}

function replayActions(stores: Stores, bar: BarActions): readonly Action[] {
  const { togglePlay, stepBy, eventBy, changeSpeed, setSpeed, toStart, toEnd } = stores.get(createReplay);
  const { placeBy } = stores.get(createReplayPlaces);
  const action = (id: string, title: string, keys: readonly string[], perform: () => void): Action => ({
    id: `replay.${id}`,
    title,
    group: 'Replay',
    keys,
    perform,
  });
  return [
    action('toggle', 'Play or pause the replay', ['Space'], togglePlay),
    action('previous-step', 'Replay: the step before', ['ArrowLeft'], () => stepBy('previous')),
    action('next-step', 'Replay: the next step', ['ArrowRight'], () => stepBy('next')),
    action('previous-event', 'Replay: the event before (fault, error, state, crash)', ['Shift+ArrowLeft'], () => eventBy('previous')),
    action('next-event', 'Replay: the next event', ['Shift+ArrowRight'], () => eventBy('next')),
    action('previous-place', 'Replay: the bookmark or note before', ['Alt+ArrowLeft'], () => placeBy('previous')),
    action('next-place', 'Replay: the next bookmark or note', ['Alt+ArrowRight'], () => placeBy('next')),
    action('faster', 'Replay faster', ['ArrowUp', ']'], () => changeSpeed(1)),
    action('slower', 'Replay slower', ['ArrowDown', '['], () => changeSpeed(-1)),
    action('real-time', 'Replay as fast as it was', ['1'], () => setSpeed(1)),
    action('start', 'Replay: to the start of the run', ['Home'], toStart),
    action('end', 'Replay: to the end of the run', ['End'], toEnd),
    action('bookmark', 'Bookmark this moment', ['B'], bar.addBookmark),
    action('note', 'Note about this moment', ['N'], bar.addNote),
    action('beside', 'Show another run beside this one…', ['Alt+B'], bar.beside),
    action('return', 'Return to live', ['Alt+L'], stores.get(createRunSession).returnToLive),
  ];
}

/** Registers them; returns the removal. */
export function registerReplayActions(stores: Stores, bar: BarActions): () => void {
  return stores.get(createActions).registerActions(replayActions(stores, bar));
}
