/**
 * Keys that are connected once at the most: those of daemons, for two daemons with one key contradict each other in
 * everything they tell. Who is there and answers stays; who comes second is refused. Whoever is there and does not
 * answer is most likely the dead connection of the one that comes, and makes room for it.
 */
import type { RouterLogger } from './router-options.ts';
import type { RouterStatistics } from './statistics.ts';

/** A connection that holds a key. */
export interface KeyHolder {
  /** Who this is, for logs and for the one that is refused. */
  readonly label: string;
  /** Ends the connection unless something is heard from it soon. */
  mustAnswer(): void;
}

/** ms between reports that a key is wanted again, while its second bearer keeps trying. */
const reportPause = 30_000;
/** ms in which a connection must answer whose key another one comes with. */
const answerTime = 2_000;

export class SingleKeys {
  private readonly holders = new Map<string, KeyHolder>();
  private readonly told = new Map<string, number>();
  private readonly now: () => number;
  private readonly statistics: RouterStatistics;
  private readonly logger: RouterLogger;

  constructor(now: () => number, statistics: RouterStatistics, logger: RouterLogger) {
    this.now = now;
    this.statistics = statistics;
    this.logger = logger;
  }

  /** Gives the key to a connection; or returns why it is refused, after the one that has the key was asked whether it lives. */
  claim(key: string, wanting: KeyHolder): string | undefined {
    const holder = this.holders.get(key);
    if (!holder || holder === wanting) {
      this.holders.set(key, wanting);
      return undefined;
    }
    this.statistics.doubledKeys++;
    if (this.isWorthTelling(key)) {
      this.logger.warning(`${wanting.label} was refused: ${holder.label} is connected with the same key. Two daemons must not share one.`);
    }
    holder.mustAnswer();
    return `Authorization Violation: ${holder.label.replaceAll("'", '')} is connected with this key`;
  }

  /** Gives the key back, if this connection has it. */
  release(key: string, holder: KeyHolder): void {
    if (this.holders.get(key) === holder) this.holders.delete(key);
  }

  /** At once, then now and then. */
  private isWorthTelling(key: string): boolean {
    const now = this.now();
    const before = this.told.get(key);
    if (before !== undefined && now >= before && now - before < reportPause) return false;
    this.told.set(key, now);
    return true;
  }
}

/** Waits for a sign of life of a connection that was asked for one. */
export class AnswerWatch {
  private readonly onSilence: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(onSilence: () => void) {
    this.onSilence = onSilence;
  }

  /** False: it waits already. */
  begin(): boolean {
    if (this.timer) return false;
    this.timer = setTimeout(this.onSilence, answerTime);
    return true;
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
