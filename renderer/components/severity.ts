/** Severities in order, and filtering by the least one that is shown. */
import type { LogSeverity } from '#shared/protocol/observations.ts';

const order: readonly LogSeverity[] = ['debug', 'info', 'warning', 'error', 'fatal'];

export function isAtLeast(severity: LogSeverity, least: LogSeverity): boolean {
  return order.indexOf(severity) >= order.indexOf(least);
}
