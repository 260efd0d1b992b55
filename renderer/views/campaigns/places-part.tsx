/** Where a campaign is executed: its servers and workers as they stand, what ran where, and why what waits is waiting. */
import { SegmentedControl } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import type { CampaignView, LaneLease } from '#shared/contract/campaigns.ts';
import { countText, counted } from '#shared/wording/counts.ts';
import { spanText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';
import { notKnown } from '#shared/wording/numbers.ts';
import { inertText } from '../../components/inert-text.ts';
import { createCampaignLanes, laneSpans, useCampaignLanes } from '../../stores/campaigns/campaign-lanes.ts';
import { createCampaignTests } from '../../stores/campaigns/campaign-tests.ts';
import { createCampaigns } from '../../stores/campaigns/campaigns.ts';
import { useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useStores } from '../../stores/context.ts';
import { meaningOfPlace, runningText } from './campaign-words.ts';
import { lanesOf } from './lane-rows.ts';
import { Lanes } from './lanes.tsx';
import style from './campaigns.module.css';

function State({ state }: { readonly state: Parameters<typeof meaningOfPlace>[0] }) {
  return (
    <span className={style['toned']} data-meaning={meaningOfPlace(state)}>
      {state}
    </span>
  );
}

function Servers({ servers }: { readonly servers: CampaignView['servers'] }) {
  if (servers.length === 0) return <p className="muted">It names no servers: its tests say themselves what they test.</p>;
  return (
    <table className={style['places']} aria-label="Servers">
      <thead>
        <tr>
          <th>Server</th>
          <th>State</th>
          <th>Executes</th>
          <th>In use</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {servers.map(({ server, state, mode, reason, slots, used }) => (
          <tr key={server}>
            <th scope="row">{server}</th>
            <td>
              <State state={state} />
            </td>
            <td>{mode === null ? notKnown : `${mode} tests`}</td>
            <td>
              {countText(used)} of {counted(slots, 'slot')}
            </td>
            <td>{reason === null ? '' : inertText(reason)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Workers({ workers }: { readonly workers: CampaignView['workers'] }) {
  if (workers.length === 0) return <p className="muted">No worker has asked for work of this campaign yet.</p>;
  return (
    <table className={style['places']} aria-label="Workers">
      <thead>
        <tr>
          <th>Worker</th>
          <th>State</th>
          <th>Host</th>
          <th>In use</th>
          <th>Labels</th>
          <th>Executes now</th>
        </tr>
      </thead>
      <tbody>
        {workers.map(({ worker, state, host, slots, used, labels, running }) => (
          <tr key={worker}>
            <th scope="row">{worker}</th>
            <td>
              <State state={state} />
            </td>
            <td>{inertText(host)}</td>
            <td>
              {countText(used)} of {counted(slots, 'slot')}
            </td>
            <td>{inertText(listed(labels))}</td>
            <td>
              <code>{inertText(runningText(running))}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Waits({ waits, waiting }: Pick<CampaignView, 'waits' | 'waiting'>) {
  if (waiting === 0) return <p className="muted">Nothing waits.</p>;
  if (waits.length === 0)
    return (
      <p className="muted">
        {counted(waiting, 'test')} {waiting === 1 ? 'waits' : 'wait'}; the coordinator has not said why yet.
      </p>
    );
  return (
    <ul className={style['waits']}>
      {waits.map(({ reason, units }) => (
        <li key={reason}>
          <strong>{counted(units, 'unit')}</strong> {inertText(reason)}
        </li>
      ))}
    </ul>
  );
}

function WhatRanWhere({ view }: { readonly view: CampaignView }) {
  const stores = useStores();
  const { readLanes, setSpan } = stores.get(createCampaignLanes);
  const { span, shown } = useCampaignLanes();
  const told = useLiveCampaign((state) => state.told);
  useEffect(() => readLanes(view, Date.now()), [told, span, view.campaign]);
  const open = (lease: LaneLease): void => {
    stores.get(createCampaignTests).choose(lease);
    stores.get(createCampaigns).showPart('tests');
  };
  const lanes = useMemo(() => {
    if (!shown) return null;
    const { leases } = shown;
    const workers = lanesOf(
      leases,
      view.workers.map(({ worker }) => worker),
      'worker',
      shown,
    );
    return {
      workers,
      servers: lanesOf(
        leases,
        view.servers.map(({ server }) => server),
        'server',
        shown,
      ),
    };
  }, [shown]);
  return (
    <section aria-label="What ran where">
      <div className={style['partHead']}>
        <h2>What ran where</h2>
        <SegmentedControl
          aria-label="How much time is shown"
          data={laneSpans.map((each) => ({ value: String(each), label: each === null ? 'Whole campaign' : `Last ${spanText(each)}` }))}
          value={String(span)}
          onChange={(value) => setSpan(laneSpans.find((each) => String(each) === value) ?? null)}
        />
        {shown?.cut && <span className="muted">Only the newest {countText(shown.leases.length)} attempts are shown.</span>}
      </div>
      {shown && lanes && (
        <>
          {lanes.servers.length > 0 && <Lanes title="By server" lanes={lanes.servers} stretch={shown} onOpen={open} />}
          <Lanes title="By worker" lanes={lanes.workers} stretch={shown} onOpen={open} />
        </>
      )}
    </section>
  );
}

export function PlacesPart({ view }: { readonly view: CampaignView }) {
  return (
    <div className={style['placesPart']} tabIndex={0} role="region" aria-label="Servers and workers">
      <h2>Servers</h2>
      <Servers servers={view.servers} />
      <h2>Workers</h2>
      <Workers workers={view.workers} />
      <WhatRanWhere view={view} />
      <h2>Why what waits is waiting</h2>
      <Waits waits={view.waits} waiting={view.waiting} />
    </div>
  );
}
