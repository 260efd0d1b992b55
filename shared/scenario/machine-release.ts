/** Gives back what a step or a handler asked the driver for: watches, listenings, timers, commands. */
import type { Awaiting, Handler, Transition } from './machine-state.ts';

/** Tells the driver that the answers a step waited for are no longer wanted. */
export function releaseAwaiting(transition: Transition, awaiting: Awaiting | null): void {
  switch (awaiting?.kind) {
    case undefined:
    case 'reading':
    case 'answer':
      return;
    case 'command':
      transition.effects.push({ kind: 'cancel', reference: awaiting.reference });
      return;
    case 'pause':
      stopTimer(transition, awaiting.timer);
      return;
    case 'condition':
      unwatch(transition, awaiting.watch);
      unlisten(transition, awaiting.listen);
      stopTimer(transition, awaiting.within);
      stopTimer(transition, awaiting.holding);
  }
}

/** Removes the handlers that a test chooses. */
export function releaseHandlers(transition: Transition, chosen: (handler: Handler) => boolean): void {
  const { state } = transition;
  if (!state.handlers.some(chosen)) return;
  for (const handler of state.handlers.filter(chosen)) {
    unwatch(transition, handler.watch);
    unlisten(transition, handler.listen);
  }
  state.handlers = state.handlers.filter((handler) => !chosen(handler));
}

/** Stops a timer of which nobody waits for the end any more; null: there is none. */
export function stopTimer(transition: Transition, reference: number | null): void {
  if (reference !== null) transition.effects.push({ kind: 'stop-timer', reference });
}

function unwatch(transition: Transition, reference: number | null): void {
  if (reference !== null) transition.effects.push({ kind: 'unwatch', reference });
}

function unlisten(transition: Transition, reference: number | null): void {
  if (reference !== null) transition.effects.push({ kind: 'unlisten', reference });
}
