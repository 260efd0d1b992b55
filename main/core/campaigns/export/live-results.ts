/**
 * Results of a campaign for others while it goes on: each verdict as an Allure result as soon as it stands in the ledger, for `allure watch` and whatever
 * else follows a folder; the ledger and JUnit files when the campaign has ended. Only what is durable is written, under names that come of the
 * campaign, the test and the attempt: a core that takes over writes what is missing, and nothing twice.
 */
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { Clock } from '#platform/clock.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { BlobStore } from '../../delivery/ports.ts';
import { recordsOf } from '../ledger-reading.ts';
import type { Ledger, Ledgers } from '../ports.ts';
import { quarantinedIn, type Quarantined } from '../quarantine.ts';
import { contentOf, sorted } from './allure-folder.ts';
import { allureResult, allureSurroundings, attachmentName, resultName, resultWithoutVerdict } from './allure-result.ts';
import { exportCampaign, type ExportDetails, type ExportFormat } from './export.ts';

/** Results that are written at once. */
const atOnce = 4;
/** ms until what could not be written is tried again. */
const retryDelay = 1_000;
/** ms after the campaign's end for which that is done. */
const patience = 60_000;

export interface LiveResultsParts {
  readonly id: CampaignId;
  /** As it is decided: ahead of what is durable. */
  readonly state: CampaignState;
  readonly ledgers: Ledgers;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly report: (problem: Problem) => void;
  /** Told when everything is written, or given up. */
  readonly finished: () => void;
}

/** One result to write; `fence` null: of a test that came to no verdict. */
interface Waiting {
  readonly number: number;
  readonly fence: number | null;
}

export class LiveResults implements Owned {
  private readonly parts: LiveResultsParts;
  private readonly folder: string | undefined;
  private readonly quarantined: Quarantined;
  /** Units by the fence of their lease. */
  private readonly units = new Map<number, number>();
  private readonly written = new Set<string>();
  private readonly attached = new Set<string>();
  /** Results to write from the head on, in the order in which they came. */
  private queue: Waiting[] = [];
  private head = 0;
  private readonly stopped = Promise.withResolvers<void>();
  private ledger: Ledger | null = null;
  private unfollow: () => void = () => undefined;
  private workers = new Set<Promise<void>>();
  private endedAt: number | null = null;
  private isStopped = false;
  private isTold = false;

  constructor(parts: LiveResultsParts) {
    this.parts = parts;
    this.folder = parts.state.plan?.results?.allure;
    this.quarantined = quarantinedIn(parts.state.plan?.quarantine ?? []);
    this.begin().catch((failure: unknown) => this.tell(failure));
  }

  async dispose(): Promise<void> {
    this.isStopped = true;
    this.stopped.resolve();
    this.unfollow();
    await Promise.all(this.workers);
    await this.ledger?.dispose();
  }

  private async begin(): Promise<void> {
    const { ledgers, id } = this.parts;
    await this.again(() => this.prepare());
    const ledger = await ledgers.open(id);
    this.ledger = ledger;
    if (this.isStopped) return ledger.dispose();
    this.unfollow = ledger.follow(1, (records) => this.take(records));
  }

  /** Tries until it succeeds. */
  private async again(work: () => Promise<void>): Promise<void> {
    while (!this.isStopped && !this.isLate()) {
      try {
        return await work();
      } catch (failure) {
        this.tell(failure);
        await this.pause();
      }
    }
  }

  private async prepare(): Promise<void> {
    if (this.folder === undefined) return;
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) if (name.endsWith('-result.json')) this.written.add(name);
    for (const { name, text } of allureSurroundings(this.parts.state)) await this.put(name, text);
  }

  private take(records: readonly CampaignRecord[]): void {
    const { state } = this.parts;
    for (const record of records) {
      if (record.kind === 'leased') this.units.set(record.fence, record.unit);
      else if (record.kind === 'settled') this.takeSettled(record.fence);
      // Of a campaign that another core ends this one knows too little.
      else if (record.kind === 'campaign-ended' && state.end) this.takeEnd();
    }
    this.work();
  }

  private takeSettled(fence: number): void {
    const { state } = this.parts;
    const unit = state.units.at(this.units.get(fence) ?? -1);
    this.units.delete(fence);
    if (!unit || this.folder === undefined) return;
    const first = state.units.firstTestOf(unit.unit);
    for (let place = 0; place < unit.tests.length; place += 1) {
      const number = first + place;
      const attempts = state.tests.attemptsOf(number);
      if (attempts.some(({ lease }) => lease.fence === fence)) this.want(number, fence);
      else if (attempts.length === 0 && state.tests.resultOf(number) === 'infrastructure') this.want(number, null);
    }
  }

  private takeEnd(): void {
    const { state, clock } = this.parts;
    this.endedAt = clock.now();
    for (let number = 0; this.folder !== undefined && number < state.tests.size; number += 1) {
      if (state.tests.attemptsOf(number).length === 0) this.want(number, null);
    }
  }

  private want(number: number, fence: number | null): void {
    const name = resultName(this.parts.state, number, fence);
    if (this.written.has(name)) return;
    this.written.add(name);
    this.queue.push({ number, fence });
  }

  private work(): void {
    const waiting = this.queue.length - this.head;
    const wanted = this.endedAt === null ? waiting : Math.max(1, waiting);
    while (!this.isStopped && this.workers.size < Math.min(atOnce, wanted)) {
      const working = this.writeAll();
      this.workers.add(working);
      void working.then(() => {
        this.workers.delete(working);
        if (this.head < this.queue.length) this.work();
        this.finishIfOver();
      });
    }
  }

  private async writeAll(): Promise<void> {
    for (let next = this.next(); next && !this.isStopped; next = this.next()) {
      const waiting = next;
      await this.again(() => this.write(waiting));
    }
  }

  private next(): Waiting | undefined {
    const next = this.queue[this.head];
    if (next) this.head += 1;
    else [this.queue, this.head] = [[], 0];
    return next;
  }

  private async write({ number, fence }: Waiting): Promise<void> {
    const { state, blobs } = this.parts;
    const quarantined = this.quarantineOf(number);
    const attempt = state.tests.attemptsOf(number).find(({ lease }) => lease.fence === fence);
    if (attempt) {
      const evidence = await sorted(attempt, blobs);
      for (const each of evidence.attached) await this.attach(attachmentName(each), contentOf(each, blobs));
      const { name, text } = allureResult(state, number, attempt, { quarantined, cause: null, ...evidence });
      await this.put(name, text);
      return;
    }
    const result = state.tests.resultOf(number);
    if (result === null) return;
    const reason = state.units.lastLeaseOf(state.tests.unitOf(number) ?? -1)?.reason;
    const cause = result === 'infrastructure' ? `Cause: infrastructure. ${reason ?? ''}` : null;
    const { name, text } = resultWithoutVerdict(state, number, result, { quarantined, cause });
    await this.put(name, text);
  }

  private quarantineOf(number: number): ReturnType<Quarantined> {
    const { state, clock } = this.parts;
    const named = state.testAt(number);
    const entry = named && this.quarantined(named.suite, named.test);
    return entry && entry.expires > clock.now() ? entry : undefined;
  }

  private async attach(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const file = join(this.folder ?? '', name);
    if (this.attached.has(name)) return;
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      const pieces = async (write: (piece: Uint8Array) => Promise<void>): Promise<void> => {
        for await (const piece of content) await write(piece);
      };
      await writeAtomically(file, pieces, { mode: 0o644, oldWillDo: true });
    }
    this.attached.add(name);
  }

  private async put(name: string, text: string): Promise<void> {
    await writeAtomically(join(this.folder ?? '', name), text, { mode: 0o644, oldWillDo: true });
  }

  private finishIfOver(): void {
    if (this.endedAt === null || this.isStopped || this.workers.size > 0 || this.head < this.queue.length) return;
    this.isStopped = true;
    this.unfollow();
    const finishing = this.writeWhole();
    this.workers.add(finishing);
    void finishing.then(() => {
      this.workers.delete(finishing);
      this.parts.finished();
    });
  }

  /** What is written once, when it has ended. */
  private async writeWhole(): Promise<void> {
    const { state, ledgers, blobs, id, clock } = this.parts;
    const { ndjson, junit, parquet, traces, allurectl } = state.plan?.results ?? {};
    const parts = { records: () => recordsOf(ledgers, id), blobs, now: clock.now() };
    const wanted: readonly (readonly [ExportFormat, string | undefined, (ExportDetails | undefined)?])[] = [
      ['ndjson', ndjson],
      ['junit', junit],
      ['parquet', parquet],
      ['otlp', traces?.endpoint, { headersFile: traces?.headersFile }],
      ['allurectl', allurectl?.endpoint, allurectl],
    ];
    for (const [format, place, details] of wanted) {
      if (place === undefined) continue;
      await exportCampaign(parts, format, place, details ?? {}).catch((failure: unknown) => this.parts.report(problemOf(failure)));
    }
  }

  private isLate(): boolean {
    return this.endedAt !== null && this.parts.clock.now() - this.endedAt > patience;
  }

  private async pause(): Promise<void> {
    const over = Promise.withResolvers<void>();
    const cancel = this.parts.clock.after(retryDelay, () => over.resolve());
    await Promise.race([over.promise, this.stopped.promise]);
    cancel();
  }

  /** Once for a campaign: it is tried again all the time. */
  private tell(failure: unknown): void {
    if (this.isTold) return;
    this.isTold = true;
    const { message } = problemOf(failure);
    this.parts.report({
      severity: 'warning',
      code: 'results-not-written',
      message: `Results of the campaign ${this.parts.id} cannot be written into ${this.folder ?? 'their folder'}: ${message}`,
      tip: 'It is tried again until it works; the campaign goes on, and testops campaign export writes them at any time.',
    });
  }
}
