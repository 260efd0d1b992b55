/** Says of a folder of a test that it is trusted, as its user would: in the home that the test's programs have. */
import { defaultConsoleHome } from '#main/core/workspace/home.ts';
import { WorkspaceTrust } from '#main/core/workspace/trust.ts';

export async function trustFolder(folder: string, home: string = defaultConsoleHome()): Promise<void> {
  await new WorkspaceTrust(home, { now: () => Date.now() }).grant(folder);
}
