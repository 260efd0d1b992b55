/** `testops workspace trust|distrust|list`: which folders may act. */
import { resolve } from 'node:path';
import { ProblemError } from '#shared/problem.ts';
import { withCore } from '../core-access.ts';
import { formatTable, inert } from '../terminal.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

interface Options {
  readonly archive: string | undefined;
}

export function trustFolder(folder: string, options: Options): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { folders } = await core.request('workspace.trust', { folder: resolve(folder), trusted: true });
    for (const trusted of folders) terminal.line(`Trusted: ${inert(trusted)} and all that is in it.`);
  });
}

export function distrustFolder(folder: string, options: Options): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { folders } = await core.request('workspace.trust', { folder: resolve(folder), trusted: false });
    if (folders.length === 0) {
      throw new ProblemError({
        code: 'not-trusted',
        message: `The folder ${resolve(folder)} was not trusted.`,
        tip: 'testops workspace list shows the folders that are.',
      });
    }
    for (const taken of folders) terminal.line(`No longer trusted: ${inert(taken)}`);
  });
}

export function listTrusted(options: Options & { readonly json?: boolean }): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { folders } = await core.request('workspace.trusted', {});
    if (options.json) return terminal.line(JSON.stringify(folders));
    if (folders.length === 0) return terminal.line('No folder is trusted yet; testops workspace trust <folder> trusts one.');
    for (const line of formatTable(folders.map(({ folder, since }) => [dateAndTimeUtc(since), folder]))) terminal.line(inert(line));
  });
}
