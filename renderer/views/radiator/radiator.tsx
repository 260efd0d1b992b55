/** The radiator over a console: the campaigns that it knows, those that go on as they are now. */
import { useEffect, useMemo, useRef } from 'react';
import { secondsText } from '#shared/wording/durations.ts';
import { useNow } from '../../components/use-now.ts';
import { createCampaigns, useCampaigns } from '../../stores/campaigns/campaigns.ts';
import { createRadiator, useRadiator } from '../../stores/campaigns/radiator.ts';
import { useStores } from '../../stores/context.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { useSession } from '../../stores/session.ts';
import { Wall } from './wall.tsx';

/** Whatever is not live says so, on a wall above all. */
function useLost(now: number): string | null {
  const connection = useSession((state) => state.connection);
  if (connection.kind === 'connected') return null;
  const since = connection.kind === 'lost' ? ` for ${secondsText(now - connection.since)}` : '';
  return `Not live: the core is out of reach${since}`;
}

/** Escape leaves; no other key does anything here. */
function useWayBack(): void {
  const { hide } = useStores().get(createRadiator);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

export function Radiator() {
  const stores = useStores();
  const { followList } = stores.get(createCampaigns);
  const { followActive } = stores.get(createRadiator);
  const generation = useConnectionGeneration();
  const listed = useCampaigns((state) => state.campaigns);
  const views = useRadiator((state) => state.views);
  const frame = useRef<HTMLDivElement>(null);
  const now = useNow(1_000);
  const active = (listed ?? []).filter(({ outcome, asOf }) => outcome === null && asOf === null).map(({ campaign }) => campaign);
  // The list is read less often than what goes on.
  const campaigns = useMemo(
    () => listed?.map((each) => (each.outcome === null ? (views.get(each.campaign) ?? each) : each)) ?? null,
    [listed, views],
  );
  const forecasts = useMemo(() => new Map([...views].map(([campaign, { forecast }]) => [campaign, forecast])), [views]);
  useEffect(() => (generation === null ? undefined : followList()), [generation]);
  useEffect(() => followActive(active), [generation, active.join(' ')]);
  useEffect(() => frame.current?.focus(), []);
  useWayBack();
  return <Wall campaigns={campaigns} forecasts={forecasts} now={now} lost={useLost(now)} frame={frame} isDialog />;
}
