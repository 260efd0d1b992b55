/** Opens links for tests and keeps account of what they tell. */
import { connectToRouter } from '#network/bus/connect.ts';
import { newKey, signerFromSeed } from '#platform/keys.ts';
import { openLink } from '#main/core/link/link.ts';
import type { LinkLimits } from '#main/core/link/limits.ts';
import { systemClock } from '#platform/clock.ts';
import type { Link, LinkNews } from '#main/core/ports.ts';
import { daemonName, environment } from './fake-daemon.ts';

export type NewsOf<Kind extends LinkNews['kind']> = Extract<LinkNews, { kind: Kind }>;

export interface Heard {
  readonly news: LinkNews[];
  of<Kind extends LinkNews['kind']>(kind: Kind): NewsOf<Kind>[];
  /** Numbers of the records told, in the order of telling, of one daemon (and epoch). */
  numbers(daemon: string, epoch?: string): number[];
}

export function hear(link: Link): Heard {
  const news: LinkNews[] = [];
  link.subscribe((each) => news.push(each));
  const of = <Kind extends LinkNews['kind']>(kind: Kind): NewsOf<Kind>[] => news.filter((each): each is NewsOf<Kind> => each.kind === kind);
  const numbers = (daemon: string, epoch?: string): number[] =>
    news.flatMap((each) => {
      if ((each.kind !== 'events' && each.kind !== 'samples') || each.daemon !== daemon) return [];
      const [itsEpoch, number] = each.kind === 'events' ? [each.epoch, each.number] : [each.frame.epoch, each.frame.sequence];
      return epoch === undefined || epoch === itsEpoch ? [number] : [];
    });
  return { news, of, numbers };
}

const seed = newKey().seed;
export const operator = { name: 'alice', signer: signerFromSeed(seed) };

/** Patience short enough for tests. */
export const quick: Partial<LinkLimits> = {
  tailDelay: 100,
  spoolSilence: 300,
  describeTimeout: 300,
  namesakePatience: 50,
  namesakePause: 200,
  resendAfter: 100,
  tick: 25,
  commandPatience: 1_000,
  spoolAttempts: 4,
  spoolPatience: 2_000,
};

export async function linkTo(url: string, expected: readonly string[] = [], limits: Partial<LinkLimits> = {}): Promise<Link> {
  const connection = await connectToRouter({ url, name: 'console', user: operator.name, reconnectWait: 20 });
  return openLink({
    environment,
    connection,
    operator,
    expected: expected.map(daemonName),
    clock: systemClock,
    limits: { ...quick, ...limits },
  });
}
