/** The command palette: everything that can be done, found by typing, with its keys; or one page of choices. */
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { KeyLabel } from '../../components/key-label.tsx';
import { useActions, type Action } from '../../stores/actions.ts';
import { createPalette, usePalette, type PaletteChoice } from '../../stores/palette.ts';
import { createSession } from '../../stores/session.ts';
import { needsRunView } from './key-handling.ts';
import style from './shell.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

const [store, spotlight] = createSpotlight();

/** Whether every word stands in the text, anywhere. */
export function matches(query: string, text: string): boolean {
  const sought = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => sought.includes(word));
}

/** Actions that can be done now and match, by group. */
function groupsOf(actions: Iterable<Action>, query: string): ReadonlyMap<string, readonly Action[]> {
  const found = [...actions].filter((action) => (action.enabled?.() ?? true) && matches(query, `${action.group} ${action.title}`));
  return Map.groupBy(found, (action) => action.group);
}

/** An action on what only the Run view shows brings it to the front first. */
function perform(stores: Stores, action: Action): void {
  if (needsRunView(action)) stores.get(createSession).setState({ view: 'run' });
  void action.perform();
}

function ActionGroups({ query }: { readonly query: string }) {
  const stores = useStores();
  const actions = useActions((state) => state.actions);
  const groups = [...groupsOf(actions.values(), query)];
  if (groups.length === 0) return <Spotlight.Empty>No action is called that. Try another word.</Spotlight.Empty>;
  return groups.map(([group, members]) => (
    <Spotlight.ActionsGroup key={group} label={group}>
      {members.map((action) => (
        <Spotlight.Action
          key={action.id}
          label={action.title}
          rightSection={action.keys?.map((key) => (
            <KeyLabel key={key} keys={key} />
          ))}
          onClick={() => perform(stores, action)}
        />
      ))}
    </Spotlight.ActionsGroup>
  ));
}

/** Highlights the first row, as an arrow key would: Enter takes it then without a word being typed. */
function highlightFirst(): void {
  const rows = document.getElementById(store.getState().listId);
  rows?.querySelector('[data-selected]')?.removeAttribute('data-selected');
  rows?.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
  store.updateState((state) => ({ ...state, selected: 0 }));
}

interface ChoicesProps {
  readonly choices: readonly PaletteChoice[];
  readonly empty: string;
  readonly query: string;
}

function Choices({ choices, empty, query }: ChoicesProps) {
  // The likeliest choice stands first. The frame around the rows is known only after this effect.
  useEffect(() => queueMicrotask(highlightFirst), [choices]);
  const found = choices.filter((choice) => matches(query, `${choice.title} ${choice.description ?? ''}`));
  if (found.length === 0)
    return <Spotlight.Empty>{choices.length === 0 ? empty : 'Nothing is called that. Try another word.'}</Spotlight.Empty>;
  return found.map((choice) => (
    <Spotlight.Action
      key={choice.id}
      label={choice.title}
      {...(choice.description === undefined ? {} : { description: choice.description })}
      onClick={() => void choice.perform()}
    />
  ));
}

export function Palette() {
  const { closePalette } = useStores().get(createPalette);
  const { opened, page } = usePalette();
  const [query, setQuery] = useState('');
  useEffect(() => {
    if (opened) setQuery('');
    if (opened) spotlight.open();
    else spotlight.close();
  }, [opened, page]);
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={closePalette}
      size={560}
      padding={0}
      yOffset={60}
      maxHeight={460}
      scrollable
      transitionProps={{ duration: 0 }}
      overlayProps={{ backgroundOpacity: 0.3 }}
      attributes={{ content: { 'aria-label': page?.title ?? 'Find an action' } }}
      classNames={{ action: style['choice'] ?? '', search: style['paletteSearch'] ?? '', content: style['palette'] ?? '' }}
    >
      <Spotlight.Search
        placeholder={page?.title ?? 'What do you want to do?'}
        aria-label={page?.title ?? 'Find an action'}
        leftSection={<IconSearch size={16} />}
      />
      <Spotlight.ActionsList>
        {page ? <Choices choices={page.choices} empty={page.empty} query={query} /> : <ActionGroups query={query} />}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
