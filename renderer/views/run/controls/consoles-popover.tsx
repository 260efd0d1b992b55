/** Several consoles on one run: who is there, who has control; taking it and handing it over. */
import { Button, Popover, Tooltip } from '@mantine/core';
import { IconKeyboard, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { createRunConsoles, hasControl, holderOf, useRunConsoles, type WatchingConsole } from '../../../stores/run-consoles.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';
import { timeOfDay } from '#shared/wording/times.ts';

/** Nothing while this console is alone on the run. */
export function ConsolesPopover() {
  const { moveControl } = useStores().get(createRunConsoles);
  const [open, setOpen] = useState(false);
  const state = useRunConsoles();
  const control = hasControl(state);
  if (state.consoles.length < 2) return null;
  const holder = holderOf(state);
  const label = control ? 'This console has control' : `${holder?.operator ?? 'Nobody'} has control`;
  return (
    <>
      {control ? null : (
        <Button className={style['takeControl']} onClick={() => void moveControl(null)}>
          Take control
        </Button>
      )}
      <Popover opened={open} onChange={setOpen} position="bottom-end" width={320} trapFocus>
        <Popover.Target>
          <Tooltip label={`${state.consoles.length} consoles on this run. ${label}`}>
            <Button
              leftSection={<IconUsers size={14} />}
              aria-label={`${state.consoles.length} consoles on this run. ${label}`}
              onClick={() => setOpen(!open)}
            >
              {state.consoles.length}
            </Button>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <ul className={style['consoleList']} aria-label="Consoles on this run">
            {state.consoles.map((each) => (
              <ConsoleRow key={each.console} each={each} own={each.console === state.own} mayGive={control} />
            ))}
          </ul>
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

function ConsoleRow(props: { readonly each: WatchingConsole; readonly own: boolean; readonly mayGive: boolean }) {
  const { moveControl } = useStores().get(createRunConsoles);
  const { each, own, mayGive } = props;
  return (
    <li>
      <span className={style['consoleControl']}>{each.control ? <IconKeyboard size={14} aria-label="has control" /> : null}</span>
      <span className="clipped">
        {inertText(each.operator)}
        {own ? ' (this console)' : ''}
      </span>
      <span className={style['consoleSince']}>since {timeOfDay(each.since)}</span>
      {mayGive && !own ? <Button onClick={() => void moveControl(each.console)}>Hand over</Button> : null}
    </li>
  );
}
