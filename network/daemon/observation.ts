/** Everything of the daemon that observes, put together: components, logs, and the collectors. */
import { Ownership } from '#shared/disposable.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import type { Clock } from '#platform/clock.ts';
import { startCollectors } from './collectors.ts';
import { FileComponentMemory } from './components/component-memory.ts';
import { ComponentWatcher } from './components/component-watcher.ts';
import { LinuxProcessReader } from './components/linux-process-reader.ts';
import { PortableProcessReader } from './components/portable-process-reader.ts';
import type { ProcessReader } from './components/process-reader.ts';
import type { ComponentConfiguration, DaemonConfiguration } from './configuration/types.ts';
import { LogTailer } from './logs/log-tailer.ts';
import { PositionFile } from './logs/positions.ts';
import type { ComponentControl, Reporter } from './ports.ts';
import { leastPortableInterval } from './host/system-information.ts';

export interface Observation {
  readonly control: ComponentControl;
  /** Stops observing; logs are read to where they are and their positions saved. */
  dispose(): Promise<void>;
}

export interface ObservationOptions {
  /** Awaited before log positions are saved: resolve when what was reported so far is as durable as it will be. */
  readonly settled?: () => Promise<void>;
  readonly processReader?: ProcessReader;
}

/** Begins to observe. When it resolves, every component has been looked at once, so that a catalogue can tell their states. */
export async function startObservation(
  configuration: DaemonConfiguration,
  reporter: Reporter,
  clock: Clock,
  options: ObservationOptions = {},
): Promise<Observation> {
  const owned = new Ownership();
  const linux = process.platform === 'linux';
  const { state: stateFolder } = configuration;
  const components = linux ? configuration.components : configuration.components.map(atPortablePace);
  const logs = [...components.flatMap((component) => component.logs), ...configuration.logs];
  const watcher = new ComponentWatcher({
    components,
    logOnly: logOnlyComponents(configuration),
    reader: options.processReader ?? (linux ? new LinuxProcessReader() : new PortableProcessReader()),
    reporter,
    clock,
    memory: new FileComponentMemory(stateFolder),
  });
  const tailer = new LogTailer({
    logs,
    reporter,
    clock,
    positions: new PositionFile(stateFolder),
    onState: (component, state) => watcher.stateFromLog(component, state),
    ...(options.settled ? { settled: options.settled } : {}),
  });
  owned.own(watcher);
  owned.own(watcher.ended.subscribe((component) => tailer.giveUp(component)));
  // Given back first, so that what it still reads meets a watcher.
  owned.own(tailer);
  try {
    await watcher.start();
    await tailer.start();
    await startCollectors(configuration, { reporter, clock }, owned);
  } catch (failure) {
    await owned.dispose();
    throw failure;
  }
  return { control: watcher, dispose: () => owned.dispose() };
}

/** Where looks cost started programs, they are less frequent than configured. */
function atPortablePace(component: ComponentConfiguration): ComponentConfiguration {
  return { ...component, interval: Math.max(component.interval, leastPortableInterval) };
}

/** Components that rules give a state to but that have no process here. */
function logOnlyComponents(configuration: DaemonConfiguration): readonly ComponentName[] {
  const logs = [...configuration.components.flatMap(({ logs }) => logs), ...configuration.logs];
  const named = logs.flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.component !== null && rule.state !== null ? [rule.component] : [])),
  );
  return [...new Set(named)];
}
