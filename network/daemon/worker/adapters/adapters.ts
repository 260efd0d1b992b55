/** The adapters that a worker has, by their names. */
import type { Adapter } from '#shared/campaign/words.ts';
import type { TestAdapter } from './adapter.ts';
import { executableAdapter } from './executable.ts';
import { junitAdapter } from './junit.ts';

export type Adapters = Readonly<Partial<Record<Adapter, TestAdapter>>>;

/** Each is only ever given settings that it decoded itself. */
export const builtAdapters: Adapters = {
  executable: executableAdapter,
  junit: junitAdapter,
};
