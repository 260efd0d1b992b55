/** One campaign that is forecast half-way and then executed: whether it was over by the 90th percentile. */
import { Durations } from '#shared/campaign/durations.ts';
import { forecast, type Forecast } from '#shared/campaign/forecast.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import { randomFrom } from '../../repeatable-random.ts';
import { MadeCampaign } from './made-campaign.ts';
import { execute, normalFrom } from './simulated-execution.ts';

export function forecastTrial(seed: number, { units = 400, slots = 10 } = {}): boolean {
  const random = randomFrom(seed);
  const normal = normalFrom(random);
  const expected = Array.from({ length: units }, () => 2_000 * Math.exp(normal() * 0.7));
  const truth = expected.map((each) => each * Math.exp(normal() * 0.35));
  const campaign = new MadeCampaign({}, { kept: false, checked: false });
  campaign.plan(expected.map((each) => ({ expected: each })));
  let found: Forecast | null = null;
  const half = truth.reduce((sum, each) => sum + each, 0) / slots / 2;
  const took = execute({
    scheduler: new Scheduler(),
    campaigns: [campaign],
    workers: new Map([['w', slots]]),
    duration: (_, unit) => truth[unit]!,
    event: {
      at: half,
      happen: () => {
        found = forecast({ state: campaign.state, durations: new Durations(), slots, now: half, random });
      },
    },
  });
  return found !== null && took <= (found as Forecast).p90;
}
