/**
 * The library that knows hosts without /proc (macOS, BSD, Windows). It is big and starts programs of the system, so it is
 * loaded only where it is needed: a daemon on Linux never evaluates it. What it starts are fixed command lines of its own;
 * nothing of ours and nothing from outside is put into them but names of network interfaces, which it sanitises.
 */
import type { Systeminformation } from 'systeminformation';

/** The part of it that the readers use. */
export interface SystemInformation {
  mem(): Promise<Systeminformation.MemData>;
  /** Null where the system does not tell. */
  fsStats(): Promise<Systeminformation.FsStatsData | null>;
  networkStats(interfaces: string): Promise<readonly Systeminformation.NetworkStatsData[]>;
  processes(): Promise<Systeminformation.ProcessesData>;
}

let loaded: Promise<SystemInformation> | undefined;

export function systemInformation(): Promise<SystemInformation> {
  loaded ??= load();
  return loaded;
}

/** Part by part: the rest of the library (graphics, containers, radio networks …) is more than half of it. */
async function load(): Promise<SystemInformation> {
  const [{ mem }, { fsStats }, { networkStats }, { processes }] = await Promise.all([
    import('systeminformation/lib/memory.js'),
    import('systeminformation/lib/filesystem.js'),
    import('systeminformation/lib/network.js'),
    import('systeminformation/lib/processes.js'),
  ]);
  return { mem, fsStats, networkStats, processes };
}

/**
 * ms between looks where the library is used, at least: on Windows one look at all processes takes about a second of
 * a core, and on macOS each network interface costs two started programs.
 */
export const leastPortableInterval = 5_000;
