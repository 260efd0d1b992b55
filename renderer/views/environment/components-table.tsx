/** Daemons and their components, live: one dense table, a heading row for each daemon. */
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconDots, IconServer } from '@tabler/icons-react';
import { Fragment, useState, type ReactNode } from 'react';
import type { ComponentCommand } from '#shared/protocol/observations.ts';
import { StateLabel } from '../../components/state-label.tsx';
import { createManualCommand } from './command-store.ts';
import { componentCommands, componentHazards, componentWords } from './command-words.ts';
import { ComponentDetails } from './component-details.tsx';
import { useEnvironmentEvents, type EventRow } from './environment-events.ts';
import { notableClockOffset, type ComponentRow, type DaemonRow } from './environment-rows.ts';
import style from './environment.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { differenceText, durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { countText } from '#shared/wording/counts.ts';
import { timeOfDay } from '#shared/wording/times.ts';
import { notKnown } from '#shared/wording/numbers.ts';

const columns = 7;

function Fact({
  name,
  children,
  kind,
}: {
  readonly name: string;
  readonly children: ReactNode;
  readonly kind?: 'warn' | 'fail' | undefined;
}) {
  return (
    <span className={style['fact']} data-tone={kind}>
      <span className={style['factName']}>{name}</span> {children}
    </span>
  );
}

function DaemonHeading({ row }: { readonly row: DaemonRow }) {
  const { records, samples, gapsFilled, recordsLost } = row.received;
  const clockIsOff = row.clockOffset !== null && Math.abs(row.clockOffset) > notableClockOffset;
  return (
    <tr className={style['daemon']} data-stale={row.stale || undefined}>
      <th colSpan={columns} scope="rowgroup">
        <div className={style['facts']}>
          <span className={style['daemonName']}>
            <IconServer size={14} aria-hidden /> {row.name}
          </span>
          <span className={style['presence']} data-presence={row.presence}>
            {row.presence}
          </span>
          <Fact name="host">{row.host ?? notKnown}</Fact>
          <Fact name="version">{row.version ?? notKnown}</Fact>
          <Tooltip label={row.configuration ?? 'not known yet'}>
            <span>
              <Fact name="configuration">
                <span className="code">{row.configuration?.slice(0, 8) ?? notKnown}</span>
              </Fact>
            </span>
          </Tooltip>
          <Fact name="clock" kind={clockIsOff ? 'warn' : undefined}>
            {differenceText(row.clockOffset)}
          </Fact>
          <Fact name="heard" kind={row.stale ? 'warn' : undefined}>
            {row.silence === null ? 'never' : `${durationText(row.silence, 'steady')} ago`}
          </Fact>
          <Fact name="records">{countText(records)}</Fact>
          <Fact name="samples">{countText(samples)}</Fact>
          <Fact name="gaps filled">{countText(gapsFilled)}</Fact>
          <Fact name="lost" kind={recordsLost > 0 ? 'fail' : undefined}>
            {countText(recordsLost)}
          </Fact>
        </div>
      </th>
    </tr>
  );
}

function give(stores: Stores, command: ComponentCommand, row: ComponentRow, signal: string | null): void {
  stores
    .get(createManualCommand)
    .giveCommand({ words: componentWords(command, row.name, signal), hazard: componentHazards[command], daemons: [row.daemon] });
}

/** Every command the component's daemon allows, `kill` and `signal` with each allowed signal. */
function CommandItems({ row }: { readonly row: ComponentRow }) {
  const stores = useStores();
  return componentCommands
    .filter((command) => row.commands.includes(command))
    .flatMap((command) => {
      const signals = command === 'kill' ? row.signals.filter((name) => name === 'KILL') : command === 'signal' ? row.signals : [];
      const variants = signals.length > 0 ? signals : [null];
      return variants.map((signal) => (
        <Menu.Item
          key={`${command} ${signal ?? ''}`}
          className={style['menuItem'] ?? ''}
          data-hazard={componentHazards[command]}
          onClick={() => give(stores, command, row, signal)}
        >
          {command === 'kill' || command === 'signal'
            ? `${command} ${signal === 'KILL' && command === 'kill' ? '-9' : (signal ?? '')}`
            : command}
          {componentHazards[command] !== 'none' && '…'}
        </Menu.Item>
      ));
    });
}

function CommandMenu({ row }: { readonly row: ComponentRow }) {
  if (row.commands.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Act on ${row.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <CommandItems row={row} />
      </Menu.Dropdown>
    </Menu>
  );
}

function LastError({ error }: { readonly error: EventRow | undefined }) {
  if (!error) return <span className={style['muted']}>{notKnown}</span>;
  return (
    <span className={style['error']} title={`${timeOfDay(error.time)} ${error.text}`}>
      <span className={style['muted']}>{timeOfDay(error.time)}</span> {error.text}
    </span>
  );
}

interface ComponentLineProps {
  readonly row: ComponentRow;
  readonly stale: boolean;
  readonly opened: boolean;
  readonly onToggle: () => void;
}

function ComponentLine({ row, stale, opened, onToggle }: ComponentLineProps) {
  const error = useEnvironmentEvents((state) => state.lastErrors.get(row.name));
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <tr className={style['component']} data-stale={stale || undefined} data-component={row.name}>
      <th scope="row">
        <button type="button" className={style['toggle']} aria-expanded={opened} onClick={onToggle}>
          <Chevron size={14} aria-hidden />
          <span className="clipped">{row.name}</span>
        </button>
      </th>
      <td>{row.isProcess ? <StateLabel state={row.state} stale={stale} /> : <span className={style['muted']}>values only</span>}</td>
      <td className="number">{row.pid ?? notKnown}</td>
      <td className="number">{quantityText(row.cpu, '%', 'steady')}</td>
      <td className="number">{quantityText(row.memory, 'bytes', 'steady')}</td>
      <td className="clipped">
        <LastError error={error} />
      </td>
      <td className={style['act']}>
        <CommandMenu row={row} />
      </td>
    </tr>
  );
}

export function ComponentsTable({ rows }: { readonly rows: readonly DaemonRow[] }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <table className={style['table']}>
      <thead>
        <tr>
          <th scope="col">Component</th>
          <th scope="col" className={style['stateColumn']}>
            State
          </th>
          <th scope="col" className="number">
            PID
          </th>
          <th scope="col" className="number">
            CPU
          </th>
          <th scope="col" className="number">
            Memory
          </th>
          <th scope="col">Last error</th>
          <th scope="col" className={style['act']}>
            Act
          </th>
        </tr>
      </thead>
      {rows.map((daemon) => (
        <tbody key={daemon.name}>
          <DaemonHeading row={daemon} />
          {daemon.components.map((component) => {
            const key = `${daemon.name} ${component.name}`;
            return (
              <Fragment key={key}>
                <ComponentLine row={component} stale={daemon.stale} opened={opened.has(key)} onToggle={() => toggle(key)} />
                {opened.has(key) && (
                  <tr>
                    <td colSpan={columns} className={style['details']}>
                      <ComponentDetails row={component} stale={daemon.stale} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      ))}
    </table>
  );
}
