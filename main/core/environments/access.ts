/**
 * Environments as the core uses them: opened when a request first needs one, shared by everything that names the same
 * file, and closed a little after the last user has gone.
 */
import { resolve } from 'node:path';
import { afterAwake } from '#platform/awake-time.ts';
import type { CommandResolver } from '../engine/surroundings.ts';
import type { Limit } from '../engine/limit-watch.ts';
import type { Link, PluginHost } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import type { Signer } from '#shared/protocol/commands.ts';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';

/** What an environment file says, as far as the core needs to know it, without any connection. */
export interface EnvironmentDescription {
  readonly name: EnvironmentName;
  readonly router: string;
  readonly operator: string;
  /** Folder of the environment file: the workspace. */
  readonly folder: string;
  readonly scenarioFolder: string | null;
  readonly expected: readonly DaemonName[];
  readonly limits: readonly Limit[];
  /** The release candidate: a value, or the command that tells it. */
  readonly release:
    { readonly kind: 'value'; readonly value: string } | { readonly kind: 'command'; readonly words: readonly string[] } | null;
}

/** An environment that is connected. */
export interface OpenEnvironment extends Owned {
  readonly description: EnvironmentDescription;
  readonly link: Link;
  readonly plugins: PluginHost;
  /** What scenarios may name now. */
  catalogue(): ScenarioCatalogue;
  readonly resolve: CommandResolver;
  /** What differs from the pinned catalogue; null when nothing is pinned. */
  drift(): Promise<EnvironmentStatus['drift']>;
  /** Writes what the daemons offer now into the pin file; returns its path. */
  pin(): Promise<string>;
  /** Whether its file says something else than when it was opened. Absent: it was made of no file. */
  readonly fileChanged?: () => Promise<boolean>;
  /** How campaigns reach its router, beside the link. Absent: it has none. */
  readonly router?: RouterAccess;
}

/** The connection to an environment's router, in the name of its operator; closed with the environment. */
export interface RouterAccess {
  readonly connection: NatsConnection;
  readonly signer: Signer;
}

export interface OfflineCatalogue {
  readonly catalogue: ScenarioCatalogue;
  readonly resolve: CommandResolver;
  /** What is wrong with the plugins. */
  readonly problems: readonly Problem[];
}

/** How environments are opened; tests give their own. */
export interface EnvironmentSource {
  /** Refuses where what is in the folder of a file (environment or scenario) may not act, since nobody trusts it. */
  admit?(file: string): Promise<void>;
  describe(file: string): Promise<EnvironmentDescription>;
  open(file: string): Promise<OpenEnvironment>;
  /** What scenarios may name without a connection: plugins, aliases and the pinned catalogue; null when nothing is pinned. */
  offlineCatalogue(file: string): Promise<OfflineCatalogue | null>;
}

/** ms for which an environment nobody uses stays open, since the next request often follows at once. */
const lingering = 2_000;

interface Entry {
  readonly opening: Promise<OpenEnvironment>;
  users: number;
  stopLingering: (() => void) | null;
}

export interface Lease {
  readonly environment: OpenEnvironment;
  release(): void;
}

export class EnvironmentPool implements Owned {
  private readonly source: EnvironmentSource;
  private readonly clock: Clock;
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();
  private disposed = false;

  constructor(source: EnvironmentSource, clock: Clock) {
    this.source = source;
    this.clock = clock;
  }

  /** Opens the environment or joins those who use it. Whoever gets a lease releases it once. */
  async lease(file: string): Promise<Lease> {
    const key = resolve(file);
    // Also of an environment that is open already: trust may have been taken back.
    await this.source.admit?.(key);
    await this.closeIfOutdated(key);
    const entry = this.entries.get(key) ?? this.start(key);
    entry.users++;
    entry.stopLingering?.();
    entry.stopLingering = null;
    try {
      const environment = await entry.opening;
      let released = false;
      return {
        environment,
        release: () => {
          if (released) return;
          released = true;
          this.leave(key, entry);
        },
      };
    } catch (failure) {
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw failure;
    }
  }

  /** Closes environments that may not act any longer, whoever uses them. */
  async closeUntrusted(): Promise<void> {
    for (const [key, entry] of this.entries) {
      const admitted = await (this.source.admit?.(key) ?? Promise.resolve()).then(
        () => true,
        () => false,
      );
      if (!admitted && this.entries.get(key) === entry) this.close(key, entry);
    }
  }

  /** Uses an environment for the time of one piece of work. */
  async use<T>(file: string, work: (environment: OpenEnvironment) => Promise<T>): Promise<T> {
    const lease = await this.lease(file);
    try {
      return await work(lease.environment);
    } finally {
      lease.release();
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    for (const [key, entry] of this.entries) this.close(key, entry);
    await Promise.all(this.closing);
  }

  /** An environment that nobody uses and whose file was changed is not used again: it is read anew. */
  private async closeIfOutdated(key: string): Promise<void> {
    const unused = (entry: Entry | undefined): entry is Entry => entry?.users === 0 && entry.stopLingering !== null;
    const entry = this.entries.get(key);
    if (!unused(entry)) return;
    const outdated = await entry.opening.then(
      (environment) => environment.fileChanged?.() ?? false,
      () => false,
    );
    // Meanwhile somebody else may have come.
    if (outdated && this.entries.get(key) === entry && unused(entry)) this.close(key, entry);
  }

  private start(key: string): Entry {
    const entry: Entry = { opening: this.source.open(key), users: 0, stopLingering: null };
    this.entries.set(key, entry);
    return entry;
  }

  private leave(key: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0 || this.entries.get(key) !== entry) return;
    if (this.disposed) return this.close(key, entry);
    // While this process was starved, the next request had no chance to come either.
    entry.stopLingering = afterAwake(this.clock, lingering, () => this.close(key, entry));
  }

  private close(key: string, entry: Entry): void {
    this.entries.delete(key);
    entry.stopLingering?.();
    const closed = entry.opening.then(
      (environment) => environment.dispose(),
      () => undefined,
    );
    this.closing.add(closed);
    void closed.catch(() => undefined).finally(() => this.closing.delete(closed));
  }
}
