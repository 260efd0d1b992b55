/** Above the log: what of it is shown, how much that is, and whether the newest row is followed. */
import { ActionIcon, Checkbox, Menu, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBarToDown, IconClock, IconFilter, IconRegex, IconTextWrap } from '@tabler/icons-react';
import { useEffect, useState, type RefObject } from 'react';
import { Toolbar } from '../../../components/toolbar.tsx';
import { noFilter } from '../../../stores/log-rows-filter.ts';
import { createLog, useLog } from '../../../stores/log-rows-session.ts';
import { rowKinds, severities, type RowKind, type RowSeverity } from '../../../stores/log-rows.ts';
import { createLogView, useLogView } from './log-view.ts';
import style from './log.module.css';
import { countText, counted, shareText } from '#shared/wording/counts.ts';
import { useStores } from '../../../stores/context.ts';

const severityNames: Readonly<Record<RowSeverity, string>> = {
  debug: 'Everything',
  info: 'Info and worse',
  warning: 'Warnings and worse',
  error: 'Errors and worse',
  fatal: 'Crashes only',
};

/** ms without a key after which the text that was typed is searched for. */
const typingPause = 120;
/** Components that the menu lists; further ones are found by the text. */
const listedComponents = 200;

function toggled<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}

/** How many rows there are, and how many match. */
function Count() {
  const { shownCount, shownEnd, logRows, filterProgress } = useStores().get(createLog);
  const { filter, missed } = useLog();
  const shown = shownCount();
  // In a replay the rows of the future are there, but not shown.
  const come = shownEnd() - logRows.first;
  const filtered = filter !== noFilter && shown !== come;
  const rows = come < logRows.count ? `${countText(come)} of ${counted(logRows.count, 'row')}` : counted(come, 'row');
  const progress = filterProgress();
  return (
    <span className={style['count']} role="status" aria-live="off">
      {filtered ? `${countText(shown)} of ${countText(come)}` : rows}
      {progress < 1 && ` · ${shareText(progress)}`}
      {logRows.first > 0 && (
        <span title="The oldest rows were dropped to bound the memory."> · {countText(logRows.first)} older dropped</span>
      )}
      {missed > 0 && <span className={style['missed']}> · {counted(missed, 'event')} missed</span>}
    </span>
  );
}

function FilterMenu() {
  const { logRows, setFilter } = useStores().get(createLog);
  const filter = useLog((state) => state.filter);
  const count = filter.kinds.length + filter.components.length;
  const components = logRows.components
    .filter((each) => each !== '')
    .toSorted()
    .slice(0, listedComponents);
  return (
    <Menu closeOnItemClick={false} position="bottom-start" width={360}>
      <Menu.Target>
        <Tooltip label="Kinds and components">
          <ActionIcon
            aria-label={`Filter by kind and component${count > 0 ? `, ${count} chosen` : ''}`}
            variant={count > 0 ? 'filled' : 'subtle'}
            color={count > 0 ? 'blue' : 'gray'}
          >
            <IconFilter size={15} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown className={style['filters'] ?? ''}>
        <div>
          <Menu.Label>Kinds</Menu.Label>
          {rowKinds.map((kind: RowKind) => (
            <Choice
              key={kind}
              label={kind}
              chosen={filter.kinds.includes(kind)}
              onToggle={() => setFilter({ kinds: toggled(filter.kinds, kind) })}
            />
          ))}
        </div>
        <div>
          <Menu.Label>Components and daemons</Menu.Label>
          {components.map((component) => (
            <Choice
              key={component}
              label={component}
              chosen={filter.components.includes(component)}
              onToggle={() => setFilter({ components: toggled(filter.components, component) })}
            />
          ))}
          {components.length === 0 && <p className={style['hint']}>None yet</p>}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ label, chosen, onToggle }: { readonly label: string; readonly chosen: boolean; readonly onToggle: () => void }) {
  return (
    <Menu.Item onClick={onToggle} role="menuitemcheckbox" aria-checked={chosen} className={style['choice'] ?? ''}>
      <Checkbox
        component="span"
        label={label}
        checked={chosen}
        readOnly
        tabIndex={-1}
        size="xs"
        styles={{ root: { pointerEvents: 'none' } }}
        aria-hidden
      />
    </Menu.Item>
  );
}

/** The text that is searched for, applied a moment after the last key. */
function SearchText({ input }: { readonly input: RefObject<HTMLInputElement | null> }) {
  const stores = useStores();
  const log = stores.get(createLog);
  const { setFilter } = log;
  const { filter, patternProblem } = useLog();
  const [text, setText] = useState(filter.text);
  useEffect(() => setText(filter.text), [filter.text]);
  useEffect(() => {
    if (text === log.getState().filter.text) return;
    const timer = setTimeout(() => setFilter({ text }), typingPause);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Tooltip label={patternProblem} opened={patternProblem !== null} disabled={patternProblem === null} color="red" position="bottom">
      <TextInput
        ref={input}
        className={style['search'] ?? ''}
        aria-label="Filter the log by text"
        placeholder={filter.isPattern ? 'Regular expression' : 'Text'}
        value={text}
        error={patternProblem !== null}
        aria-invalid={patternProblem !== null}
        aria-description={patternProblem ?? undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setFilter({ text: '' })}
        rightSection={
          <Tooltip label="Regular expression">
            <ActionIcon
              size={20}
              aria-label="Regular expression"
              aria-pressed={filter.isPattern}
              variant={filter.isPattern ? 'filled' : 'subtle'}
              color={filter.isPattern ? 'blue' : 'gray'}
              onClick={() => setFilter({ isPattern: !filter.isPattern, text })}
            >
              <IconRegex size={13} />
            </ActionIcon>
          </Tooltip>
        }
      />
    </Tooltip>
  );
}

export function LogToolbar({ input }: { readonly input: RefObject<HTMLInputElement | null> }) {
  const stores = useStores();
  const { setFilter, setFollowing } = stores.get(createLog);
  const logView = stores.get(createLogView);
  const filter = useLog((state) => state.filter);
  const following = useLog((state) => state.following);
  const { wrapped, relative } = useLogView();
  // The counts are of this moment.
  useLog((state) => state.version);
  return (
    <Toolbar label="Log" kind="panel">
      <SearchText input={input} />
      <NativeSelect
        className={style['severity'] ?? ''}
        aria-label="Least severity"
        value={filter.minimumSeverity}
        onChange={(event) => setFilter({ minimumSeverity: event.currentTarget.value as RowSeverity })}
        data={severities.map((value) => ({ value, label: severityNames[value] }))}
      />
      <FilterMenu />
      <Count />
      <Toggle
        label="Time since the start"
        pressed={relative}
        onToggle={() => logView.setState({ relative: !relative })}
        icon={<IconClock size={15} />}
      />
      <Toggle
        label="Wrap long rows"
        pressed={wrapped}
        onToggle={() => logView.setState({ wrapped: !wrapped })}
        icon={<IconTextWrap size={15} />}
      />
      <Toggle
        label="Follow the newest row"
        pressed={following}
        onToggle={() => setFollowing(!following)}
        icon={<IconArrowBarToDown size={15} />}
      />
    </Toolbar>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly pressed: boolean;
  readonly onToggle: () => void;
  readonly icon: React.ReactNode;
}

function Toggle({ label, pressed, onToggle, icon }: ToggleProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={pressed}
        variant={pressed ? 'light' : 'subtle'}
        color={pressed ? 'blue' : 'gray'}
        onClick={onToggle}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
