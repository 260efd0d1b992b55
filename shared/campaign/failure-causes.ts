/**
 * What a failure in a campaign most likely comes of, as far as its records tell, each with the attempts that say so: the infrastructure lost
 * it, its server or its worker fails much that is unrelated, the product fails everywhere in the same words, or the test disagrees with itself.
 * What hosts and components did meanwhile stands in other logs; who has those may know better.
 */
import { logGamma } from '#shared/analysis/distributions.ts';
import type { AttemptFact, CampaignState } from './campaign-state.ts';
import { isTriedAgain, isTrouble } from './words.ts';

export type FailureCause =
  | { readonly kind: 'infrastructure'; readonly attempts: readonly AttemptFact[]; readonly reasons: readonly string[] }
  /** So few attempts failed elsewhere, and so many here, that chance gives it with this probability. */
  | {
      readonly kind: 'environment';
      readonly place: 'server' | 'worker';
      readonly name: string;
      readonly probability: number;
      readonly attempts: readonly AttemptFact[];
    }
  /** Every attempt fails, in the same words on several servers or in several tests. */
  | { readonly kind: 'product'; readonly message: string; readonly attempts: readonly AttemptFact[] }
  /** It passed and failed, and nothing else explains it. */
  | { readonly kind: 'test'; readonly attempts: readonly AttemptFact[] }
  | { readonly kind: 'not known'; readonly attempts: readonly AttemptFact[] };

/** Probability below which a place is told, before it is divided by the number of places that were looked at. */
const unlikely = 0.001;

interface Tally {
  failed: number;
  judged: number;
  readonly units: Set<number>;
}

/** A campaign, looked at once; then any number of its tests can be asked about. */
export class FailureCauses {
  private readonly state: CampaignState;
  private readonly places = { server: new Map<string, Tally>(), worker: new Map<string, Tally>() };
  private readonly messages = new Map<string, { readonly servers: Set<string>; readonly tests: Set<number> }>();
  private readonly troubles = new Map<number, string[]>();
  private failed = 0;
  private judged = 0;

  constructor(state: CampaignState) {
    this.state = state;
    for (let test = 0; test < state.tests.size; test += 1) {
      for (const attempt of state.tests.attemptsOf(test)) this.count(test, attempt);
    }
    for (const { unit, end, reason } of state.pastLeases) {
      if (end !== null && isTrouble(end)) this.troubles.set(unit, [...(this.troubles.get(unit) ?? []), reason ?? end]);
    }
  }

  /** @param test number of a test that did not simply pass */
  of(test: number): FailureCause {
    const attempts = this.state.tests.attemptsOf(test);
    const failed = attempts.filter(({ verdict }) => isTriedAgain(verdict.verdict));
    const reasons = this.troubles.get(this.state.tests.unitOf(test) ?? -1) ?? [];
    if (failed.length === 0) return reasons.length > 0 ? { kind: 'infrastructure', attempts, reasons } : { kind: 'not known', attempts };
    return this.placeOf(failed) ?? this.productOf(attempts, failed) ?? this.testOf(attempts, failed);
  }

  private count(test: number, { lease, verdict }: AttemptFact): void {
    if (verdict.verdict === 'skipped') return;
    const failed = isTriedAgain(verdict.verdict);
    this.judged += 1;
    if (failed) this.failed += 1;
    if (lease.server !== null) countAt(this.places.server, lease.server, lease.unit, failed);
    countAt(this.places.worker, lease.worker, lease.unit, failed);
    if (!failed || verdict.message === undefined) return;
    const text = withoutNumbers(verdict.message);
    const known = this.messages.get(text) ?? { servers: new Set<string>(), tests: new Set<number>() };
    this.messages.set(text, known);
    known.tests.add(test);
    if (lease.server !== null) known.servers.add(lease.server);
  }

  /** A server or a worker on which all of these failed, and far more of the others than elsewhere. */
  private placeOf(failed: readonly AttemptFact[]): FailureCause | null {
    for (const place of ['server', 'worker'] as const) {
      const [name, ...others] = new Set(failed.map(({ lease }) => lease[place]));
      const tally = name === undefined || name === null || others.length > 0 ? undefined : this.places[place].get(name);
      if (!tally || typeof name !== 'string' || tally.units.size < 3) continue;
      const probability = hypergeometricTail(tally.failed, tally.judged, this.failed, this.judged);
      if (probability * this.places[place].size < unlikely) return { kind: 'environment', place, name, probability, attempts: failed };
    }
    return null;
  }

  private productOf(attempts: readonly AttemptFact[], failed: readonly AttemptFact[]): FailureCause | null {
    if (failed.length < attempts.length) return null;
    const message = failed[0]?.verdict.message;
    if (message === undefined) return null;
    const text = withoutNumbers(message);
    const known = this.messages.get(text);
    const everywhere = known !== undefined && (known.servers.size > 1 || known.tests.size > 1);
    const same = failed.every(({ verdict }) => verdict.message !== undefined && withoutNumbers(verdict.message) === text);
    return everywhere && same ? { kind: 'product', message, attempts: failed } : null;
  }

  private testOf(attempts: readonly AttemptFact[], failed: readonly AttemptFact[]): FailureCause {
    const passed = attempts.some(({ verdict }) => verdict.verdict === 'passed');
    return { kind: passed ? 'test' : 'not known', attempts: passed ? attempts : failed };
  }
}

function countAt(places: Map<string, Tally>, name: string, unit: number, failed: boolean): void {
  const tally = places.get(name) ?? { failed: 0, judged: 0, units: new Set<number>() };
  places.set(name, tally);
  tally.judged += 1;
  if (!failed) return;
  tally.failed += 1;
  tally.units.add(unit);
}

/** The same words with other numbers, addresses and times are the same message. */
export function withoutNumbers(message: string): string {
  return message.replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+(?:[.,:]\d+)*/gi, '#').trim();
}

/** P(at least so many of the failures lie here) when they are spread at random: the hypergeometric distribution's upper tail. */
export function hypergeometricTail(failedHere: number, here: number, failed: number, all: number): number {
  let sum = 0;
  for (let hits = failedHere; hits <= Math.min(here, failed); hits += 1) {
    sum += Math.exp(logChoose(failed, hits) + logChoose(all - failed, here - hits) - logChoose(all, here));
  }
  return Math.min(1, sum);
}

function logChoose(of: number, chosen: number): number {
  if (chosen < 0 || chosen > of) return Number.NEGATIVE_INFINITY;
  return logGamma(of + 1) - logGamma(chosen + 1) - logGamma(of - chosen + 1);
}
