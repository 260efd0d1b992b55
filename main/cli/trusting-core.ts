/**
 * The core for a user of the command line: where something needs a folder to be trusted, it is trusted if the command line says so, or
 * the user at the terminal is asked once; otherwise the refusal stands.
 */
import { createInterface } from 'node:readline/promises';
import { untrustedCode } from '#main/core/workspace/trust.ts';
import type { Core, Method, MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { inert } from './terminal.ts';

/** Scenario and environment may lie in two folders. */
const mostQuestions = 2;

/** @param given whether the command line says `--trust` */
export function trustingCore(core: Core, given: boolean): Core {
  const request = async <M extends Method>(method: M, words: MethodRequest<M>, asked = 0): Promise<MethodResponse<M>> => {
    try {
      return await core.request(method, words);
    } catch (failure) {
      const { code, file } = problemOf(failure);
      if (code !== untrustedCode || file === undefined || asked === mostQuestions) throw failure;
      if (!given && !(await saysYes(file))) throw failure;
      await core.request('workspace.trust', { folder: file, trusted: true });
      return request(method, words, asked + 1);
    }
  };
  return { request: (method, words) => request(method, words), listen: (...words) => core.listen(...words) };
}

/** Where nobody can be asked the answer is no; so it is for every answer but yes. */
async function saysYes(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  process.stderr.write(
    `Nothing of the folder ${inert(folder)} was ever executed here. If you trust it, its plugins may run, its environment is connected to, and commands are signed with your key.\n`,
  );
  const answer = await lines.question('Trust this folder and all that is in it? (y/N) ');
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
