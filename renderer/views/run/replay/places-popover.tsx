/** Bookmarks and notes of the replayed run: a list to go to, rename and take back from, and the form that adds one. */
import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconBookmark, IconMessage, IconPencil, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { RemarkBody } from '#shared/run/remarks.ts';
import { inertText } from '../../../components/inert-text.ts';
import { createReplay, useReplay } from '../../../stores/replay/replay.ts';
import { useReplayPlaces, type Place } from '../../../stores/replay/replay-remarks.ts';
import { createSpoken } from '../../../stores/remarks.ts';
import style from './replay.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';
import { runClock } from '#shared/wording/times.ts';

/** What is being written: something new about a moment, or another text of what is there; null: nothing. */
export type Writing = { readonly kind: 'bookmark' | 'note'; readonly time: number; readonly instead: Place | null };

/** Something new about the moment that is shown. */
export function writingNow(stores: Stores, kind: Writing['kind']): Writing {
  const replay = stores.get(createReplay);
  const { pause } = replay;
  pause();
  return { kind, time: replay.getState().cursor, instead: null };
}

/** Says it beside the run; a place that it is said in place of is taken back then. */
async function keep(stores: Stores, { kind, time, instead }: Writing, text: string): Promise<boolean> {
  const { sayAbout, takeBack } = stores.get(createSpoken);
  const { run } = stores.get(createReplay).getState();
  if (run === null) return false;
  const remark: RemarkBody = { kind, time, text };
  const said = await sayAbout([run], remark);
  if (said.length > 0 && instead) await takeBack([{ run, number: instead.number }]);
  return said.length > 0;
}

async function remove(stores: Stores, place: Place): Promise<void> {
  const { run } = stores.get(createReplay).getState();
  if (run !== null) await stores.get(createSpoken).takeBack([{ run, number: place.number }]);
}

function PlaceRow({ place, onRename }: { readonly place: Place; readonly onRename: () => void }) {
  const stores = useStores();
  const { seek } = stores.get(createReplay);
  const start = useReplay((state) => state.start);
  const Icon = place.kind === 'bookmark' ? IconBookmark : IconMessage;
  const text = place.text === '' ? place.kind : inertText(place.text);
  return (
    <li className={style['place']} data-kind={place.kind}>
      <Icon size={14} aria-hidden />
      <button
        type="button"
        className={style['placeGo']}
        title={`${place.kind} by ${place.author}. Go there`}
        onClick={() => seek(place.time)}
      >
        <span className={style['placeTime']}>{runClock(place.time - start)}</span>
        <span className="clipped">{text}</span>
      </button>
      <ActionIcon size={20} aria-label={`Rename ${text}`} onClick={onRename}>
        <IconPencil size={13} />
      </ActionIcon>
      <ActionIcon
        size={20}
        aria-label={`Take back ${text}`}
        onClick={(event) => {
          // The button goes with its row: the keyboard stays in the list's frame, where Escape closes it.
          event.currentTarget.closest('[role=dialog]')?.querySelector('button')?.focus();
          void remove(stores, place);
        }}
      >
        <IconTrash size={13} />
      </ActionIcon>
    </li>
  );
}

function WritingForm({ writing, onEnd }: { readonly writing: Writing; readonly onEnd: () => void }) {
  const stores = useStores();
  const [text, setText] = useState(writing.instead?.text ?? '');
  const input = useRef<HTMLInputElement>(null);
  // Also where the list was open already, and has no other reason to move the keyboard.
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  const start = useReplay((state) => state.start);
  const what = writing.kind === 'bookmark' ? 'Bookmark' : 'Note';
  const at = runClock(writing.time - start);
  // A bookmark may go without words; a note without words says nothing.
  const allowed = writing.kind === 'bookmark' || text.trim() !== '';
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const list = event.currentTarget.closest('[role=dialog]');
    if (!allowed || !(await keep(stores, writing, text.trim()))) return;
    onEnd();
    // The form goes: in a list that stays, the keyboard stays too, where Escape closes it.
    requestAnimationFrame(() => list?.isConnected && list.querySelector('button')?.focus());
  };
  return (
    <form className={style['writing']} onSubmit={(event) => void submit(event)}>
      <TextInput
        ref={input}
        aria-label={`${what} at ${at}`}
        placeholder={`${what} at ${at}`}
        value={text}
        maxLength={1_000}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!allowed}>
        {writing.instead ? 'Rename' : 'Keep'}
      </Button>
    </form>
  );
}

interface PlacesPopoverProps {
  readonly opened: boolean;
  readonly writing: Writing | null;
  readonly onOpen: (opened: boolean) => void;
  readonly onWrite: (writing: Writing | null) => void;
  /** Something new was kept: the list has done what it was opened for. */
  readonly onKept: () => void;
}

export function PlacesPopover({ opened, writing, onOpen, onWrite, onKept }: PlacesPopoverProps) {
  const stores = useStores();
  const places = useReplayPlaces((state) => state.places);
  return (
    <Popover opened={opened} onChange={onOpen} position="bottom-end" width={340} trapFocus withRoles={false}>
      <Popover.Target>
        <Tooltip label="Bookmarks and notes (B, N)">
          <Button
            className={style['places'] ?? ''}
            leftSection={<IconBookmark size={14} aria-hidden />}
            aria-label={`Bookmarks and notes, ${places.length}`}
            aria-haspopup="dialog"
            aria-expanded={opened}
            onClick={() => onOpen(!opened)}
          >
            {places.length}
          </Button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="Bookmarks and notes">
        {writing ? (
          <WritingForm
            key={`${writing.kind} ${writing.time} ${writing.instead?.number ?? 'new'}`}
            writing={writing}
            onEnd={() => (writing.instead ? onWrite(null) : onKept())}
          />
        ) : (
          <div className={style['writing']}>
            <Button leftSection={<IconBookmark size={14} />} onClick={() => onWrite(writingNow(stores, 'bookmark'))}>
              Bookmark this moment
            </Button>
            <Button leftSection={<IconMessage size={14} />} onClick={() => onWrite(writingNow(stores, 'note'))}>
              Note
            </Button>
          </div>
        )}
        {places.length === 0 ? (
          <p className={style['hint']}>Bookmarks and notes are kept beside the run, which itself never changes.</p>
        ) : (
          <ul className={style['placeList']} aria-label="Bookmarks and notes">
            {places.map((place) => (
              <PlaceRow key={place.number} place={place} onRename={() => onWrite({ kind: place.kind, time: place.time, instead: place })} />
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
