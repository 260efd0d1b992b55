/**
 * A campaign on real processes: a router, worker daemons, cores, and tests that are programs. Everything may be killed; what became of the campaign
 * is judged by its ledger, and by what the tests themselves saw on their host.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { z } from 'zod';
import { connectToRouter } from '#network/bus/connect.ts';
import { systemClock } from '#platform/clock.ts';
import { openCampaignStore } from '#main/core/campaigns/campaign-store.ts';
import type { CampaignStore, Ledger } from '#main/core/campaigns/ports.ts';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import { Ownership } from '#shared/disposable.ts';
import { launch, nodeOptions, openNetwork, saying, type NetworkOfProcesses, type Program } from '../network-of-processes.ts';
import { trustFolder } from '../trusted-folder.ts';
import { judge, type Judgement } from './campaign-judgement.ts';

const natsServer = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  .map((folder) => `${folder}/nats-server`)
  .find((path) => existsSync(path));
const withoutNatsServer = natsServer === undefined && process.env['CI'] !== 'true';
if (withoutNatsServer) console.warn('Skipped: nats-server is not installed (Debian package nats-server).');

export interface CampaignEngine {
  readonly name: string;
  readonly skipped: boolean;
  /** Whether cores share their home, as those of one machine do; else each has its own. */
  readonly sharedHome: boolean;
  readonly options: { readonly natsServer?: string; readonly jetStream?: boolean };
}

export const campaignEngines: readonly CampaignEngine[] = [
  { name: 'the embedded router and the journal', skipped: false, sharedHome: true, options: {} },
  {
    name: 'nats-server and JetStream',
    skipped: withoutNatsServer,
    sharedHome: false,
    options: { natsServer: natsServer ?? 'nats-server', jetStream: true },
  },
];

const workers = ['MEP', 'second', 'third'] as const;
/** Slots of a worker, of a server, of the licence. */
const slots = 2;
const serverSlots = 3;
const licences = 3;
const core = join(import.meta.dirname, 'campaign-core-child.ts');

export interface CampaignSize {
  readonly tests: number;
  /** s that a test takes. */
  readonly seconds: number;
  /** Environment file of one of the two servers. */
  readonly serverEnvironment?: string;
}

/**
 * A test: holds its own lock and one of the licences for as long as it is there, with everything that came of it, so that it sees itself executed
 * twice at once, and more tests at work than there are licences.
 */
const program = `# Its arguments: a mark, a folder, the file that names it, seconds
name=\${3##*/}
exec 9>"$2/$name.lock"
flock -n 9 || echo "$name is executed twice at once" >>"$2/wrong"
held=none
for number in 1 2 3; do
  exec 8>"$2/licence-$number"
  if flock -n 8; then held=$number; break; fi
done
[ $held = none ] && echo "no licence is left for $name" >>"$2/wrong"
case "$TESTOPS_SERVER$URL" in aone|btwo) ;; *) echo "$name is told the server $TESTOPS_SERVER at $URL" >>"$2/wrong" ;; esac
echo "$TESTOPS_UNIQUE" >>"$2/uniques"
sleep "$4"
case "$name" in bad*) exit 1 ;; esac
`;

const lineSchema = z.object({ campaign: campaignIdSchema.optional(), leads: z.boolean().optional() });

/** A core as a process of its own. */
export class CoreProcess {
  readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  get leads(): boolean {
    return this.lines().findLast(({ leads }) => leads !== undefined)?.leads ?? false;
  }

  async start(campaignFile: string): Promise<CampaignId> {
    this.program.child.stdin?.write(`${campaignFile}\n`);
    for (const end = performance.now() + 90_000; performance.now() < end; await pause(20)) if (this.campaign) return this.campaign;
    throw new Error(`The campaign has not started. ${this.problems}`);
  }

  /** What it reported of troubles. */
  get problems(): string {
    return this.program.output();
  }

  private get campaign(): CampaignId | undefined {
    return this.lines().find(({ campaign }) => campaign !== undefined)?.campaign;
  }

  private lines() {
    const lines = this.program.output().split('\n').slice(0, -1);
    return lines.flatMap((line) => (line.startsWith('{') ? (lineSchema.safeParse(JSON.parse(line)).data ?? []) : []));
  }
}

export class CampaignNetwork {
  readonly network: NetworkOfProcesses;
  readonly records: CampaignRecord[] = [];
  readonly cores: CoreProcess[] = [];
  readonly daemons = new Map<string, Program>();
  /** Stands in the arguments of every test. */
  readonly mark = `campaign-fault-${process.pid}-${Math.random().toString(36).slice(2)}`;
  router: Program;
  private readonly engine: CampaignEngine;
  private readonly folder: string;
  private readonly owned: Ownership;
  private readonly trusted: string[] = [];
  private ledger: Ledger | null = null;
  private store: CampaignStore | null = null;

  private constructor(network: NetworkOfProcesses, engine: CampaignEngine, folder: string, owned: Ownership) {
    this.network = network;
    this.router = network.firstRouter;
    this.engine = engine;
    this.folder = folder;
    this.owned = owned;
  }

  /** Everything but a core, with the files of a campaign. */
  static async open(engine: CampaignEngine, size: CampaignSize): Promise<CampaignNetwork> {
    const owned = new Ownership();
    try {
      const folder = await mkdtemp(join(tmpdir(), 'testops-campaign-faults-'));
      owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
      const worker = { slots, adapters: ['executable'], packages: ['*'] };
      const network = await openNetwork({ daemon: { worker }, others: workers.slice(1), ...engine.options });
      owned.own(network);
      const opened = new CampaignNetwork(network, engine, folder, owned);
      await opened.layOut(size);
      for (const name of workers) await opened.startDaemon(name);
      return opened;
    } catch (failure) {
      await owned.dispose();
      throw failure;
    }
  }

  async startDaemon(name: string): Promise<void> {
    this.daemons.set(name, await this.network.startDaemon(name));
  }

  /** Lets cores that are started from now on use what stands in a folder. */
  trust(folder: string): void {
    this.trusted.push(folder);
  }

  async startCore(): Promise<CoreProcess> {
    const home = join(this.folder, this.engine.sharedHome ? 'home' : `home-${this.cores.length + 1}`);
    await mkdir(home, { recursive: true });
    for (const each of [this.network.folder, ...this.trusted]) await trustFolder(each, home);
    const archive = join(this.folder, `archive-${this.cores.length + 1}`);
    const started = launch(process.execPath, [...nodeOptions, core, home, archive, this.network.environmentFile], this.folder);
    this.owned.own(() => started.kill('SIGKILL'));
    const opened = new CoreProcess(started);
    this.cores.push(opened);
    await saying(started, '"ready":true');
    return opened;
  }

  /** The core that coordinates, as soon as one does. */
  async leader(): Promise<CoreProcess> {
    let found: CoreProcess | undefined;
    const look = (): boolean => (found = this.living().find(({ leads }) => leads)) !== undefined;
    await this.until('nobody coordinates', look, 20_000);
    return found ?? this.fail('nobody coordinates');
  }

  living(): readonly CoreProcess[] {
    return this.cores.filter(({ program: { child } }) => child.exitCode === null && child.signalCode === null);
  }

  /** Starts the campaign, and gathers what its ledger says from its first record on. */
  async begin(): Promise<CampaignId> {
    const starter = await this.leader();
    const campaign = await starter.start(join(this.network.folder, 'campaigns', 'faults.yaml'));
    const place = {
      router: this.network.router,
      environment: this.network.environment,
      clock: systemClock,
      folder: join(this.folder, this.engine.sharedHome ? 'home' : 'onlooker', 'campaigns'),
    };
    const connection = await connectToRouter({
      url: place.router,
      name: 'onlooker',
      seed: this.network.operatorSeed,
      user: 'alice',
      waitOnFirstConnect: true,
    });
    this.owned.own(() => connection.close());
    this.store = this.owned.own(await openCampaignStore({ ...place, connection }));
    this.ledger = await this.store.ledgers.open(campaign);
    this.ledger.follow(1, (records) => void this.records.push(...records));
    return campaign;
  }

  get settled(): number {
    return this.records.filter(({ kind }) => kind === 'settled').length;
  }

  get ended(): boolean {
    return this.records.at(-1)?.kind === 'campaign-ended';
  }

  /** Waits until so many more leases are settled; the campaign must not be over then. */
  async progress(more = 1): Promise<void> {
    const before = this.settled;
    await this.until('the campaign stands still', () => this.settled >= before + more || this.ended, 40_000);
    if (this.ended) this.fail('The campaign is over already: it is too short for what was to happen to it.');
  }

  /** ms from a moment (since 1970) until the campaign went on: a lease that was given or settled after it. */
  async goesOnAfter(moment: number): Promise<number> {
    let found: CampaignRecord | undefined;
    const isLater = ({ kind, time }: CampaignRecord): boolean => time > moment && (kind === 'leased' || kind === 'settled');
    const look = (): boolean => (found = this.records.find(isLater)) !== undefined;
    await this.until('the campaign does not go on', look, 30_000);
    return (found?.time ?? Number.NaN) - moment;
  }

  /** Whether another core took the campaign after a moment, ms since 1970. */
  tookOverAfter(moment: number): boolean {
    return this.records.some(({ kind, time }) => kind === 'coordinator-changed' && time > moment);
  }

  /** A worker that executes something at present, as far as the ledger says. */
  async busyWorker(): Promise<string> {
    let found: string | undefined;
    const look = (): boolean => (found = [...CampaignState.of(this.records).leases.values()].at(-1)?.worker) !== undefined;
    await this.until('no worker executes anything', look, 20_000);
    return found ?? this.fail('no worker executes anything');
  }

  /** Processes of tests. */
  async testProcesses(): Promise<readonly number[]> {
    const found: number[] = [];
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const words = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
      if (words.split('\0')[2] === this.mark) found.push(Number(name));
    }
    return found;
  }

  /** Waits for the end of the campaign and for everybody to be idle, and judges what happened. */
  async judged(patience: number): Promise<Judgement> {
    await this.until('the campaign has not ended', () => this.ended, patience);
    const left = await this.leftRunning();
    const wrong = await readFile(join(this.folder, 'seen', 'wrong'), 'utf8').catch(() => '');
    const judgement = judge(this.records);
    const uniques = (await readFile(join(this.folder, 'seen', 'uniques'), 'utf8')).trim().split('\n');
    const repeated = uniques.length - new Set(uniques).size;
    const wrongs = [
      ...left.map((pid) => `Process ${pid} of a test is left running.`),
      ...judgement.wrongs,
      ...(wrong === '' ? [] : wrong.trim().split('\n')),
      ...(repeated > 0 ? [`${repeated} names were given twice.`] : []),
    ];
    return { ...judgement, wrongs };
  }

  /** Processes of tests that have not ended some seconds after everything is over. */
  private async leftRunning(): Promise<readonly number[]> {
    let found = await this.testProcesses();
    for (const end = performance.now() + 5_000; found.length > 0 && performance.now() < end; await pause(50))
      found = await this.testProcesses();
    return found;
  }

  /** Waits; in vain: says what the cores reported. */
  async until(what: string, look: () => boolean, patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (!look()) {
      if (performance.now() > end) this.fail(what);
      await pause(20);
    }
  }

  private fail(what: string): never {
    const reported = this.cores.map(({ problems }, index) => `core ${index + 1}: ${problems.slice(-2_000)}`);
    throw new Error([what, ...this.records.slice(-5).map((record) => JSON.stringify(record).slice(0, 500)), ...reported].join('\n'));
  }

  async dispose(): Promise<void> {
    await this.owned.dispose();
  }

  private async layOut({ tests, seconds, serverEnvironment }: CampaignSize): Promise<void> {
    const { folder } = this.network;
    await mkdir(join(this.folder, 'seen'));
    for (const name of ['suites', 'campaigns', 'programs']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'programs', 'test.sh'), program);
    for (const name of ['alone', 'together']) await mkdir(join(folder, 'programs', name));
    // Their names say what they are; a file of a suite that named thousands of commands would be too long.
    for (let index = 0; index < tests; index++) await writeFile(join(folder, 'programs', fileOf(index)), '');
    const suite = {
      suite: 'short',
      adapter: 'executable',
      package: { folder: '../programs' },
      settings: {
        files: ['alone/*', 'together/*'],
        command: ['sh', 'test.sh', this.mark, join(this.folder, 'seen'), '{file}', String(seconds)],
      },
      serial: ['alone/*'],
      needs: { licence: 1 },
      retries: 1,
    };
    await writeFile(join(folder, 'suites', 'short.yaml'), stringify(suite));
    const servers = {
      a: { slots: serverSlots, variables: { URL: 'one' }, ...(serverEnvironment !== undefined && { environment: serverEnvironment }) },
      b: { slots: serverSlots, variables: { URL: 'two' } },
    };
    await writeFile(
      join(folder, 'campaigns', 'faults.yaml'),
      stringify({ campaign: 'faults', servers, capacities: { licence: licences } }),
    );
  }
}

/** Of a hundred tests one fails, and five need a server for themselves. */
export function failsOf(tests: number): number {
  return Math.ceil(tests / 100);
}

function fileOf(index: number): string {
  return `${index % 20 === 7 ? 'alone' : 'together'}/${index % 100 === 0 ? 'bad' : 'good'}-${index}`;
}
