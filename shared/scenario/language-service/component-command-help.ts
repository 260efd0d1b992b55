/** The commands that every component may take: how each is written and what it does. */
import type { ComponentCommand, Hazard } from '#shared/protocol/observations.ts';

export const componentCommandHelp: Readonly<
  Record<ComponentCommand, { readonly usage: string; readonly help: string; readonly hazard: Hazard }>
> = {
  kill: {
    usage: 'kill [-SIGNAL] Component',
    help: 'Sends a signal to the component’s process, TERM where none is named; `-9` kills at once.',
    hazard: 'dangerous',
  },
  signal: { usage: 'signal SIGNAL Component', help: 'Sends a signal to the component’s process.', hazard: 'dangerous' },
  start: { usage: 'start Component', help: 'Starts the component as its daemon is configured to.', hazard: 'disruptive' },
  stop: { usage: 'stop Component', help: 'Stops the component as its daemon is configured to.', hazard: 'disruptive' },
  status: { usage: 'status Component', help: 'Tells the component’s state.', hazard: 'none' },
};
