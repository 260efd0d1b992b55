/** The environment of a live run: commands go to daemons and plugins, readings and events come from the link. */
import { CommandDesk, type CommandDeskParts } from './command-desk.ts';
import { HoldableTimers } from './holdable-timers.ts';
import { observedEvent, RecentEvents } from './observed-events.ts';
import type { OutwardEffect, Surroundings } from './surroundings.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { EventTrigger } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import { eventMatches } from '#shared/scenario/machine.ts';

export class LiveSurroundings implements Surroundings {
  private readonly parts: CommandDeskParts;
  private readonly desk: CommandDesk;
  private readonly watches = new Map<number, () => void>();
  private readonly timers: HoldableTimers;
  private readonly listenings = new Map<number, EventTrigger>();
  private readonly recent = new RecentEvents();

  constructor(parts: CommandDeskParts) {
    this.parts = parts;
    this.desk = new CommandDesk(parts);
    this.timers = new HoldableTimers(parts.clock, (reference) => parts.feed({ kind: 'timer', reference }));
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
        this.tell(effect.reference, effect.names);
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
        this.timers.start(effect.reference, effect.milliseconds);
        break;
      case 'stop-timer':
        this.timers.stop(effect.reference);
        break;
      case 'hold-timer':
        this.timers.hold(effect.reference);
        break;
      case 'continue-timer':
        this.timers.continue(effect.reference);
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
    for (const stop of this.watches.values()) stop();
    this.watches.clear();
    this.timers.dispose();
    this.listenings.clear();
    this.desk.dispose();
  }

  /** Tells the machine what is known now, and of what is not known because its daemon is lost, that. */
  private tell(reference: number, names: readonly string[]): void {
    const { link, feed } = this.parts;
    const values = names.map((name) => [name, link?.reading(name) ?? null] as const);
    const lost = values.flatMap(([name, value]) => {
      const why = value === null ? (link?.whyUnknown(name) ?? null) : null;
      return why === null ? [] : [[name, why] as const];
    });
    const told = { kind: 'readings', reference, values: Object.fromEntries(values) } as const;
    feed(lost.length === 0 ? told : { ...told, lost: Object.fromEntries(lost) });
  }

  private watch(reference: number, names: readonly string[]): void {
    const tell = (): void => this.tell(reference, names);
    this.watches.set(reference, this.parts.link?.watch(names, tell) ?? (() => undefined));
    tell();
  }

  private listen(reference: number, trigger: EventTrigger, since: number | null): void {
    this.listenings.set(reference, trigger);
    if (since === null) return;
    for (const event of this.recent.since(since, trigger)) this.parts.feed({ kind: 'event', reference, event });
  }
}

function release(held: Map<number, () => void>, reference: number): void {
  held.get(reference)?.();
  held.delete(reference);
}
