/** The recorded runs that come with the product: brought into the archive when somebody asks for them. */
import { problemOf } from '#shared/problem.ts';
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';

export async function loadSampleHistory(stores: Stores): Promise<void> {
  const { currentCore, inform, notify } = stores.get(createSession);
  try {
    const brought = await currentCore()?.request('samples.import', {});
    if (!brought) return;
    const { imported } = brought;
    inform(imported === 0 ? 'The sample history is in the archive already.' : `${imported} runs of the sample history are in the archive.`);
  } catch (failure) {
    notify(problemOf(failure));
  }
}
