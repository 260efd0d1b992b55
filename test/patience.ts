/**
 * How long tests wait for what must happen: until it has, and on a machine that is busy with other things much longer than on a quiet one.
 * A short wait that is named beside its expectation would only say how busy the machine was.
 */
import { expect, vi } from 'vitest';

/** ms that anything waited for may take; waiting ends as soon as it is there. */
const patience = process.env['TESTOPS_STRESS'] === '1' ? 60_000 : 15_000;

const { waitFor } = vi;
vi.waitFor = (callback, options) => {
  const named = typeof options === 'number' ? { timeout: options } : options;
  return waitFor(callback, { ...named, timeout: Math.max(named?.timeout ?? 0, patience) });
};

const { poll } = expect;
expect.poll = (read, options) => poll(read, { ...options, timeout: Math.max(options?.timeout ?? 0, patience) });
