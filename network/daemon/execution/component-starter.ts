/**
 * Starts components and owns what it started: it waits until they are ready, starts those again that are to run always,
 * takes over those that a killed daemon left running, and ends them all when the daemon stops.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Owned } from '#shared/disposable.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { outcomeCodes, type LogSeverity } from '#shared/protocol/observations.ts';
import type { Child, ChildrenLedger } from './children-ledger.ts';
import { succeeded, failed } from './command-outcome.ts';
import type { ComponentResult } from './component-commands.ts';
import { boundComponentOutput, closeComponentOutput, followOutput, openComponentOutput } from './component-output.ts';
import { LinearPattern } from '../configuration/pattern.ts';
import type { ComponentConfiguration, StartConfiguration } from '../configuration/types.ts';
import type { ComponentControl, Reporter } from '../ports.ts';
import { lives } from '#platform/process-identity.ts';
import { launch } from './process-launch.ts';
import type { Ending, Launched } from './process-launch.ts';
import { endWanted } from './wanted-end.ts';
import { durationText } from '#shared/wording/durations.ts';

export interface ComponentStarterOptions {
  readonly components: readonly ComponentConfiguration[];
  readonly control: ComponentControl;
  readonly ledger: ChildrenLedger;
  readonly reporter: Reporter;
  /** Folder for the output of components. */
  readonly folder: string;
  readonly markPrefix: string;
  /** ms since 1970 */
  readonly now: () => number;
  /** ms before a component that is to run always is started again for the first time; doubled up to 30 s while it keeps ending. */
  readonly restartDelay?: number;
}

const longestRestartDelay = 30_000;
/** ms; a component that ran so long is started again without a longer delay. */
const settledAfter = 30_000;
const outputCheckInterval = 10_000;

interface Started {
  readonly component: ComponentConfiguration;
  readonly mark: string;
  readonly child: Omit<Child, 'kind' | 'name'>;
  readonly ended: Promise<Ending>;
  wanted: boolean;
}

export class ComponentStarter implements Owned {
  private readonly options: ComponentStarterOptions;
  private readonly started = new Map<ComponentName, Started>();
  private readonly starting = new Set<ComponentName>();
  private readonly restarts = new Map<ComponentName, { delay: number; timer: NodeJS.Timeout | undefined }>();
  private readonly outputTimer: NodeJS.Timeout;
  private starts = 0;
  private disposed = false;

  constructor(options: ComponentStarterOptions) {
    this.options = options;
    this.outputTimer = setInterval(() => {
      for (const name of this.started.keys()) void boundComponentOutput(options.folder, name);
    }, outputCheckInterval);
    this.outputTimer.unref();
  }

  /** Names of the components that the daemon has running. */
  get names(): readonly ComponentName[] {
    return [...this.started.keys()];
  }

  /** The end of this component is wanted: it is not started again. */
  expectEnd(name: ComponentName): void {
    const started = this.started.get(name);
    if (started) started.wanted = false;
    clearTimeout(this.restarts.get(name)?.timer);
    this.restarts.delete(name);
  }

  /** Starts a component and waits until it is ready. */
  async start(component: ComponentConfiguration, aborted: AbortSignal): Promise<ComponentResult> {
    const { name, start } = component;
    if (!start) return failed(`daemon.yaml does not say how to start ${name}.`);
    if (this.disposed) return failed('The daemon is stopping.');
    if (this.starting.has(name)) return failed(`${name} is being started already.`, outcomeCodes.alreadyStarting);
    this.starting.add(name);
    try {
      const view = await this.options.control.lookNow(name);
      if (view?.pid) return failed(`${name} is running already (process ${view.pid}).`, outcomeCodes.alreadyRunning);
      return await this.launchAndWait(component, start, aborted);
    } finally {
      this.starting.delete(name);
    }
  }

  /** Ends what is left of a component's processes after its main one has ended. */
  async sweep(name: ComponentName): Promise<void> {
    const started = this.started.get(name);
    if (started) await endWanted({ root: started.child, mark: started.mark }, 500, this.options.control);
  }

  /** Takes over a component that an earlier, killed daemon started and that still runs. */
  takeOver(child: Child): boolean {
    const component = this.options.components.find((each) => each.name === child.name);
    if (!component || !lives(child)) return false;
    const ended = pollForEnd(child);
    this.own(component, child, ended);
    this.options.control.adopt(component.name, child.pid, ended);
    return true;
  }

  /** Starts nothing any more; what runs is left to `stop`. */
  dispose(): void {
    this.disposed = true;
    clearInterval(this.outputTimer);
    for (const restart of this.restarts.values()) clearTimeout(restart.timer);
  }

  private async launchAndWait(
    component: ComponentConfiguration,
    start: StartConfiguration,
    aborted: AbortSignal,
  ): Promise<ComponentResult> {
    const { name } = component;
    const mark = `${this.options.markPrefix}/${name}/${++this.starts}`;
    let launched: Launched;
    let path: string;
    try {
      const output = openComponentOutput(this.options.folder, name);
      path = output.path;
      try {
        launched = await launch({ ...start, mark, output: output.descriptor });
      } finally {
        closeComponentOutput(output.descriptor);
      }
    } catch (failure) {
      return { ...failed(problemOf(failure).message), status: 'failed to start', exitStatus: null };
    }
    const started = this.own(component, { mark, ...launched.identity }, launched.ended);
    // A program that only starts the component and ends is not the component: that one is found as configured.
    if (component.find.kind === 'started by the daemon') this.options.control.adopt(name, launched.identity.pid, launched.ended);
    const result = await this.waitUntilReady(component, start, launched, path, aborted);
    if (!result.success) {
      started.wanted = false;
      this.options.control.expectStop(name);
      await endWanted({ root: launched.identity, mark }, 1_000, this.options.control);
      await this.options.control.lookNow(name);
    }
    return result;
  }

  private async waitUntilReady(
    component: ComponentConfiguration,
    start: StartConfiguration,
    launched: Launched,
    path: string,
    aborted: AbortSignal,
  ): Promise<ComponentResult> {
    const { name } = component;
    const pattern = start.ready === null ? undefined : new LinearPattern(start.ready);
    let ready = pattern === undefined;
    let lastLine = '';
    let ending: Ending | undefined;
    void launched.ended.then((each) => (ending = each));
    const output = followOutput(path, (line) => {
      if (line.trim() !== '') lastLine = line;
      ready ||= pattern?.test(line) ?? false;
    });
    const isComponent = component.find.kind === 'started by the daemon';
    const end = performance.now() + start.timeout;
    try {
      // Without a line to wait for, a moment shows whether it ends at once (a wrong option, a port in use).
      await wait(pattern ? 0 : 100);
      for (;;) {
        const view = await this.options.control.lookNow(name);
        if (view?.pid === launched.identity.pid && !isComponent) this.options.control.adopt(name, view.pid, launched.ended);
        if (ready && view?.pid) return succeeded(String(view.pid));
        if (aborted.aborted) return { ...failed(`The start of ${name} was cancelled; what had started was ended.`), status: 'cancelled' };
        if (ending && (isComponent || ending.exitStatus !== 0)) {
          output.look();
          return endedEarly(name, ending, lastLine);
        }
        if (performance.now() > end) {
          return { ...failed(`${name} was not ready within ${start.timeout} ms and was ended.`), status: 'timed out', exitStatus: null };
        }
        await wait(25);
      }
    } finally {
      output.stop();
    }
  }

  private own(component: ComponentConfiguration, child: Started['child'], ended: Promise<Ending>): Started {
    const { ledger } = this.options;
    const started: Started = { component, mark: child.mark, child, ended, wanted: true };
    this.started.set(component.name, started);
    ledger.add({ kind: 'component', name: component.name, mark: child.mark, pid: child.pid, started: child.started });
    const began = performance.now();
    void ended.then(() => {
      ledger.remove(child.mark);
      if (performance.now() - began > settledAfter) this.restarts.delete(component.name);
      if (this.started.get(component.name) === started && !started.wanted) this.started.delete(component.name);
      if (started.wanted && component.start?.restart === 'always') this.startAgain(component);
    });
    return started;
  }

  private startAgain(component: ComponentConfiguration): void {
    const { name } = component;
    if (this.disposed || this.starting.has(name)) return;
    const delay = this.restarts.get(name)?.delay ?? this.options.restartDelay ?? 500;
    this.notice('info', 'component-restart', `${name} ended and is started again in ${durationText(delay)}.`, name);
    const timer = setTimeout(() => {
      void this.start(component, new AbortController().signal).then((result) => {
        const isSettled = result.success || Boolean(this.options.control.view(name)?.pid);
        if (isSettled || this.disposed || !this.restarts.has(name)) return;
        this.notice('error', 'component-restart-failed', result.message ?? `${name} could not be started again.`, name);
        this.startAgain(component);
      });
    }, delay);
    this.restarts.set(name, { delay: Math.min(longestRestartDelay, delay * 2), timer });
  }

  private notice(severity: LogSeverity, code: string, text: string, component: ComponentName): void {
    this.options.reporter.event({ kind: 'notice', time: this.options.now(), severity, code, text: text.slice(0, 1_000), component });
  }
}

function endedEarly(name: ComponentName, ending: Ending, lastLine: string): ComponentResult {
  const how = ending.signal === null ? `with exit status ${ending.exitStatus ?? 'unknown'}` : `by ${ending.signal}`;
  const said = lastLine === '' ? '' : ` Its last line: ${lastLine.slice(0, 500)}`;
  return { ...failed(`${name} ended ${how} before it was ready.${said}`), exitStatus: ending.exitStatus, signal: ending.signal };
}

/** The end of a process that is not the daemon's child: how it ended cannot be known. */
async function pollForEnd(child: Child): Promise<Ending> {
  while (lives(child)) await wait(100, undefined, { ref: false });
  return { exitStatus: null, signal: null };
}
