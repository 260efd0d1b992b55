/** Runs that other consoles started and that go on: offered to be joined. Nothing where there is none. */
import { Button, Popover } from '@mantine/core';
import { IconAccessPoint } from '@tabler/icons-react';
import { useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { createActiveRuns, useActiveRuns } from '../../../stores/active-runs.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';
import { timeOfDay } from '#shared/wording/times.ts';

export function OtherRuns() {
  const { joinRun } = useStores().get(createActiveRuns);
  const [open, setOpen] = useState(false);
  const shown = useRunSession((session) => session.run);
  const starting = useRunSession((session) => session.starting);
  const runs = useActiveRuns((state) => state.runs);
  const others = runs.filter(({ run }) => run !== shown);
  // A run that this console starts is active a moment before its answer comes.
  if (others.length === 0 || starting) return null;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={360} trapFocus>
      <Popover.Target>
        <Button className={style['otherRuns']} leftSection={<IconAccessPoint size={14} />} onClick={() => setOpen(!open)}>
          {others.length === 1 ? '1 run goes on' : `${others.length} runs go on`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={style['consoleList']} aria-label="Runs that go on">
          {others.map((each) => (
            <li key={each.run}>
              <span className={style['consoleControl']} />
              <span className="clipped" title={each.run}>
                {inertText(each.scenario)} <span className={style['consoleSince']}>{startOf(each.run)}</span>
              </span>
              <Button
                onClick={() => {
                  setOpen(false);
                  joinRun(each);
                }}
              >
                Join
              </Button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

/** `since 12:34:56`, of the time that a run's name begins with. */
function startOf(run: string): string {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z/.exec(run);
  if (!match) return '';
  const [, year, month, day, hour, minute, second] = match;
  return `since ${timeOfDay(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`))}`;
}
