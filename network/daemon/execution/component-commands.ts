/**
 * The commands that every component understands where the configuration allows them: kill, signal, start, stop, status.
 * The process is looked up again right before each signal, so that a reused process id is never hit.
 */
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { ComponentName } from '#shared/identifiers.ts';
import { componentCommandSchema } from '#shared/protocol/observations.ts';
import type { CommandOutcome, ComponentCommand } from '#shared/protocol/observations.ts';
import { succeeded, failed } from './command-outcome.ts';
import type { ComponentStarter } from './component-starter.ts';
import type { ComponentConfiguration } from '../configuration/types.ts';
import type { ComponentControl } from '../ports.ts';
import { identify, lives } from '#platform/process-identity.ts';
import type { ProcessIdentity } from '#platform/process-identity.ts';
import type { Refusal } from './refusal-log.ts';

/** What a command of the daemon's own came to; see `outcomeOf`. */
export type ComponentResult = Pick<CommandOutcome, 'status'> & Partial<CommandOutcome>;

export interface PreparedComponentCommand {
  run(signal: AbortSignal): Promise<ComponentResult>;
}

/** ms that a process may take to vanish after KILL. */
const killTime = 2_000;

/** `9`, `KILL`, `SIGKILL` and `kill` all name KILL; undefined for what is no signal. */
export function signalName(text: string): string | undefined {
  const wanted = text.toUpperCase().replace(/^SIG/, '');
  const found = Object.entries(constants.signals).find(([name, number]) => name === `SIG${wanted}` || String(number) === wanted);
  return found?.[0].slice(3);
}

interface Parsed {
  readonly command: ComponentCommand;
  readonly component: ComponentConfiguration;
  readonly signal: string;
}

/** Takes the signal out of the words of a `kill`: `-9`, `-KILL`, `-s KILL`; TERM where none is given. */
function splitKill(words: readonly string[]): { readonly signal: string; readonly rest: readonly string[] } {
  const [first = '', second = ''] = words;
  if (first === '-s') return { signal: second, rest: words.slice(2) };
  return first.startsWith('-') ? { signal: first.slice(1), rest: words.slice(1) } : { signal: 'TERM', rest: words };
}

const usage: Readonly<Record<ComponentCommand, string>> = {
  kill: 'kill [-SIGNAL] Component',
  signal: 'signal SIGNAL Component',
  start: 'start Component',
  stop: 'stop Component',
  status: 'status Component',
};

export class ComponentCommands {
  private readonly components: ReadonlyMap<string, ComponentConfiguration>;
  private readonly control: ComponentControl;
  private readonly starter: ComponentStarter;

  constructor(components: readonly ComponentConfiguration[], control: ComponentControl, starter: ComponentStarter) {
    this.components = new Map(components.map((component) => [component.name, component]));
    this.control = control;
    this.starter = starter;
  }

  /** The component that a component command is about, as the last word names it. */
  componentOf(command: string, words: readonly string[]): string | undefined {
    return componentCommandSchema.safeParse(command).success ? words.at(-1) : undefined;
  }

  prepare(name: string, words: readonly string[]): PreparedComponentCommand | Refusal {
    const parsed = this.parse(name, words);
    if ('code' in parsed) return parsed;
    const { command, component, signal } = parsed;
    switch (command) {
      case 'kill':
      case 'signal':
        return { run: () => this.signal(component.name, signal) };
      case 'start':
        return { run: (aborted) => this.starter.start(component, aborted) };
      case 'stop':
        return { run: (aborted) => this.stop(component, aborted) };
      case 'status':
        return { run: () => this.status(component.name) };
    }
  }

  /** Stops a component as its configuration says: signal, wait, KILL. */
  async stop(component: ComponentConfiguration, aborted: AbortSignal): Promise<ComponentResult> {
    const { name, stop } = component;
    this.starter.expectEnd(name);
    const view = await this.control.lookNow(name);
    const identity = view?.pid ? identify(view.pid) : undefined;
    if (!identity) return succeeded('not running');
    this.control.expectStop(name);
    const failure = send(identity, name, stop.signal);
    if (failure) return failure;
    if (!(await this.waitForEnd(identity, stop.timeout, aborted))) {
      if (aborted.aborted) return { ...failed(`${name} was sent ${stop.signal} and was not waited for.`), status: 'cancelled' };
      this.control.expectStop(name);
      send(identity, name, 'KILL');
      if (!(await this.waitForEnd(identity, killTime, aborted))) return failed(`${name} (process ${identity.pid}) did not end after KILL.`);
    }
    await this.starter.sweep(name);
    await this.control.lookNow(name);
    return succeeded('stopped');
  }

  private parse(name: string, words: readonly string[]): Parsed | Refusal {
    const command = componentCommandSchema.safeParse(name).data;
    if (!command) return { code: 'unknown-action', reason: `This daemon offers no "${name}".` };
    const isKill = command === 'kill';
    const split = isKill
      ? splitKill(words)
      : command === 'signal'
        ? { signal: words[0] ?? '', rest: words.slice(1) }
        : { signal: 'TERM', rest: words };
    const [componentName, ...surplus] = split.rest;
    if (componentName === undefined || surplus.length > 0)
      return { code: 'bad-arguments', reason: `Write it like this: ${usage[command]}.` };
    const component = this.components.get(componentName);
    if (!component) return { code: 'bad-arguments', reason: `This daemon has no component "${componentName}".` };
    if (!component.commands.includes(command)) {
      return { code: 'not-allowed', reason: `"${command}" is not among the commands that daemon.yaml allows for ${component.name}.` };
    }
    if (command !== 'kill' && command !== 'signal') return { command, component, signal: 'TERM' };
    const signal = signalName(split.signal);
    if (signal === undefined) return { code: 'bad-arguments', reason: `"${split.signal}" is no signal. ${usage[command]}.` };
    if (!component.signals.some((each) => each === signal)) {
      return { code: 'not-allowed', reason: `${signal} is not among the signals that daemon.yaml allows for ${component.name}.` };
    }
    return { command, component, signal };
  }

  /** A signal from a scenario is a fault injected: the end that it causes is a crash, not a stop. */
  private async signal(component: ComponentName, signal: string): Promise<ComponentResult> {
    const view = await this.control.lookNow(component);
    const identity = view?.pid ? identify(view.pid) : undefined;
    if (!identity) return failed(`${component} is not running.`);
    const failure = send(identity, component, signal);
    if (failure) return failure;
    void this.control.lookNow(component);
    return succeeded();
  }

  private async status(component: ComponentName): Promise<ComponentResult> {
    const view = (await this.control.lookNow(component)) ?? this.control.view(component);
    return view ? succeeded(view.state) : failed(`Nothing is known of ${component} yet.`);
  }

  private async waitForEnd(identity: ProcessIdentity, milliseconds: number, aborted: AbortSignal): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (lives(identity)) {
      if (performance.now() >= end || aborted.aborted) return false;
      await wait(10);
    }
    return true;
  }
}

function send(identity: ProcessIdentity, component: ComponentName, signal: string): ComponentResult | undefined {
  // Looked at once more with nothing awaited in between: an id cannot change hands here.
  if (!lives(identity)) return failed(`${component} is not running.`);
  try {
    process.kill(identity.pid, `SIG${signal}` as NodeJS.Signals);
    return undefined;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ESRCH') return failed(`${component} is not running.`);
    return failed(`The daemon's user may not signal ${component} (process ${identity.pid}).`);
  }
}
