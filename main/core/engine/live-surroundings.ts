/** The environment of a live run: commands go to daemons and plugins, readings and events come from the link. */
import { CommandDesk, type CommandDeskParts } from './command-desk.ts';
import { observedEvent, RecentEvents } from './observed-events.ts';
import type { OutwardEffect, Surroundings } from './surroundings.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { EventTrigger, Reading, Readings } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import { eventMatches } from '#shared/scenario/machine.ts';

export class LiveSurroundings implements Surroundings {
  private readonly parts: CommandDeskParts;
  private readonly desk: CommandDesk;
  private readonly watches = new Map<number, () => void>();
  private readonly timers = new Map<number, () => void>();
  private readonly listenings = new Map<number, EventTrigger>();
  private readonly recent = new RecentEvents();

  constructor(parts: CommandDeskParts) {
    this.parts = parts;
    this.desk = new CommandDesk(parts);
  }

  carryOut(effect: OutwardEffect, _state: MachineState, execution: number | null): void {
    switch (effect.kind) {
      case 'execute':
        this.desk.execute(effect.reference, effect.words, execution);
        break;
      case 'cancel':
        this.desk.cancel(effect.reference);
        break;
      case 'read':
        this.parts.feed({ kind: 'readings', reference: effect.reference, values: this.readings(effect.names) });
        break;
      case 'watch':
        this.watch(effect.reference, effect.names);
        break;
      case 'unwatch':
        release(this.watches, effect.reference);
        break;
      case 'listen':
        this.listen(effect.reference, effect.trigger, effect.since);
        break;
      case 'unlisten':
        this.listenings.delete(effect.reference);
        break;
      case 'start-timer':
        this.startTimer(effect.reference, effect.milliseconds);
        break;
      case 'stop-timer':
        release(this.timers, effect.reference);
        break;
    }
  }

  /** An event of a daemon, already recorded. `execution` is the step that was current when it came. */
  observe(event: DaemonEvent, execution: number): void {
    this.desk.observe(event);
    const observed = observedEvent(event);
    if (!observed) return;
    this.recent.add(execution, observed);
    for (const [reference, trigger] of this.listenings) {
      if (eventMatches(trigger, observed)) this.parts.feed({ kind: 'event', reference, event: observed });
    }
  }

  settle(): Promise<void> {
    return this.desk.settle();
  }

  dispose(): void {
    for (const stop of [...this.watches.values(), ...this.timers.values()]) stop();
    this.watches.clear();
    this.timers.clear();
    this.listenings.clear();
    this.desk.dispose();
  }

  private readings(names: readonly string[]): Readings {
    const read = (name: string): Reading => this.parts.link?.reading(name) ?? null;
    return Object.fromEntries(names.map((name) => [name, read(name)]));
  }

  private watch(reference: number, names: readonly string[]): void {
    const tell = (): void => this.parts.feed({ kind: 'readings', reference, values: this.readings(names) });
    this.watches.set(reference, this.parts.link?.watch(names, tell) ?? (() => undefined));
    tell();
  }

  private listen(reference: number, trigger: EventTrigger, since: number | null): void {
    this.listenings.set(reference, trigger);
    if (since === null) return;
    for (const event of this.recent.since(since, trigger)) this.parts.feed({ kind: 'event', reference, event });
  }

  private startTimer(reference: number, milliseconds: number): void {
    const stop = this.parts.clock.after(milliseconds, () => {
      this.timers.delete(reference);
      this.parts.feed({ kind: 'timer', reference });
    });
    this.timers.set(reference, stop);
  }
}

function release(held: Map<number, () => void>, reference: number): void {
  held.get(reference)?.();
  held.delete(reference);
}
