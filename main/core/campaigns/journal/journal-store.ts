/** Campaigns on the house journal, where the router keeps nothing: a folder per environment. */
import path from 'node:path';
import type { EnvironmentName } from '#shared/identifiers.ts';
import type { Clock } from '#platform/clock.ts';
import type { AppendedFile } from '../../archive/files.ts';
import type { CampaignStore } from '../ports.ts';
import { JournalLedgers } from './journal-ledgers.ts';
import { JournalSeat } from './journal-seat.ts';

export interface JournalStoreOptions {
  /** Where the campaigns of all environments are. */
  readonly folder: string;
  readonly environment: EnvironmentName;
  readonly clock: Clock;
  readonly openFile?: (file: string) => Promise<AppendedFile>;
}

export function openJournalStore(options: JournalStoreOptions): CampaignStore {
  const folder = path.join(options.folder, options.environment);
  const ledgers = new JournalLedgers({ ...options, folder });
  const seat = new JournalSeat(path.join(folder, 'seat.json'), options.clock);
  return {
    ledgers,
    seat,
    place: `the journal in ${folder}`,
    isHere: true,
    dispose: async () => {
      await seat.dispose();
      await ledgers.dispose();
    },
  };
}
