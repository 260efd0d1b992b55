/** The start that this console asked for and that has not begun: what it waits for, and giving it up. */
import { createStore } from 'zustand/vanilla';
import type { Core, StreamItem, MethodRequest } from '#shared/contract/contract.ts';
import { storeHook } from './context.ts';

export interface StartWait {
  /** Null: nothing is awaited that would be worth a word. */
  readonly awaited: StreamItem<'run.starting'> | null;
}

interface Following {
  readonly core: Core;
  readonly name: string;
  cancelled: boolean;
}

export function createStartWait() {
  const startWait = createStore<StartWait>(() => ({ awaited: null }));

  /** The one start that goes on; a console has one at a time. */
  let current: Following | null = null;
  let count = 0;

  /** Follows a start under a new name. Its request is to be sent in the same turn, and `end` called when it is over. */
  function followStart(core: Core): { readonly name: string; readonly cancelled: () => boolean; readonly end: () => void } {
    const following: Following = { core, name: `start-${++count}`, cancelled: false };
    current = following;
    let stream: { close(): void } | undefined;
    // The core knows the start only after its request.
    queueMicrotask(() => {
      if (current !== following) return;
      const opened = core.listen('run.starting', { start: following.name }, (awaited) => {
        if (current === following && !following.cancelled) startWait.setState({ awaited });
      });
      opened.ended.then(
        () => current === following && startWait.setState({ awaited: null }),
        () => undefined,
      );
      stream = opened;
    });
    return {
      name: following.name,
      cancelled: () => following.cancelled,
      end: () => {
        if (current === following) current = null;
        stream?.close();
        startWait.setState({ awaited: null });
      },
    };
  }

  /** Gives the start up; what comes of it is told by whoever asked for it. */
  function cancelStart(): void {
    if (!current || current.cancelled) return;
    current.cancelled = true;
    decide('cancel');
  }

  /** Starts without the daemons that are awaited. */
  function startWithoutAwaited(): void {
    decide('start-without');
  }

  function decide(decision: MethodRequest<'run.decide-start'>['decision']): void {
    // When the connection is gone, the start went with it.
    current?.core.request('run.decide-start', { start: current.name, decision }).catch(() => undefined);
  }

  return { ...startWait, followStart, cancelStart, startWithoutAwaited };
}

export const useStartWait = storeHook(createStartWait);
