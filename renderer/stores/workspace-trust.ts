/** Trusting the open folder, taking that back, and following what another console decided about it. */
import { problemOf, type Problem } from '#shared/problem.ts';
import { closeQuestion, isRestricted, untrusted, useTrust } from './trust.ts';
import { currentCore, currentFolder, dismissNotice, inform, notify, useSession } from './session.ts';
import { joinActiveRun } from './workspace.ts';

/** Asks about a folder: the open one, or that of an environment file that is not in it. */
export function askForTrust(folder = currentFolder()): void {
  if (folder !== null) useTrust.setState({ question: folder });
}

/** What the operator answered. */
export async function answerQuestion(trust: boolean): Promise<void> {
  const { question } = useTrust.getState();
  closeQuestion();
  if (!trust || question === null) return;
  try {
    await currentCore()?.request('workspace.trust', { folder: question, trusted: true });
    dismissRefusals();
    // What was refused of an environment is asked for anew.
    const { environmentFile } = useSession.getState();
    if (environmentFile !== null) useTrust.setState({ withheld: environmentFile });
    useSession.setState({ environmentFile: null });
    await lookAgain();
  } catch (failure) {
    notify(problemOf(failure));
  }
}

/** What was refused for want of trust can be asked for again. */
function dismissRefusals(): void {
  for (const { code, number } of useSession.getState().notices) if (code === untrusted) dismissNotice(number);
}

/** From now on nothing of the open folder is started, until somebody trusts it again. */
export async function takeTrustBack(): Promise<void> {
  const folder = currentFolder();
  if (folder === null) return;
  try {
    const taken = await currentCore()?.request('workspace.trust', { folder, trusted: false });
    await lookAgain();
    for (const each of taken?.folders ?? []) inform(`${each} is not trusted any more.`);
  } catch (failure) {
    notify(problemOf(failure));
  }
}

/** The core refused for want of trust: taken back elsewhere, which the banner says, or never given to the environment's own folder. */
export async function takeRefusal(problem: Problem): Promise<void> {
  try {
    await lookAgain();
  } catch {
    // A core that is gone is told of already.
  }
  if (!isRestricted()) notify(problem);
}

/** How the folder stands now, and what follows from it: with trust its commit is known and its environment chosen, without neither. */
export async function lookAgain(): Promise<void> {
  const folder = currentFolder();
  const core = currentCore();
  if (folder === null || !core) return;
  const workspace = await core.request('workspace.open', { folder });
  if (folder !== currentFolder()) return;
  const { withheld } = useTrust.getState();
  const { environmentFile } = useSession.getState();
  if (!workspace.trusted) {
    useTrust.setState({ standing: 'restricted', withheld: environmentFile ?? withheld });
    return useSession.setState({ workspace, environmentFile: null });
  }
  const chosen = environmentFile ?? withheld;
  useTrust.setState({ standing: 'trusted', withheld: null });
  useSession.setState({ workspace, environmentFile: chosen });
  if (chosen !== environmentFile) await joinActiveRun(chosen);
}
