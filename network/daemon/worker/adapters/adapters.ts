/** The adapters that a worker has, by their names. */
import type { Adapter } from '#shared/campaign/words.ts';
import type { TestAdapter } from './adapter.ts';
import { allureAdapter } from './allure.ts';
import { executableAdapter } from './executable.ts';
import { goAdapter } from './go.ts';
import { junitAdapter } from './junit.ts';
import { playwrightAdapter } from './playwright.ts';
import { pytestAdapter } from './pytest.ts';
import { vitestAdapter } from './vitest.ts';

export type Adapters = Readonly<Partial<Record<Adapter, TestAdapter>>>;

/** Each is only ever given settings that it decoded itself. */
export const builtAdapters: Adapters = {
  allure: allureAdapter,
  executable: executableAdapter,
  go: goAdapter,
  junit: junitAdapter,
  playwright: playwrightAdapter,
  pytest: pytestAdapter,
  vitest: vitestAdapter,
};
