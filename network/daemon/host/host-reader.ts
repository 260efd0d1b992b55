/** What a host tells of itself at one moment; rates come from the difference of two readings. */

export interface HostReading {
  /** Cumulative time of all cores, in any unit: only shares of it are used. */
  readonly cpu: { readonly busy: number; readonly total: number } | null;
  /** Load averages of 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number] | null;
  /** bytes; `available` is what programs can still get without swapping */
  readonly memory: { readonly total: number; readonly free: number; readonly available: number };
  /** bytes */
  readonly swap: { readonly total: number; readonly free: number } | null;
  /** bytes; a mount that cannot be read is left out */
  readonly disks: readonly { readonly mount: string; readonly total: number; readonly free: number }[];
  /** bytes since the start of the machine, all whole disks together */
  readonly diskTraffic: { readonly read: number; readonly written: number } | null;
  /** Counts since the start of the machine. */
  readonly interfaces: readonly NetworkInterface[];
}

export interface NetworkInterface {
  readonly name: string;
  /** bytes */
  readonly received: number;
  readonly sent: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
  /** Errors and drops, both directions. Counts that the system does not tell are NaN. */
  readonly errors: number;
}

export interface HostReader {
  /** `wantsInterface` chooses those whose counts are needed, where each costs something. */
  read(disks: readonly string[], wantsInterface?: (name: string) => boolean): Promise<HostReading>;
}
