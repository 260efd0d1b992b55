/** The demo is asked for before the page is loaded: it comes up meanwhile, and the page's own wish for it joins in. */
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { CoreDoor } from './core-door.ts';
import { portOver } from './text-channel.ts';

/** That it cannot be started is told to the page, which asks again. */
export function beginDemo(door: CoreDoor): void {
  const core = connectContract(portOver(door.open({ operator: null })));
  void core
    .request('demo.start', { release: '' })
    .catch(() => undefined)
    .finally(() => void core.dispose());
}
