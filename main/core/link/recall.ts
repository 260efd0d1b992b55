/**
 * Fetches from the daemons' spools what a log lacks: the holes that a killed core left in it, and what came while no core
 * was there to listen. Each epoch's records are told in order and once; nothing is left out silently.
 */
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { LinkNews, RecallRequest } from '../ports.ts';
import type { LinkContext } from './link-context.ts';
import type { ObservedRecord } from './record-decoding.ts';
import { bookkeepingBytes, maximumLeap, type Stretch } from './sequence-tracker.ts';
import { SeriesDictionary } from './series-dictionary.ts';
import { requestSpool, type SpoolAnswer } from './spool-request.ts';
import type { GapState } from '#shared/run/records.ts';
import { secondsText } from '#shared/wording/durations.ts';

type Take = (news: LinkNews) => Promise<void> | null;

/** Requests in a row that brought nothing, after which a daemon is given up. */
const maximumFruitless = 4;
/** ms before the first of them is repeated; doubled each time. */
const firstPause = 200;
/** Bytes of one answer that are kept; a daemon's own bound is far lower, and what is beyond is asked for again. */
const answerBytes = 32 * 1024 * 1024;

export class Recall implements Owned {
  readonly finished: Promise<void>;
  private readonly context: LinkContext;
  private readonly take: Take;
  private readonly cancelPatience: () => void;
  /** Why nothing more is asked for; null while it is. */
  private ended: string | null = null;
  private readonly waits = new Set<() => void>();

  /** `told` gives the number of the last record of an epoch that subscribers of the link have been told, null where it is not followed. */
  constructor(
    context: LinkContext,
    requests: readonly RecallRequest[],
    told: (daemon: DaemonName, epoch: Epoch) => number | null,
    take: Take,
  ) {
    this.context = context;
    this.take = take;
    this.cancelPatience = context.clock.after(context.limits.recallPatience, () =>
      this.end(`These records could not be fetched within ${secondsText(context.limits.recallPatience)}.`),
    );
    // Where the link's own stream stands is looked up now: whoever subscribes in this turn is told everything after it.
    const bounded = requests.map((request) => ({ request, last: told(request.daemon, request.epoch) ?? Number.POSITIVE_INFINITY }));
    this.finished = this.fetchAll(bounded).finally(() => this.cancelPatience());
  }

  dispose(): void {
    this.end('The connection to the environment was closed.');
  }

  private end(reason: string): void {
    this.ended ??= reason;
    for (const wake of this.waits) wake();
  }

  /** Daemons at the same time, the epochs of one daemon one after the other. */
  private async fetchAll(bounded: readonly { readonly request: RecallRequest; readonly last: number }[]): Promise<void> {
    const byDaemon = Map.groupBy(bounded, ({ request }) => request.daemon);
    await Promise.all(
      [...byDaemon.values()].map(async (ofDaemon) => {
        for (const { request, last } of ofDaemon) await new EpochRecall(this, this.context, request, this.take).fetch(last);
      }),
    );
  }

  /** Null while more may be asked for. */
  get reasonToEnd(): string | null {
    return this.ended;
  }

  /** Waits for an answer, or for the end of all patience. */
  async answerOf(request: ReturnType<typeof requestSpool>): Promise<SpoolAnswer> {
    return this.unlessEnded(request.answered, () => request.abandon());
  }

  async pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.context.clock.after(milliseconds, resolve);
    await this.unlessEnded(promise, () => {
      cancel();
      resolve();
    });
  }

  private async unlessEnded<T>(wanted: Promise<T>, giveUp: () => void): Promise<T> {
    this.waits.add(giveUp);
    if (this.ended !== null) giveUp();
    try {
      return await wanted;
    } finally {
      this.waits.delete(giveUp);
    }
  }
}

/** What one answer of a spool brought. */
interface Answered {
  readonly answer: SpoolAnswer;
  readonly found: ReadonlyMap<number, ObservedRecord>;
  /** The highest number of those; 0 when there are none. */
  readonly furthest: number;
}

class EpochRecall {
  private readonly recall: Recall;
  private readonly context: LinkContext;
  private readonly request: RecallRequest;
  private readonly take: Take;
  private readonly dictionary = new SeriesDictionary();
  private fruitless = 0;

  constructor(recall: Recall, context: LinkContext, request: RecallRequest, take: Take) {
    this.recall = recall;
    this.context = context;
    this.request = request;
    this.take = take;
    if (request.catalogue) this.dictionary.merge(request.catalogue);
    for (const event of request.declarations) this.dictionary.learn(event);
  }

  /** @param last the last number wanted, infinite where the epoch is to be followed to its end */
  async fetch(last: number): Promise<void> {
    const { missing, onwards } = this.request;
    for (const [from, to] of missing) await this.fetchStretch({ from, to });
    if (onwards === null || onwards > last) return;
    if (last < Number.POSITIVE_INFINITY) await this.fetchStretch({ from: onwards, to: last });
    else await this.fetchRest(onwards);
  }

  /** Numbers that were certainly used: every one of them is told, or told as lost. */
  private async fetchStretch({ from, to }: Stretch): Promise<void> {
    await this.tellGap({ from, to }, 'open', 'not received');
    let next = from;
    let filledFrom = from;
    while (next <= to) {
      const span = { from: next, to: Math.min(to, next + this.context.limits.spoolSpan - 1) };
      const answered = await this.ask(span);
      const before = next;
      for (let settled = this.settled(answered, next, span.to); settled; settled = this.settled(answered, next, span.to)) {
        if (settled.kind === 'record') {
          await this.tell(settled.record);
          next++;
          continue;
        }
        if (filledFrom < next) await this.tellGap({ from: filledFrom, to: next - 1 }, 'filled', 'received later');
        await this.tellGap({ from: next, to: settled.to }, 'lost', settled.reason);
        filledFrom = next = settled.to + 1;
      }
      const hopeless = await this.hopeless(answered, next > before);
      if (hopeless === null || next > to) continue;
      if (filledFrom < next) await this.tellGap({ from: filledFrom, to: next - 1 }, 'filled', 'received later');
      await this.tellGap({ from: next, to }, 'lost', hopeless);
      return;
    }
    if (filledFrom <= to) await this.tellGap({ from: filledFrom, to }, 'filled', 'received later');
  }

  /** An epoch that is over, or whose daemon is away: nobody knows how far it went, so it is followed until nothing more comes. */
  private async fetchRest(from: number): Promise<void> {
    let next = from;
    for (;;) {
      // A long span, since the oldest records of the rest may be gone and later ones not; the spool bounds its answers itself.
      const span = { from: next, to: next + maximumLeap };
      const answered = await this.ask(span);
      const { answer, furthest } = answered;
      // What is missing before a record that came was used; what is missing after the last one perhaps never was.
      for (let settled = this.settled(answered, next, furthest); settled; settled = this.settled(answered, next, furthest)) {
        if (settled.kind === 'record') await this.tell(settled.record);
        else await this.tellGap({ from: next, to: settled.to }, 'lost', settled.reason);
        next = settled.kind === 'record' ? next + 1 : settled.to + 1;
      }
      if (answer.kind === 'end' && answer.end.next === null && next > furthest) return;
      const hopeless = await this.hopeless(answered, next > span.from);
      if (hopeless !== null) return this.tellUnknown(next, hopeless);
    }
  }

  private async ask(span: Stretch): Promise<Answered> {
    const { daemon, epoch } = this.request;
    const found = new Map<number, ObservedRecord>();
    if (this.recall.reasonToEnd !== null) return { answer: { kind: 'silent' }, found, furthest: 0 };
    let [bytes, furthest] = [0, 0];
    const request = requestSpool(this.context, daemon, { epoch, ...span }, (record) => {
      if (record.sequence < span.from || record.sequence > span.to || bytes > answerBytes) return;
      bytes += record.bytes + bookkeepingBytes;
      furthest = Math.max(furthest, record.sequence);
      found.set(record.sequence, record);
    });
    const answer = await this.recall.answerOf(request);
    return { answer, found, furthest };
  }

  /** What an answer says of the number that is next: a record, a stretch that is lost, or nothing (undefined). */
  private settled(
    { answer, found }: Answered,
    next: number,
    to: number,
  ):
    | { readonly kind: 'record'; readonly record: ObservedRecord }
    | { readonly kind: 'lost'; readonly to: number; readonly reason: string }
    | undefined {
    if (next > to) return undefined;
    const record = found.get(next);
    if (record?.kind === 'samples' && this.dictionary.resolve(record.frame).kind !== 'series') {
      const reason = `It is not known which series these values of ${this.request.daemon} belong to.`;
      return { kind: 'lost', to: next, reason };
    }
    if (record) return { kind: 'record', record };
    if (answer.kind !== 'end' || answer.end.epoch !== this.request.epoch) return undefined;
    const lost = answer.end.lost.find((each) => each.from <= next && each.to >= next);
    return lost && { kind: 'lost', to: Math.min(lost.to, to), reason: lost.reason };
  }

  /** Why asking on is of no use; null where it may be, after a pause if the last request brought nothing. */
  private async hopeless({ answer }: Answered, progress: boolean): Promise<string | null> {
    if (this.recall.reasonToEnd !== null) return this.recall.reasonToEnd;
    this.fruitless = progress ? 0 : this.fruitless + 1;
    if (progress) return null;
    const { daemon } = this.request;
    if (this.fruitless >= maximumFruitless) {
      if (answer.kind === 'nobody') return `${daemon} is not there.`;
      return `${daemon} did not send these records, asked ${this.fruitless} times.`;
    }
    await this.recall.pause(firstPause * 2 ** (this.fruitless - 1));
    return null;
  }

  // ------------------------------------------------------------------------------------------------------------- telling

  private async tell(record: ObservedRecord): Promise<void> {
    const { daemon, epoch } = this.request;
    if (record.kind === 'events') {
      for (const event of record.events) this.dictionary.learn(event);
      await this.take({ kind: 'events', daemon, epoch, number: record.sequence, events: record.events });
      return;
    }
    const resolved = this.dictionary.resolve(record.frame);
    if (resolved.kind === 'series') await this.take({ kind: 'samples', daemon, frame: record.frame, series: resolved.series });
  }

  private async tellGap(stretch: Stretch, state: GapState, reason: string): Promise<void> {
    const { daemon, epoch } = this.request;
    await this.take({ kind: 'gap', daemon, epoch, ...stretch, state, reason });
  }

  private async tellUnknown(next: number, reason: string): Promise<void> {
    const { daemon } = this.request;
    const message = `Whether ${daemon} observed anything after its record ${next - 1} is not known: ${reason}`;
    await this.take({ kind: 'problem', problem: { severity: 'warning', code: 'records-unknown', message } });
  }
}
