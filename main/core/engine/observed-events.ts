/**
 * What the daemons tell, as the machine's `wait`, `expect` and `on` see it: events with a name and a severity. The recent
 * ones are kept with the execution that was current when they came, so a wait right after a fault does not miss its event.
 */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { EventTrigger, ObservedEvent } from '#shared/scenario/machine-contract.ts';
import { eventMatches } from '#shared/scenario/machine.ts';

/** Events that are remembered for a listening with `since`. */
export const rememberedEvents = 10_000;

/** UTF-16 code units of a line that are remembered of an event; the whole line is in the log. */
const longestText = 1_000;

/** The event as the machine sees it, or null for what no trigger can be about. */
export function observedEvent(event: DaemonEvent): ObservedEvent | null {
  switch (event.kind) {
    case 'log':
      if (event.event === null && event.severity !== 'error' && event.severity !== 'fatal') return null;
      return { name: event.event ?? '', severity: event.severity, component: event.component, text: event.text.slice(0, longestText) };
    case 'component-crashed': {
      const how = event.signal ? `killed by ${event.signal}` : event.exitStatus === null ? '' : `exit status ${event.exitStatus}`;
      const text = [`${event.component} crashed (process ${event.pid})`, how].filter((part) => part !== '').join(', ');
      return { name: 'crash', severity: 'error', component: event.component, text };
    }
    default:
      return null;
  }
}

/** The last events, oldest first. */
export class RecentEvents {
  private readonly ring: { readonly execution: number; readonly event: ObservedEvent }[] = [];
  private next = 0;

  add(execution: number, event: ObservedEvent): void {
    this.ring[this.next] = { execution, event };
    this.next = (this.next + 1) % rememberedEvents;
  }

  /** Matching events that came while this execution or a later one was current. */
  since(execution: number, trigger: EventTrigger): ObservedEvent[] {
    const inOrder = [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
    return inOrder.filter((each) => each.execution >= execution && eventMatches(trigger, each.event)).map((each) => each.event);
  }
}
