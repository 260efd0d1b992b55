/** What a failure comes of, as a sentence; the word it begins with names the kind, and categories of reports go by it. */
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import type { FailureCause } from './failure-causes.ts';

/** Reasons that are told; the others are mostly the same again. */
const toldReasons = 3;

export function causeText(cause: FailureCause): string {
  return `Cause: ${cause.kind}. ${explained(cause)}`;
}

function explained(cause: FailureCause): string {
  switch (cause.kind) {
    case 'infrastructure': {
      const reasons = [...new Set(cause.reasons)].slice(0, toldReasons);
      return reasons.length === 0 ? 'It could not be executed.' : `It was kept from a verdict: ${listed(reasons)}`;
    }
    case 'environment':
      return `All of ${counted(cause.attempts.length, 'failed attempt')} were on the ${cause.place} ${cause.name}, where much else fails too.`;
    case 'product':
      return 'Every attempt fails, in the same words as elsewhere.';
    case 'test':
      return 'It passed and failed, and nothing else explains it.';
    case 'not known':
      return 'Nothing tells more.';
  }
}
