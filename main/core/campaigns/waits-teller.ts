/**
 * Tells in the ledger why what waits is waiting: only the core that decides knows it, and whoever follows reads the ledger. It is told now and then,
 * when the reasons are others than those that stand there.
 */
import type { Clock } from '#platform/clock.ts';
import type { CampaignBodyOf } from '#shared/campaign/records.ts';
import type { Refusal } from '#shared/campaign/scheduling/refusals.ts';
import type { Owned } from '#shared/disposable.ts';
import type { ActiveCampaign } from './coordination/active-campaign.ts';
import type { Coordinator } from './coordination/coordinator.ts';
import { waitsOf, type SampledWait } from './view/waits.ts';

/** ms between two looks at the reasons. */
const interval = 2_000;
/** ms after which it is told anew how many wait, where the reasons are the same. */
const countsAge = 20_000;
/** Waiting units of which it is asked why. */
const sampled = 200;

export class WaitsTeller implements Owned {
  private readonly clock: Clock;
  private readonly coordinator: () => Coordinator | null;
  private cancel: () => void;

  constructor(clock: Clock, coordinator: () => Coordinator | null) {
    this.clock = clock;
    this.coordinator = coordinator;
    this.cancel = this.wait();
  }

  dispose(): void {
    this.cancel();
  }

  private wait(): () => void {
    return this.clock.after(interval, () => {
      this.cancel = this.wait();
      const coordinator = this.coordinator();
      for (const campaign of coordinator?.active() ?? []) if (coordinator) this.tell(campaign, coordinator);
    });
  }

  private tell(campaign: ActiveCampaign, coordinator: Coordinator): void {
    const { state } = campaign;
    if (state.end) return;
    const now = this.clock.now();
    const waits = waitsOf(sampledWaits(campaign, coordinator, now), state.totals().waiting);
    const told = state.waits;
    const isSame = reasonsOf(waits) === reasonsOf(told?.waits ?? []);
    const isRecent = told === null || now - told.time < countsAge || JSON.stringify(told.waits) === JSON.stringify(waits);
    if (isSame && isRecent) return;
    // Where it cannot be written, the campaign is lost here, which is told by itself.
    campaign.commit({ kind: 'waits-told', waits }).catch(() => undefined);
  }
}

/** What is said, without how many are taken and how many wait. */
function reasonsOf(waits: CampaignBodyOf<'waits-told'>['waits']): string {
  return waits
    .map(({ reason }) => reason.replaceAll(/\d+/g, ''))
    .toSorted()
    .join('\n');
}

/** Of units that wait, evenly over all of them; and of suites that nobody has listed yet. */
export function sampledWaits({ state }: ActiveCampaign, { scheduler, workers }: Coordinator, now: number): readonly SampledWait[] {
  const { size } = state.units;
  const step = Math.max(1, Math.floor(size / sampled));
  const found: SampledWait[] = [];
  for (let unit = 0; unit < size; unit += step) {
    if (state.units.stateOf(unit) !== 'waiting') continue;
    const refusal = scheduler.admit(state, unit, null, now);
    if (refusal) found.push({ unit, refusal });
  }
  const names = workers.all().map(({ offer }) => offer.worker);
  for (const { plan, listed } of state.stop ? [] : state.suites.values()) {
    const refusal = listed ? null : whyNotListed(names.map((worker) => scheduler.fits(state, plan.suite, worker)));
    if (refusal) found.push({ unit: null, refusal });
  }
  return found;
}

/** null: somebody can list it. What every worker lacks is told of all of them. */
function whyNotListed(misfits: readonly (Refusal | null)[]): Refusal | null {
  if (misfits.some((misfit) => misfit === null)) return null;
  const told = misfits.find((misfit) => misfit?.kind === 'labels') ?? misfits[0] ?? { kind: 'no-worker' };
  return 'worker' in told && told.kind !== 'worker-leaving' ? ({ ...told, worker: null } as Refusal) : told;
}
