/** Why a unit does not begin: each reason as data, and as the sentence that a person reads. */
import { counted, countText } from '#shared/wording/counts.ts';
import { listed, quoted } from '#shared/wording/names.ts';

export type Refusal =
  | { readonly kind: 'unknown-unit' }
  | { readonly kind: 'executed'; readonly worker: string }
  | { readonly kind: 'over' }
  | { readonly kind: 'stopped'; readonly operator: string }
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'worker-unknown'; readonly worker: string }
  | { readonly kind: 'worker-leaving'; readonly worker: string }
  | { readonly kind: 'adapter'; readonly adapter: string; readonly worker: string | null }
  | { readonly kind: 'labels'; readonly labels: readonly string[]; readonly worker: string | null }
  | { readonly kind: 'package-refused'; readonly package: string; readonly worker: string | null; readonly reason: string | null }
  | { readonly kind: 'too-many-slots'; readonly needed: number; readonly worker: string | null }
  | { readonly kind: 'another-worker'; readonly worker: string }
  | { readonly kind: 'capacity-unknown'; readonly capacity: string }
  | {
      readonly kind: 'capacity';
      readonly capacity: string;
      readonly taken: number;
      readonly slots: number;
      readonly needed: number;
      readonly holders: readonly string[];
    }
  | { readonly kind: 'reserved'; readonly what: string; readonly suite: string; readonly unit: number }
  | { readonly kind: 'servers-not-ready'; readonly servers: readonly string[]; readonly coming: boolean }
  | { readonly kind: 'server-too-small'; readonly needed: number; readonly slots: number }
  | { readonly kind: 'server-serial'; readonly servers: readonly string[] }
  | { readonly kind: 'server-parallel'; readonly servers: readonly string[] }
  | {
      readonly kind: 'server-full';
      readonly servers: readonly string[];
      readonly taken: number;
      readonly slots: number;
      readonly needed: number;
    }
  | { readonly kind: 'worker-alone'; readonly worker: string }
  | { readonly kind: 'worker-full'; readonly worker: string; readonly taken: number; readonly slots: number; readonly needed: number }
  | { readonly kind: 'ahead'; readonly units: number };

/** Whether only others that are executed now stand in its way, so that waiting helps and a reservation makes sense. */
export function isOccupied({ kind }: Refusal): boolean {
  return kind === 'capacity' || kind === 'server-full' || kind === 'worker-full' || kind === 'worker-alone';
}

/** Whether it never begins unless somebody changes something: a worker is started, a server brought back, a file mended. */
export function needsHelp(refusal: Refusal): boolean {
  switch (refusal.kind) {
    case 'no-worker':
    case 'capacity-unknown':
    case 'server-too-small':
      return true;
    case 'servers-not-ready':
      return !refusal.coming;
    case 'capacity':
      return refusal.needed > refusal.slots;
    case 'adapter':
    case 'labels':
    case 'package-refused':
    case 'too-many-slots':
      return refusal.worker === null;
    default:
      return false;
  }
}

/** One sentence, without its full stop. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'unknown-unit':
      return 'there is no such unit';
    case 'executed':
      return `worker ${refusal.worker} executes it`;
    case 'over':
      return 'it was executed';
    case 'stopped':
      return `${refusal.operator || 'somebody'} has stopped the campaign`;
    case 'no-worker':
      return 'there is no worker';
    case 'worker-unknown':
      return `worker ${refusal.worker} is not there`;
    case 'worker-leaving':
      return `worker ${refusal.worker} is leaving`;
    case 'adapter':
      return `${who(refusal.worker, 'has')} adapter ${refusal.adapter}`;
    case 'labels':
      return `${who(refusal.worker, 'has')} ${refusal.labels.length === 1 ? 'label' : 'labels'} ${listed(refusal.labels)}`;
    case 'package-refused':
      return `${who(refusal.worker, 'takes')} ${refusal.package}${refusal.reason === null ? '' : `: ${refusal.reason}`}`;
    case 'too-many-slots':
      return `${who(refusal.worker, 'has')} ${counted(refusal.needed, 'slot')}`;
    case 'another-worker':
      return `worker ${refusal.worker} had it last: it waits for another one`;
    case 'capacity-unknown':
      return `nobody says how many slots capacity ${refusal.capacity} has`;
    case 'capacity':
      return capacityText(refusal);
    case 'reserved':
      return `${refusal.what} is kept free for unit ${countText(refusal.unit)} of suite ${refusal.suite}, which has waited long`;
    case 'servers-not-ready':
      return refusal.servers.length === 1
        ? `server ${listed(refusal.servers)} is not ready`
        : `none of the servers ${listed(refusal.servers, 4)} is ready`;
    case 'server-too-small':
      return `it needs ${counted(refusal.needed, 'slot')} of a server, the largest has ${countText(refusal.slots)}`;
    case 'server-serial':
      return `${servers(refusal.servers, 'executes its', 'execute their')} serial units`;
    case 'server-parallel':
      return `${servers(refusal.servers, 'executes', 'execute')} parallel units, and it needs a server for itself`;
    case 'server-full':
      return `${servers(refusal.servers, 'is', 'are')} full: ${of(refusal)}, needs ${countText(refusal.needed)}`;
    case 'worker-alone':
      return `worker ${refusal.worker} executes something, and one of the two needs it for itself`;
    case 'worker-full':
      return `worker ${refusal.worker} is full: ${of(refusal)}, needs ${countText(refusal.needed)}`;
    case 'ahead':
      return `${counted(refusal.units, 'unit')} ahead`;
  }
}

function capacityText({ capacity, needed, holders, ...slots }: Extract<Refusal, { kind: 'capacity' }>): string {
  if (needed > slots.slots) return `capacity ${capacity}: has ${countText(slots.slots)} in all, needs ${countText(needed)}`;
  const held = holders.length === 0 ? '' : `, held by ${listed(holders, 3)}`;
  return `capacity ${capacity}: ${of(slots)}, needs ${countText(needed)}${held}`;
}

/** `7 of 8 taken`. */
function of({ taken, slots }: { readonly taken: number; readonly slots: number }): string {
  return `${countText(taken)} of ${countText(slots)} taken`;
}

/** `no worker has`, `worker a has no`… told of one or of all. */
function who(worker: string | null, verb: 'has' | 'takes'): string {
  if (worker === null) return `no worker ${verb}`;
  return `worker ${worker} does not ${verb === 'has' ? 'have' : 'take'}`;
}

function servers(names: readonly string[], one: string, many: string): string {
  return names.length === 1 ? `server ${listed(names)} ${one}` : `servers ${listed(names, 4)} ${many}`;
}

/** A test's or unit's name in a sentence about it. */
export function holderText(suite: string, test: string, others: number): string {
  return others > 0 ? `${quoted(test)} and ${countText(others)} more of ${suite}` : `${quoted(test)} of ${suite}`;
}
