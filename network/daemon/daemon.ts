/**
 * The daemon, put together: what observes reports to the reporter, which numbers everything for spool and router; what
 * comes from the network passes the gate before it is executed.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readKeyFile, verifier } from '#platform/keys.ts';
import type { RouterConnectionOptions } from '#network/bus/connect.ts';
import { readTlsFiles } from '#platform/tls-files.ts';
import { Emitter, Ownership } from '#shared/disposable.ts';
import type { Owned } from '#shared/disposable.ts';
import type { Epoch } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import type { DaemonEvent, LogSeverity, Presence } from '#shared/protocol/observations.ts';
import manifest from '../../package.json' with { type: 'json' };
import { lockState, newBootNonce, newEpoch } from './boot.ts';
import { makeCatalogue } from './publishing/catalogue.ts';
import { ChildrenLedger } from './execution/children-ledger.ts';
import { backgroundClock, type Clock } from '#platform/clock.ts';
import { CommandGate } from './execution/command-gate.ts';
import { ComponentCommands } from './execution/component-commands.ts';
import { ComponentStarter } from './execution/component-starter.ts';
import type { DaemonConfiguration } from './configuration/types.ts';
import { Executor } from './execution/executor.ts';
import { startObservation } from './observation.ts';
import { Policy } from './execution/policy.ts';
import type { ComponentControl, Reporter } from './ports.ts';
import { presenceInterval, Publisher } from './publishing/publisher.ts';
import { RecordReporter } from './publishing/reporter.ts';
import type { SpoolRecord } from './spool/spool-segment.ts';
import { SpoolService } from './spool/spool-service.ts';
import { Spool } from './spool/spool.ts';
import type { SpoolTrouble } from './spool/spool.ts';
import { endWanted } from './execution/wanted-end.ts';
import type { Adapters } from './worker/adapters/adapters.ts';
import type { WorkerOptions } from './worker/worker.ts';
import type { WorkerConfiguration } from './worker/worker-section.ts';

export interface DaemonOptions {
  readonly configuration: DaemonConfiguration;
  /** SHA-256 of the configuration file, hexadecimal. */
  readonly configurationHash: string;
  readonly clock?: Clock;
  /** Told what keeps the daemon from its router, once per kind of trouble. */
  readonly onProblem?: (problem: Problem) => void;
  /** What starts this very program, where it is not run from its sources: a worker's guard is the same program. */
  readonly self?: readonly string[];
  /** Of a worker, instead of those that are built in. */
  readonly adapters?: Adapters;
}

/** A running daemon. `dispose` ends everything that it started and resolves when that is done. */
export interface Daemon extends Owned {
  readonly epoch: Epoch;
  readonly bootNonce: string;
  readonly connected: boolean;
  /** Where a program that hosts the daemon may report what it observes itself. */
  readonly reporter: Reporter;
  /** Told at each change of the connection to the router; returns the unsubscribe. */
  onConnection(listener: (connected: boolean) => void): () => void;
}

export const softwareVersion: string = manifest.version;

/**
 * Starts a daemon. Rejects with a ProblemError for what the operator of the host must mend first (an unreadable key, a
 * state folder in use); a router that is not there is none of that.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { configuration } = options;
  const router = await routerOptions(configuration);
  const unlock = await lockState(configuration.state);
  const owned = new Ownership();
  owned.own(unlock);
  try {
    return await assemble(options, router, owned);
  } catch (failure) {
    await owned.dispose().catch(() => undefined);
    throw failure;
  }
}

type RouterOptions = Omit<RouterConnectionOptions, 'waitOnFirstConnect' | 'onWaiting' | 'signal'>;

async function routerOptions(configuration: DaemonConfiguration): Promise<RouterOptions> {
  const { router, daemon, key, tls } = configuration;
  return {
    url: router,
    name: `daemon ${daemon} on ${hostname()}`,
    // Answers to what a worker asks arrive where this user alone may listen.
    user: daemon,
    ...(key === null ? {} : { seed: await readKeyFile(key) }),
    ...(tls === null ? {} : { tls: await readTlsFiles(withoutNulls(tls)) }),
  };
}

function withoutNulls(files: NonNullable<DaemonConfiguration['tls']>) {
  return { ca: files.ca ?? undefined, certificate: files.certificate ?? undefined, key: files.key ?? undefined };
}

type Notice = (severity: LogSeverity, code: string, text: string) => void;

/** What is known of this start before anything is observed. */
interface Start {
  readonly configuration: DaemonConfiguration;
  readonly configurationHash: string;
  readonly softwareVersion: string;
  readonly epoch: Epoch;
  /** Earlier starts with this state folder. */
  readonly earlier: ReadonlySet<string>;
  readonly bootNonce: string;
  readonly clock: Clock;
  readonly now: () => number;
}

/** Everything made from here on is owned in the order in which it is to be given back, last first. */
async function assemble(options: DaemonOptions, router: RouterOptions, owned: Ownership): Promise<Daemon> {
  const { configuration, configurationHash, clock = backgroundClock } = options;
  const now = (): number => clock.now();
  const earlier = await Spool.epochs(spoolFolder(configuration));
  const epoch = newEpoch(now(), earlier.at(-1));
  const bootNonce = newBootNonce();
  const start: Start = { configuration, configurationHash, softwareVersion, epoch, earlier: new Set(earlier), bootNonce, clock, now };
  const connection = new Emitter<boolean>();
  // Made last, because commands may come as soon as it is there; given back after everything that still reports.
  const network: { publisher?: Publisher } = {};
  const { spool, reporter, notice } = await openRecords(start, owned, network);
  const settled = async (): Promise<void> => {
    reporter.flush();
    await spool.flush();
  };
  const observation = owned.own(await startObservation(configuration, reporter, clock, { settled }));
  const { execution, ledger } = await startExecution(start, reporter, observation.control, notice, owned);
  network.publisher = new Publisher({
    environment: configuration.environment,
    daemon: configuration.daemon,
    router,
    gate: gateOf(start, reporter, execution),
    spoolService: new SpoolService(spool),
    catalogue: () => {
      // So that nothing in the catalogue is newer than the sequence number that it names.
      reporter.flush();
      const { sequence, declared } = reporter;
      return makeCatalogue({ ...start, sequence, declared, views: observation.control.views(), address: network.publisher?.address });
    },
    presence: () => presenceOf(start, reporter, spool),
    catalogueVersion: () => reporter.declarationCount,
    onConnection: (connected) => connection.emit(connected),
    onProblem: (problem) => options.onProblem?.(problem),
  });
  if (configuration.worker)
    owned.own(await startAsWorker(configuration.worker, { ...options, ...start, link: network.publisher, ledger, notice }));
  return {
    epoch,
    bootNonce: start.bootNonce,
    reporter,
    get connected() {
      return network.publisher?.connected ?? false;
    },
    onConnection: (listener) => connection.subscribe(listener),
    dispose: () => owned.dispose(),
  };
}

type WorkerSurroundings = Start & Pick<DaemonOptions, 'self' | 'adapters'> & Pick<WorkerOptions, 'link' | 'ledger' | 'notice'>;

async function startAsWorker(worker: WorkerConfiguration, surroundings: WorkerSurroundings): Promise<Owned> {
  // Loaded where it is wanted: most daemons are no workers, and memory counts beside the system under test.
  const [{ startWorker }, { guardCommand }] = await Promise.all([import('./worker/worker.ts'), import('./worker/guard-keeper.ts')]);
  const { configuration, self, adapters, ...rest } = surroundings;
  const { environment, daemon, trust } = configuration;
  const policy = new Policy(trust);
  return startWorker({
    ...rest,
    environment,
    daemon,
    configuration: worker,
    policy,
    guardCommand: guardCommand(self),
    ...(adapters && { adapters }),
  });
}

function spoolFolder(configuration: DaemonConfiguration): string {
  return join(configuration.state, 'spool');
}

/** Spool and reporter, between which the network stands: each record goes to the spool and, when there is one, to the router. */
async function openRecords(start: Start, owned: Ownership, network: { readonly publisher?: Publisher }) {
  const { epoch, configuration, now } = start;
  // Early troubles wait until there is a reporter to tell them to.
  const early: DaemonEvent[] = [];
  let report = (event: DaemonEvent): void => void early.push(event);
  const notice: Notice = (severity, code, text) => report({ kind: 'notice', time: now(), severity, code, text: text.slice(0, 1_000) });
  const onTrouble = (trouble: SpoolTrouble): void => tellTrouble(trouble, notice);
  const spool = await Spool.open({ folder: spoolFolder(configuration), epoch, ...configuration.spool, now, onTrouble });
  owned.own(() => spool.close());
  owned.own(() => network.publisher?.dispose());
  const onRecord = (record: SpoolRecord): void => {
    spool.append(record);
    network.publisher?.publish(record);
  };
  const reporter = owned.own(new RecordReporter({ ...start, onRecord }));
  report = (event) => reporter.event(event);
  for (const event of early) reporter.event(event);
  return { spool, reporter, notice };
}

/** What acts: actions and component commands, after what an earlier daemon left behind is settled. */
async function startExecution(
  start: Start,
  reporter: Reporter,
  control: ComponentControl,
  notice: Notice,
  owned: Ownership,
): Promise<{ readonly execution: Executor; readonly ledger: ChildrenLedger }> {
  const { configuration, now, clock } = start;
  const { components, state, actions } = configuration;
  const onTrouble = (reason: string): void =>
    notice('warning', 'state-unwritable', `What the daemon has started cannot be written down: ${reason}.`);
  const ledger = owned.own(new ChildrenLedger(join(state, 'children.ndjson'), onTrouble));
  const markPrefix = `${configuration.daemon}/${start.epoch}`;
  const starter = new ComponentStarter({ components, control, ledger, reporter, folder: join(state, 'output'), markPrefix, now });
  const commands = new ComponentCommands(components, control, starter);
  owned.own(() => stopStarted(configuration, starter, commands));
  await settleLeftovers(ledger, starter, control, notice);
  const monotonic = (): number => clock.monotonic();
  const execution = owned.own(new Executor({ actions, components: commands, control, ledger, reporter, now, monotonic, markPrefix }));
  return { execution, ledger };
}

function gateOf(start: Start, reporter: Reporter, execution: Executor): CommandGate {
  const { environment, daemon, trust, clockTolerance } = start.configuration;
  return new CommandGate({
    environment,
    daemon,
    epoch: start.epoch,
    succeeds: (epoch) => start.earlier.has(epoch),
    bootNonce: start.bootNonce,
    policy: new Policy(trust),
    clockTolerance,
    now: start.now,
    monotonic: () => start.clock.monotonic(),
    verify: verifier,
    execution,
    report: (event) => reporter.event(event),
  });
}

function presenceOf(start: Start, reporter: RecordReporter, spool: Spool): Presence {
  const { sequence } = reporter;
  const { epoch, bootNonce, configurationHash } = start;
  return {
    daemon: start.configuration.daemon,
    epoch,
    bootNonce,
    configurationHash,
    time: start.now(),
    sequence,
    oldest: spool.oldest() ?? sequence + 1,
    interval: presenceInterval / 1_000,
  };
}

function tellTrouble(trouble: SpoolTrouble, notice: Notice): void {
  switch (trouble.kind) {
    case 'dropped':
      return notice(
        'warning',
        'spool-dropped',
        `The spool is full: records ${trouble.from} to ${trouble.to} of epoch ${trouble.epoch} were dropped.`,
      );
    case 'unwritable':
      return notice('error', 'spool-unwritable', `The spool cannot be written (${trouble.reason}); the newest records are kept in memory.`);
    case 'writable':
      return notice('info', 'spool-writable', 'The spool can be written again.');
  }
}

/**
 * What a killed daemon left behind: components are taken over, for a fault of the daemon must not become one of the
 * system under test; actions are ended, for nobody would ever be told how they went.
 */
async function settleLeftovers(
  ledger: ChildrenLedger,
  starter: ComponentStarter,
  control: ComponentControl,
  notice: Notice,
): Promise<void> {
  await Promise.all(
    ledger.left.map(async (child) => {
      if (child.kind === 'component' && starter.takeOver(child)) {
        return notice(
          'info',
          'component-taken-over',
          `${child.name} (process ${child.pid}) was started by the daemon before this one and is taken over.`,
        );
      }
      const stuck = await endWanted({ root: child, mark: child.mark }, 2_000, control);
      ledger.remove(child.mark);
      const rest = stuck === 0 ? '' : ` ${stuck} of its processes could not be ended.`;
      if (child.kind === 'action')
        notice('warning', 'leftover-ended', `"${child.name}", left by the daemon before this one, was ended.${rest}`);
    }),
  );
}

/** Components that the daemon started are its children and end with it, as their `stop` says. */
async function stopStarted(configuration: DaemonConfiguration, starter: ComponentStarter, commands: ComponentCommands): Promise<void> {
  starter.dispose();
  const started = configuration.components.filter((component) => starter.names.includes(component.name));
  const patience = new AbortController().signal;
  await Promise.all(started.map((component) => commands.stop(component, patience)));
}
