/**
 * Ends processes by the daemon's own hand. A component among them (a load generator that an action started, found by
 * its pid file) has not crashed: it was stopped, and is shown so before whoever gave the order is answered.
 */
import type { ComponentName } from '#shared/identifiers.ts';
import type { ComponentControl } from '../ports.ts';
import { endTree, type ProcessTree } from './process-group.ts';

/** What must be known of and told to the components. */
export type EndingControl = Pick<ComponentControl, 'views' | 'expectStop' | 'lookNow'>;

/** As `endTree`, with `grace` in ms; the end of every component whose process is in the tree is expected. */
export async function endWanted(tree: ProcessTree, grace: number, control: EndingControl): Promise<number> {
  const ended = new Set<ComponentName>();
  const left = await endTree(tree, grace, (pids) => {
    for (const { component, pid } of control.views()) {
      if (pid === null || !pids.has(pid)) continue;
      control.expectStop(component);
      ended.add(component);
    }
  });
  await Promise.all([...ended].map((component) => control.lookNow(component)));
  return left;
}
