/**
 * Asks the coordinator: every second, and at once when there is something to tell. Each question has a nonce of its own, under which its
 * answer is signed. When no question was answered for as long as a worker waits, everything that runs is ended: the coordinator gives the
 * leases up a second later, so nothing is ever executed twice at a time.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { Owned } from '#shared/disposable.ts';
import { beatInterval, workerPatience, type WorkAnswer } from '#shared/protocol/work.ts';
import type { CheckedAnswer, FalseAnswer } from './answer-check.ts';
import type { CoordinatorLink } from './coordinator-link.ts';

/** ms that news waits for more of it, so that many leave together. */
const gathering = 3;
/** ms after which news does not wait for the answer to the question before. */
const impatience = 30;
/** Questions that may be without an answer at a time. */
const mostOpen = 4;
/** ms after which a question that nobody heard is asked again, as long as somebody answered lately: another core may have the seat by then. */
const retryInterval = 250;
const lately = 10_000;
/** ms that an answer may take. */
const questionTimeout = 3_500;

export interface WorkLoopOptions {
  readonly link: CoordinatorLink;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** The question as it is to be asked now. */
  readonly question: (nonce: string, now: number) => string;
  readonly check: (bytes: Uint8Array, nonce: string) => CheckedAnswer | FalseAnswer;
  readonly onAnswer: (answer: WorkAnswer, key: string) => void;
  readonly onFalse: (found: FalseAnswer) => void;
  /** The coordinator was silent for too long. */
  readonly onSilence: () => void;
}

export class WorkLoop implements Owned {
  private readonly options: WorkLoopOptions;
  private readonly open = new Set<number>();
  private lastSent = Number.NEGATIVE_INFINITY;
  private cancelBeat: () => void = () => undefined;
  private cancelNews: (() => void) | undefined;
  private cancelSilence: () => void = () => undefined;
  /** When the last answered question was sent. */
  private answeredFrom = Number.NEGATIVE_INFINITY;
  private newsWaits = false;
  private disposed = false;

  constructor(options: WorkLoopOptions) {
    this.options = options;
    this.ask();
  }

  /** There is something to tell. */
  news(): void {
    this.newsWaits = true;
    if (this.cancelNews || this.disposed) return;
    const sinceLast = this.options.clock.monotonic() - this.lastSent;
    const wait = this.open.size === 0 ? gathering : Math.max(gathering, impatience - sinceLast);
    this.cancelNews = this.options.clock.after(wait, () => {
      this.cancelNews = undefined;
      if (this.open.size < mostOpen) this.ask();
    });
  }

  dispose(): void {
    this.disposed = true;
    this.cancelBeat();
    this.cancelNews?.();
    this.cancelSilence();
  }

  private ask(): void {
    if (this.disposed) return;
    this.cancelBeat();
    this.cancelBeat = this.options.clock.after(beatInterval, () => this.ask());
    const nonce = randomBytes(16).toString('base64url');
    const sent = this.options.clock.monotonic();
    this.lastSent = sent;
    this.newsWaits = false;
    this.open.add(sent);
    void this.exchange(nonce, sent).finally(() => {
      this.open.delete(sent);
      if (this.newsWaits) this.news();
    });
  }

  private async exchange(nonce: string, sent: number): Promise<void> {
    let bytes: Uint8Array;
    try {
      bytes = (await this.options.link.ask('work', this.options.question(nonce, sent), { timeout: questionTimeout })).data;
    } catch {
      // No router, no core, no answer in time: the next beat asks again.
      this.hurry(sent);
      return;
    }
    if (this.disposed) return;
    const checked = this.options.check(bytes, nonce);
    if ('code' in checked) return this.options.onFalse(checked);
    if (sent > this.answeredFrom) {
      this.answeredFrom = sent;
      this.awaitSilence();
    }
    // Leases of an answer that came too late would be ended at once; the coordinator gives them up by itself.
    if (this.options.clock.monotonic() - sent < workerPatience) this.options.onAnswer(checked.answer, checked.key);
  }

  /** Does not wait for the beat when the latest question came to nothing, and it will hardly be for long. */
  private hurry(sent: number): void {
    if (this.disposed || sent !== this.lastSent || sent - this.answeredFrom > lately) return;
    this.cancelBeat();
    this.cancelBeat = this.options.clock.after(retryInterval, () => this.ask());
  }

  private awaitSilence(): void {
    this.cancelSilence();
    const left = this.answeredFrom + workerPatience - this.options.clock.monotonic();
    this.cancelSilence = this.options.clock.after(left, () => this.options.onSilence());
  }
}
