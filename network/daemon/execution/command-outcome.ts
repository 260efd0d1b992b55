/** The common shapes of a command's outcome. */
import type { CommandOutcome } from '#shared/protocol/observations.ts';

type Given = Pick<CommandOutcome, 'status'> & Partial<CommandOutcome>;

/** An outcome with everything not given left empty. Texts are cut to what the protocol carries. */
export function outcomeOf(given: Given, duration: number): CommandOutcome {
  const { status, exitStatus = null, signal = null, success = false, result = '', message, code } = given;
  return {
    status,
    exitStatus,
    signal,
    success,
    result: result.slice(0, 65_536),
    ...(message === undefined ? {} : { message: message.slice(0, 1_000) }),
    ...(code !== undefined && { code }),
    duration: Math.max(0, Math.round(duration * 1_000) / 1_000),
  };
}

/** A command of the daemon's own that did what was asked, as a program with exit status 0 would. */
export function succeeded(result = '0'): Given {
  return { status: 'completed', exitStatus: 0, success: true, result };
}

/** A command of the daemon's own that could not do it, as a program with exit status 1 would. */
export function failed(message: string, code?: string): Given {
  return { status: 'completed', exitStatus: 1, success: false, result: '1', message, ...(code !== undefined && { code }) };
}
