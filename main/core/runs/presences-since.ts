/**
 * Which daemons were lost, came back or were started anew while a run had no core: what the log of an interrupted run does not
 * say, as far as the link knows it when the run is recovered. One that was heard all the time is no news.
 */
import type { InterruptedLog } from './interrupted-log.ts';
import type { DaemonView, LinkNews, RunJournal } from '../ports.ts';
import type { ComponentName, DaemonName } from '#shared/identifiers.ts';
import { entriesOf } from '#shared/run/run-state.ts';

export type PresenceNews = Extract<LinkNews, { kind: 'presence' }> & { readonly lastSign: number };

/**
 * The news, by the daemon. The last sign of life of a daemon that the dead core heard is the end of the log: nobody knows when
 * it fell silent after that; see {@link heardAt}.
 */
export function presencesSince(
  { state }: Pick<InterruptedLog, 'state'>,
  catalogues: RunJournal['manifest']['catalogues'],
  views: readonly DaemonView[],
): ReadonlyMap<DaemonName, PresenceNews> {
  const news = new Map<DaemonName, PresenceNews>();
  for (const [name, known] of entriesOf(state.daemons)) {
    const daemon = name as DaemonName;
    const view = views.find((each) => each.daemon === daemon);
    const sign = known.silentSince ?? state.time ?? known.time;
    const about = { kind: 'presence', daemon, clockOffset: view?.clockOffset ?? known.clockOffset } as const;
    if (view?.state === 'present' && view.catalogue) {
      const { epoch, states } = view.catalogue;
      const components = view.catalogue.components.map((component) => component.name);
      const isNew = known.epoch !== null && known.epoch !== epoch;
      if (isNew) news.set(daemon, { ...about, state: 'present', epoch, lastSign: sign, components, states });
      else if (known.state === 'lost') news.set(daemon, { ...about, state: 'present', epoch, lastSign: sign, components });
    } else if (known.state === 'present') {
      const offered = catalogues.findLast((each) => each.daemon === daemon)?.components.map((component) => component.name) ?? [];
      // Names of the log were decoded as such when it was read.
      const components = [...new Set([...known.components.map((component) => component as ComponentName), ...offered])];
      news.set(daemon, { ...about, state: 'lost', epoch: known.epoch, lastSign: Math.max(sign, view?.lastSign ?? sign), components });
    }
  }
  return news;
}

/** When something was observed by a daemon that was fetched from its spool, ms since 1970, core's clock: it was alive then. */
export function heardAt(news: LinkNews, clockOffset: number | null): number {
  const times = news.kind === 'events' ? news.events.map(({ time }) => time) : news.kind === 'samples' ? [news.frame.time] : [];
  return Math.max(...times) - (clockOffset ?? 0);
}
