/** Records refused orders as events, so many per second at most: a flood of them must not push the rest out of the spool. */
import type { CommandOrder, RefusalCode } from '#shared/protocol/commands.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { counted } from '#shared/wording/counts.ts';

/** Why an order is not executed. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
  /** Id that an unproven order claims. */
  readonly claimed?: string | undefined;
  /** Start of the daemon that an unproven order claims to be for. */
  readonly claimedEpoch?: string | undefined;
}

/** Events in a row before the rate applies, and events per second from then on. */
const burst = 100;
const perSecond = 10;

export interface RefusalLogOptions {
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly report: (event: DaemonEvent) => void;
}

export class RefusalLog {
  private readonly options: RefusalLogOptions;
  private credit = burst;
  private lastTime: number;
  private unrecorded = 0;

  constructor(options: RefusalLogOptions) {
    this.options = options;
    this.lastTime = options.monotonic();
  }

  /** `order` is known only where its signature was good; nothing of an unproven message is recorded. */
  record(order: CommandOrder | undefined, refusal: Refusal): void {
    const monotonic = this.options.monotonic();
    this.credit = Math.min(burst, this.credit + ((monotonic - this.lastTime) / 1_000) * perSecond);
    this.lastTime = monotonic;
    if (this.credit < 1) {
      this.unrecorded++;
      return;
    }
    this.credit--;
    const time = this.options.now();
    if (this.unrecorded > 0) {
      const text = `${counted(this.unrecorded, 'more refused command was', 'more refused commands were')} answered but not recorded one by one.`;
      this.options.report({ kind: 'notice', time, severity: 'warning', code: 'refusals-unrecorded', text });
      this.unrecorded = 0;
    }
    const action = order?.order.kind === 'execute' ? order.order.action : order ? 'cancel' : '';
    const { code, reason } = refusal;
    this.options.report({
      kind: 'command-refused',
      time,
      command: order?.id ?? refusal.claimed ?? '',
      operator: order?.operator ?? '',
      action,
      code,
      reason,
    });
  }
}
