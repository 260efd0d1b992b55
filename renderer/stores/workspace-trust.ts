/** Trusting the open folder, taking that back, and following what another console decided about it. */
import { problemOf, type Problem } from '#shared/problem.ts';
import { createTrust, untrusted } from './trust.ts';
import { createSession } from './session.ts';
import { createOpening } from './workspace.ts';
import type { Stores } from './stores.ts';

/** Asks about a folder: the open one, or that of an environment file that is not in it. */
export function askForTrust(stores: Stores, folder = stores.get(createSession).currentFolder()): void {
  if (folder !== null) stores.get(createTrust).setState({ question: folder });
}

/** What the operator answered. */
export async function answerQuestion(stores: Stores, trust: boolean): Promise<void> {
  const trustStore = stores.get(createTrust);
  const { closeQuestion } = trustStore;
  const session = stores.get(createSession);
  const { currentCore, notify } = session;
  const { question } = trustStore.getState();
  closeQuestion();
  if (!trust || question === null) return;
  try {
    await currentCore()?.request('workspace.trust', { folder: question, trusted: true });
    dismissRefusals(stores);
    // What was refused of an environment is asked for anew.
    const { environmentFile } = session.getState();
    if (environmentFile !== null) trustStore.setState({ withheld: environmentFile });
    session.setState({ environmentFile: null });
    await lookAgain(stores);
  } catch (failure) {
    notify(problemOf(failure));
  }
}

/** What was refused for want of trust can be asked for again. */
function dismissRefusals(stores: Stores): void {
  const session = stores.get(createSession);
  const { dismissNotice } = session;
  for (const { code, number } of session.getState().notices) if (code === untrusted) dismissNotice(number);
}

/** From now on nothing of the open folder is started, until somebody trusts it again. */
export async function takeTrustBack(stores: Stores): Promise<void> {
  const { currentFolder, currentCore, inform, notify } = stores.get(createSession);
  const folder = currentFolder();
  if (folder === null) return;
  try {
    const taken = await currentCore()?.request('workspace.trust', { folder, trusted: false });
    await lookAgain(stores);
    for (const each of taken?.folders ?? []) inform(`${each} is not trusted any more.`);
  } catch (failure) {
    notify(problemOf(failure));
  }
}

/** The core refused for want of trust: taken back elsewhere, which the banner says, or never given to the environment's own folder. */
export async function takeRefusal(stores: Stores, problem: Problem): Promise<void> {
  try {
    await lookAgain(stores);
  } catch {
    // A core that is gone is told of already.
  }
  if (!stores.get(createTrust).isRestricted()) stores.get(createSession).notify(problem);
}

/** How the folder stands now, and what follows from it: with trust its commit is known and its environment chosen, without neither. */
export async function lookAgain(stores: Stores): Promise<void> {
  const session = stores.get(createSession);
  const { currentFolder, currentCore } = session;
  const trustStore = stores.get(createTrust);
  const folder = currentFolder();
  const core = currentCore();
  if (folder === null || !core) return;
  const workspace = await core.request('workspace.open', { folder });
  if (folder !== currentFolder()) return;
  const { withheld } = trustStore.getState();
  const { environmentFile } = session.getState();
  if (!workspace.trusted) {
    trustStore.setState({ standing: 'restricted', withheld: environmentFile ?? withheld });
    return session.setState({ workspace, environmentFile: null });
  }
  const chosen = environmentFile ?? withheld;
  trustStore.setState({ standing: 'trusted', withheld: null });
  session.setState({ workspace, environmentFile: chosen });
  if (chosen !== environmentFile) await stores.get(createOpening).joinActiveRun(chosen);
}
