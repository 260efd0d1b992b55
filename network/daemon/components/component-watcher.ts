/**
 * Watches the processes of all components: whether they live (ten times a second), what they use (at the component's
 * interval), and which state they are in. A process that ends without this daemon having been ordered to end it has crashed.
 */
import type { ComponentName } from '#shared/identifiers.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { every, type Clock } from '#platform/clock.ts';
import type { ComponentConfiguration } from '../configuration/types.ts';
import type { ComponentControl, ComponentView, Reporter } from '../ports.ts';
import type { ComponentMemory, Remembered } from './component-memory.ts';
import type { ListedProcess, ProcessReader } from './process-reader.ts';
import { WatchedComponent, type Ending } from './watched-component.ts';

export interface ComponentWatcherOptions {
  readonly components: readonly ComponentConfiguration[];
  /** Components without a process, whose state is only told by logs. */
  readonly logOnly: readonly ComponentName[];
  readonly reader: ProcessReader;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly memory: ComponentMemory;
}

/** ms between looks at whether processes live; a crash is told within 500 ms. */
export const livenessInterval = 100;
/** ms between scans of all processes while some component is missing. */
const scanInterval = 500;

export class ComponentWatcher implements ComponentControl, Owned {
  /** Tells the component whose process has ended, so that others give up its series. */
  readonly ended = new Emitter<ComponentName>();
  private readonly options: ComponentWatcherOptions;
  private readonly components: ReadonlyMap<string, WatchedComponent>;
  private stopTicking: (() => void) | undefined;
  private ticking: Promise<void> | undefined;
  private lastScan = Number.NEGATIVE_INFINITY;
  private saved = '[]';
  private saving: Promise<void> = Promise.resolve();
  private disposed = false;
  private faultTold = false;

  constructor(options: ComponentWatcherOptions) {
    this.options = options;
    const { reader, reporter, clock } = options;
    const host = { reader, reporter, clock, ended: (component: ComponentName) => this.ended.emit(component) };
    const watched = options.components.map((each) => new WatchedComponent(each.name, each, host));
    const names = new Set<string>(watched.map(({ name }) => name));
    const stateless = options.logOnly.filter((name) => !names.has(name)).map((name) => new WatchedComponent(name, null, host));
    this.components = new Map([...watched, ...stateless].map((each) => [each.name, each]));
  }

  /** Takes the first look; afterwards `views` tells what is there. */
  async start(): Promise<void> {
    const remembered = await this.options.memory.load();
    const list = this.sharedList();
    await Promise.all(
      [...this.components.values()].map((each) =>
        each.firstLook(
          remembered.find(({ component }) => component === each.name),
          list,
        ),
      ),
    );
    await this.sample();
    this.remember();
    if (this.disposed) return;
    this.stopTicking = every(this.options.clock, livenessInterval, () => {
      this.ticking ??= this.tick()
        .catch((failure: unknown) => this.fault(failure))
        .finally(() => {
          this.ticking = undefined;
        });
    });
  }

  view(component: ComponentName): ComponentView | undefined {
    return this.components.get(component)?.view();
  }

  views(): readonly ComponentView[] {
    return [...this.components.values()].map((each) => each.view());
  }

  expectStop(component: ComponentName): void {
    this.components.get(component)?.expectStop();
  }

  async lookNow(component: ComponentName): Promise<ComponentView | undefined> {
    const watched = this.components.get(component);
    await watched?.lookAnew(this.sharedList());
    return watched?.view();
  }

  adopt(component: ComponentName, pid: number, ended: Promise<Ending>): void {
    this.components.get(component)?.adopt(pid, ended);
  }

  /** A log rule has told a state. */
  stateFromLog(component: ComponentName, state: string): void {
    this.components.get(component)?.stateFromLog(state);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.stopTicking?.();
    await this.ticking;
    for (const each of this.components.values()) each.dispose();
    this.remember();
    await this.saving;
  }

  private async tick(): Promise<void> {
    const now = this.options.clock.monotonic();
    const scanDue = now - this.lastScan >= scanInterval;
    if (scanDue) this.lastScan = now;
    const list = this.sharedList();
    await Promise.all([...this.components.values()].map((each) => each.look(each.needsScan && !scanDue ? undefined : list)));
    await this.sample();
    this.remember();
  }

  /** Nothing that one look meets may end the daemon or the watching; told once, since it may come back in every look. */
  private fault(failure: unknown): void {
    if (this.faultTold) return;
    this.faultTold = true;
    const text = `Watching the components met a fault and goes on: ${problemOf(failure).message}. Please report it.`.slice(0, 1_000);
    this.options.reporter.event({ kind: 'notice', time: this.options.clock.now(), severity: 'error', code: 'watch-fault', text });
  }

  /** All values that are due now leave together. */
  private async sample(): Promise<void> {
    const values = await Promise.all([...this.components.values()].map((each) => each.sampleIfDue()));
    const due = values.flatMap((read) => read());
    if (due.length > 0) this.options.reporter.samples(this.options.clock.now(), due);
  }

  /** One scan serves all components that ask for it in the same look. */
  private sharedList(): () => Promise<readonly ListedProcess[]> {
    let listed: Promise<readonly ListedProcess[]> | undefined;
    return () => (listed ??= this.options.reader.list());
  }

  /** Saves what has changed, one after the other and beside the watching, which a slow disk must not hold up. */
  private remember(): void {
    const present: Remembered[] = [...this.components.values()].flatMap((each) => each.remembered() ?? []);
    const text = JSON.stringify(present);
    if (text === this.saved) return;
    this.saved = text;
    this.saving = this.saving
      .then(() => this.options.memory.save(present))
      // A full disk must not stop the watching; the next tick tries again.
      .catch(() => {
        this.saved = '';
      });
  }
}
