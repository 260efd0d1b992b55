/** Ownership of things that must be given back: listeners, timers, sockets, processes. */

export interface Owned {
  dispose(): void | Promise<void>;
}

/** Gives back everything it was handed, last first, once. A failing member does not keep the others from being given back. */
export class Ownership implements Owned {
  private members: Owned[] = [];
  private disposed = false;

  /** Takes ownership of a disposable or of a function that gives something back; returns what it was given. */
  own<T extends Owned | (() => void | Promise<void>)>(member: T): T {
    const owned: Owned = typeof member === 'function' ? { dispose: member } : member;
    if (this.disposed) void owned.dispose();
    else this.members.push(owned);
    return member;
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    const failures: unknown[] = [];
    for (const member of this.members.reverse()) {
      try {
        await member.dispose();
      } catch (failure) {
        failures.push(failure);
      }
    }
    this.members = [];
    if (failures.length > 0) throw new AggregateError(failures, 'Some resources could not be given back.');
  }
}

/** A list of listeners; subscribing returns the unsubscribe. */
export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => void>();

  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  emit(value: T): void {
    for (const listener of this.listeners) listener(value);
  }

  get size(): number {
    return this.listeners.size;
  }
}
