/** Environments as they are now, for consoles that show them: at once, and again when something changed. */
import { createHash } from 'node:crypto';
import { environmentStatus, releaseTold } from './status.ts';
import type { EnvironmentDescription, OpenEnvironment } from './access.ts';
import type { StreamTable } from '../contract/method-tables.ts';
import type { LinkNews } from '../ports.ts';
import type { ConsoleOperators } from './operators.ts';
import { useEnvironment, type EnvironmentParts } from './use.ts';
import { Change, pause, producedStream } from '../contract/produced-stream.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { problemOf } from '#shared/problem.ts';

/** ms between two items at the least; four a second. */
const pace = 250;
/** ms after which values that nobody tells of one by one (metrics, silence, counts) are looked at again. */
const unheard = 1_000;
/** Characters a second that may be told of numbers alone: an environment of thousands of series is told less often, charts have their own stream. */
const numbersPerSecond = 250_000;
/** ms for which what was found to differ from the pin is believed, unless a daemon tells something new. */
const driftKept = 10_000;
/** An environment whose status is dear to work out is looked at less often: this many times the time that it takes. */
const idleShare = 5;

export function liveEnvironments(
  parts: EnvironmentParts,
  operators: ConsoleOperators,
): StreamTable<'environment.live' | 'environment.catalogue'> {
  const { clock } = parts;
  return {
    'environment.live': ({ environmentFile }, listener, caller) =>
      producedStream(listener, async (deliver, signal) => {
        const different = new Different();
        let leave = (): void => undefined;
        const follows = (description: EnvironmentDescription): void => {
          leave();
          leave = operators.follows(caller, description);
        };
        const tell = async (status: EnvironmentStatus): Promise<void> => {
          if (different.from(status)) await deliver(status);
        };
        const follow = (environment: OpenEnvironment): Promise<void> =>
          whileHeard(environment, signal, tellsStatus, async (change) => {
            follows({ ...environment.description });
            const drift = new KeptDrift(environment, () => clock.monotonic());
            const forget = environment.link.subscribe((news) => drift.hear(news));
            try {
              while (!signal.aborted) {
                const began = clock.monotonic();
                await tell(await environmentStatus(environment, releaseTold(environment.description), await drift.now()));
                await pause(clock, Math.max(pace, idleShare * (clock.monotonic() - began)), signal);
                await change.wait(clock, Math.max(unheard - pace, (different.size / numbersPerSecond) * 1_000), signal);
              }
            } finally {
              forget();
            }
          });
        try {
          await useEnvironment(parts, environmentFile, signal, follow, (description) => {
            follows({ ...description });
            return tell(unreached(description));
          });
        } finally {
          leave();
        }
      }),
    'environment.catalogue': ({ environmentFile, offline = false }, listener) =>
      producedStream(listener, async (deliver, signal) => {
        const different = new Different();
        const tell = async (catalogue: ScenarioCatalogue | null): Promise<void> => {
          if (catalogue && different.from(catalogue)) await deliver(plainCatalogue(catalogue));
        };
        const pinned = async (): Promise<void> => tell((await parts.source.offlineCatalogue(environmentFile))?.catalogue ?? nothingKnown);
        if (offline) return pinned();
        const follow = (environment: OpenEnvironment): Promise<void> =>
          whileHeard(environment, signal, tellsOffers, async (change) => {
            while (!signal.aborted) {
              await tell(environment.catalogue());
              await pause(clock, pace, signal);
              await change.wait(clock, 60_000, signal);
            }
          });
        await useEnvironment(parts, environmentFile, signal, follow, pinned);
      }),
  };
}

const nothingKnown: ScenarioCatalogue = { commands: [], components: [] };

/** Works with a change that is marked by every news of the link that matters. */
async function whileHeard(
  environment: OpenEnvironment,
  signal: AbortSignal,
  matters: (news: LinkNews) => boolean,
  work: (change: Change) => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  const change = new Change();
  const unsubscribe = environment.link.subscribe((news) => {
    if (matters(news)) change.mark();
  });
  try {
    await work(change);
  } finally {
    unsubscribe();
  }
}

/** News after which the status is told soon; numbers are looked at in their own time. */
function tellsStatus(news: LinkNews): boolean {
  if (news.kind === 'events') return news.events.some(({ kind }) => kind === 'state' || kind.startsWith('component-'));
  return news.kind !== 'samples';
}

function tellsOffers(news: LinkNews): boolean {
  if (news.kind === 'events') return news.events.some(({ kind }) => kind === 'series-declared');
  return news.kind === 'catalogue' || news.kind === 'presence';
}

/** Tells whether a value differs from the last one, by its content. */
class Different {
  /** Length of the last value as JSON. */
  size = 0;
  private last = '';

  from(value: unknown): boolean {
    const text = JSON.stringify(value);
    this.size = text.length;
    const now = createHash('sha1').update(text).digest('base64');
    const different = now !== this.last;
    this.last = now;
    return different;
  }
}

/** What differs from the pin; the pin's file is not read again for every look. */
class KeptDrift {
  private readonly environment: OpenEnvironment;
  private readonly time: () => number;
  private known: { readonly drift: EnvironmentStatus['drift']; readonly at: number } | null = null;

  constructor(environment: OpenEnvironment, time: () => number) {
    this.environment = environment;
    this.time = time;
  }

  hear(news: LinkNews): void {
    if (news.kind === 'catalogue' || news.kind === 'presence') this.known = null;
  }

  async now(): Promise<EnvironmentStatus['drift']> {
    if (this.known && this.time() - this.known.at < driftKept) return this.known.drift;
    // A pin that cannot be read is itself something that differs.
    const drift = await this.environment.drift().catch((failure: unknown) => [unreadablePin(failure)]);
    this.known = { drift, at: this.time() };
    return drift;
  }
}

function unreadablePin(failure: unknown): NonNullable<EnvironmentStatus['drift']>[number] {
  return { severity: 'error', daemon: '', message: `What is pinned cannot be read: ${problemOf(failure).message}` };
}

/** An environment whose router has not been reached yet. */
function unreached(description: EnvironmentDescription): EnvironmentStatus {
  const { name, router, operator, expected, limits } = description;
  const received = { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 };
  const silent = { presence: 'never seen', catalogue: null, clockOffset: null, silence: null, received, components: [] } as const;
  return {
    environment: name,
    router,
    connected: false,
    release: releaseTold(description),
    operator,
    daemons: expected.map((daemon) => ({ daemon, ...silent, components: [] })),
    drift: null,
    limits: limits.map(({ reading, text, severity }) => ({ series: reading, text, severity })),
  };
}

/** The catalogue as plain data that its receiver may keep. */
function plainCatalogue(
  catalogue: ScenarioCatalogue,
): Parameters<Parameters<StreamTable<'environment.catalogue'>['environment.catalogue']>[1]>[0] {
  return structuredClone(catalogue) as ReturnType<typeof plainCatalogue>;
}
