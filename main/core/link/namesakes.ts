/**
 * Notices that more than one daemon speaks under one name: a host was cloned, or a configuration copied. What they tell
 * contradicts itself, and each of them might carry out what is meant for the other; so none is commanded meanwhile.
 *
 * What proves it is more than one answer to one question: only a living daemon answers. Presences would not do, because
 * those of a connection that is dead already can arrive after the first ones of its successor.
 */
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';
import type { Clock } from '#platform/clock.ts';
import { listed } from '#shared/wording/names.ts';

export interface NamesakesOptions {
  readonly daemon: DaemonName;
  readonly clock: Clock;
  /** ms between questions while more than one answered. */
  readonly pause: number;
  /** ms after a first answer in which another one may come. */
  readonly patience: number;
  /** Asks who is there; `take` is told. */
  readonly ask: () => void;
  /** Told when all who bear the name have had time to say so. */
  readonly onSettled: () => void;
  /** Told which one is left, before that is reported. */
  readonly onSingle: (catalogue: Catalogue) => void;
  readonly report: (problem: Problem) => void;
}

/** Questions in a row that only one daemon answered, after which there is only one. */
const lonelyAnswers = 2;

export class Namesakes implements Owned {
  private readonly options: NamesakesOptions;
  private told: Problem | null = null;
  /** Who answered, as told last. */
  private known = '';
  private lonely = 0;
  private askedAt = -Infinity;
  private cancelAsk: (() => void) | undefined;
  private cancelSettling: (() => void) | undefined;

  constructor(options: NamesakesOptions) {
    this.options = options;
  }

  /** Why the daemon is not commanded; null: only one speaks, as far as is known. */
  get problem(): Problem | null {
    return this.told;
  }

  /** Whether another one would have answered by now. */
  get settled(): boolean {
    return this.cancelSettling === undefined;
  }

  /** A start of the daemon was met that was not known. */
  met(): void {
    this.cancelSettling?.();
    this.cancelSettling = this.options.clock.after(this.options.patience, () => {
      this.cancelSettling = undefined;
      this.options.onSettled();
    });
  }

  /** More than one answered one question. */
  several(catalogues: readonly Catalogue[]): void {
    this.lonely = 0;
    const places = catalogues.map(placeOf).sort();
    const known = places.join(', ');
    if (this.told && known === this.known) return;
    this.known = known;
    this.told = doubled(this.options.daemon, places);
    this.options.report(this.told);
    this.askAgain();
  }

  /** All that answered a question. */
  answered(catalogues: readonly Catalogue[]): void {
    const [only, ...others] = catalogues;
    if (!this.told) return;
    if (only && others.length === 0 && ++this.lonely >= lonelyAnswers) this.end(only);
    else this.askAgain();
  }

  /** Something contradicts that one daemon speaks: asks who is there, not too often. */
  suspect(): void {
    const now = this.options.clock.monotonic();
    if (now - this.askedAt < this.options.pause) return;
    this.askedAt = now;
    this.options.ask();
  }

  dispose(): void {
    this.cancelAsk?.();
    this.cancelSettling?.();
  }

  private end(only: Catalogue): void {
    this.told = null;
    this.known = '';
    this.lonely = 0;
    this.cancelAsk?.();
    this.cancelAsk = undefined;
    this.options.onSingle(only);
    const { daemon } = this.options;
    const message = `Only one daemon calls itself ${daemon} again, on ${placeOf(only)}; it can be commanded.`;
    this.options.report({ severity: 'information', code: 'daemon-single', message });
  }

  private askAgain(): void {
    this.cancelAsk ??= this.options.clock.after(this.options.pause, () => {
      this.cancelAsk = undefined;
      if (!this.told) return;
      this.askedAt = this.options.clock.monotonic();
      this.options.ask();
      // Should the question be lost with the connection, it is asked again.
      this.askAgain();
    });
  }
}

/** Where a daemon runs, as far as it tells: `host-a (10.0.0.5, process 4711)`. */
function placeOf({ host, address, process }: Catalogue): string {
  const details = [address, process === undefined ? undefined : `process ${process}`].filter((each) => each !== undefined);
  return details.length === 0 ? host : `${host} (${details.join(', ')})`;
}

function doubled(daemon: DaemonName, places: readonly string[]): Problem {
  const list = places.map((place) => `on ${place}`);
  const count = places.length === 2 ? 'Two' : String(places.length);
  return {
    severity: 'error',
    code: 'daemon-doubled',
    message: `${count} daemons call themselves ${daemon}, ${listed(list)}: none is commanded while more than one speaks.`,
    tip: 'Stop all but one, or give each a name, a key and a state folder of its own; a cloned host brings those of its original.',
  };
}
