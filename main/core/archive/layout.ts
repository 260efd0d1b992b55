/** Names of the files in a run's folder and of what stands beside the runs in an archive; docs/archive-format.md describes them. */
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';

export const manifestFile = 'run.json';
export const logFile = 'log.ndjson';
export const lockFile = 'lock.json';
export const samplesFolder = 'samples';
export const seriesFile = 'series.parquet';
export const samplesFile = 'samples.parquet';
export const summaryFile = 'summary.parquet';
/** Where DuckDB puts what does not fit into memory while a run is finished. */
export const temporaryFolder = 'temporary';

/** Files of a finished run, in the order in which a bundle holds them. */
export const finishedFiles = [manifestFile, logFile, seriesFile, samplesFile, summaryFile] as const;

export const catalogueFile = '.catalogue.ndjson';

/** What is being made, taken in or thrown away; named after the process that does it, so that leftovers can be told from work. */
export type ScratchKind = 'creating' | 'incoming' | 'trash';

export function scratchFolder(archive: string, kind: ScratchKind): string {
  return path.join(archive, `.${kind}-${process.pid}-${randomBytes(6).toString('hex')}`);
}

/** The process that made a scratch folder; null when it is no scratch folder. */
export function ownerOfScratch(name: string): number | null {
  const match = /^\.(?:creating|incoming|trash)-([0-9]{1,10})-[0-9a-f]{12}$/.exec(name);
  return match ? Number(match[1]) : null;
}

export function runOfFolder(name: string): RunId | null {
  const parsed = runIdSchema.safeParse(name);
  return parsed.success ? parsed.data : null;
}

/** When a run started, by its id; ms since 1970. */
export function startOfRun(run: RunId): number {
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)T(..)(..)(..)Z/.exec(run) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Number.isFinite(time) ? time : 0;
}
