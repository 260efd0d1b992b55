/** What came of a daemon, counted by epoch and added up. */
import type { DaemonView } from '../ports.ts';

export type Received = DaemonView['received'];

export function sumOf(left: Received, right: Received): Received {
  return {
    records: left.records + right.records,
    samples: left.samples + right.samples,
    gapsFilled: left.gapsFilled + right.gapsFilled,
    recordsLost: left.recordsLost + right.recordsLost,
  };
}
