/** Why what waits is waiting: what the coordinator asks its scheduler of a sample, and tells in the ledger, so that who follows knows it too. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignBodyOf } from '#shared/campaign/records.ts';
import { refusalText, type Refusal } from '#shared/campaign/scheduling/refusals.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';

/** Why one unit waits; `unit` null: a suite that nobody can list. */
export interface SampledWait {
  readonly unit: number | null;
  readonly refusal: Refusal;
}

type ToldWaits = CampaignBodyOf<'waits-told'>['waits'];

const mostReasons = 50;
const longestReason = 2_000;

/** The most frequent reason first. The sample stands for all that waits. @param waiting units */
export function waitsOf(sampled: readonly SampledWait[], waiting: number): ToldWaits {
  const byText = Map.groupBy(sampled, ({ refusal }) => textOf(refusal));
  // While nothing waits yet, each stands for a suite that is to be listed.
  const share = sampled.length === 0 || waiting === 0 ? 1 : waiting / sampled.length;
  return [...byText]
    .map(([reason, of]) => ({ reason, count: Math.round(of.length * share), units: of.flatMap(({ unit }) => unit ?? []) }))
    .toSorted((one, other) => other.count - one.count)
    .slice(0, mostReasons);
}

/** How many are ahead differs from unit to unit, and says the same. */
function textOf(refusal: Refusal): string {
  return (refusal.kind === 'ahead' ? 'others are ahead' : refusalText(refusal)).slice(0, longestReason);
}

/** As a screen is shown them: as they are known here, else as the coordinator told them last. @param known null: another core decides */
export function shownWaits(state: CampaignState, known: readonly SampledWait[] | null): CampaignView['waits'] {
  const waits = known ? waitsOf(known, state.totals().waiting) : (state.waits?.waits ?? []);
  return waits.map(({ reason, count }) => ({ reason, units: count }));
}

/** Why a unit waits, as the coordinator told it last; null: it has not. Where many wait only a sample is told, and a unit waits as its neighbour does. */
export function toldWaitOf(state: CampaignState, unit: number): string | null {
  const suite = state.units.at(unit)?.suite;
  let nearest: { readonly reason: string; readonly distance: number } | null = null;
  for (const { reason, units } of state.waits?.waits ?? []) {
    for (const each of units) {
      const distance = Math.abs(each - unit);
      if (state.units.at(each)?.suite === suite && (nearest === null || distance < nearest.distance)) nearest = { reason, distance };
    }
  }
  return nearest?.reason ?? null;
}
