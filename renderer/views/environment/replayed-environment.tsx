/** The environment of a replayed run, at the moment that is shown: from the run alone, nothing of it is live. */
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { entriesOf } from '#shared/run/run-state.ts';
import { inertText } from '../../components/inert-text.ts';
import { StateLabel } from '../../components/state-label.tsx';
import { Bar } from '../../components/toolbar.tsx';
import { componentsAt, useReplayBeginning } from '../../stores/replay/run-components.ts';
import { createRunSession, useRunSession } from '../../stores/run-session.ts';
import style from './environment.module.css';
import { useStores } from '../../stores/context.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';

export function ReplayedEnvironment() {
  const { returnToLive } = useStores().get(createRunSession);
  const state = useRunSession((session) => session.state);
  const beginning = useReplayBeginning((known) => known.components);
  const components = useMemo(() => componentsAt(beginning, state), [beginning, state]);
  const daemons = entriesOf(state.daemons);
  return (
    <div className={style['page']}>
      <Bar kind="facts" role="status">
        <span className={style['replayed']}>
          Replay: {state.started?.environment ?? 'the environment'} at {state.time === null ? 'its start' : exactTimeOfDay(state.time)}
        </span>
        <span className={style['fact']}>
          <span className={style['factName']}>Router</span> {state.link?.state ?? 'connected'}
        </span>
        {daemons.map(([name, { state: presence }]) => (
          <span key={name} className={style['fact']} data-tone={presence === 'lost' ? 'fail' : undefined}>
            <span className={style['factName']}>{name}</span> {presence}
          </span>
        ))}
        <span className="rest" />
        <Button onClick={returnToLive}>Return to live</Button>
      </Bar>
      <div className={style['tableFrame']} tabIndex={0} role="region" aria-label="Components of the replayed run">
        <table className={style['replayedTable']}>
          <thead>
            <tr>
              {['Component', 'State', 'PID', 'Since', 'Daemon', 'Crashes', 'Errors', 'Last error'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {components.map((row) => (
              <tr key={row.component}>
                <th scope="row">{row.component}</th>
                <td>
                  <StateLabel state={row.state} />
                </td>
                <td>{row.pid ?? ''}</td>
                <td>{row.since === 0 ? '' : exactTimeOfDay(row.since)}</td>
                <td>{row.daemon ?? ''}</td>
                <td>{row.crashes === 0 ? '' : row.crashes}</td>
                <td>{row.errors === 0 ? '' : row.errors}</td>
                <td className="clipped">{row.lastError === null ? '' : inertText(row.lastError)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
