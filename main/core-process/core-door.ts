/** Where a host lets consoles in to a core, wherever that core runs: in this process, in one of its own, on another machine. */
import type { OpenCore } from '#main/core/core.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { channelPair, portOver, type TextChannel } from './text-channel.ts';

/** Who comes in. */
export interface Visitor {
  /** Recorded with what the console does; null: the operator of the environment, or the user of this machine. */
  readonly operator: string | null;
  /** Whether it is on another machine; then it reaches only what the core serves. */
  readonly remote?: boolean;
}

export interface CoreDoor {
  /** A channel of its own for one console. It closes when the core is gone; then open another. */
  open(visitor: Visitor): TextChannel;
}

/** The door of a core in this process. */
export function doorInProcess(core: OpenCore): CoreDoor {
  return {
    open: ({ operator, remote = false }) => {
      const [outside, inside] = channelPair();
      serveContract(operator === null ? core : core.forOperator(operator, remote), portOver(inside));
      return outside;
    },
  };
}
