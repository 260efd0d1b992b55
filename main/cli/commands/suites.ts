/** `testops suites list|check`: the suites and campaigns that a workspace has, and what is wrong with their files. */
import { resolve } from 'node:path';
import { readQuarantine } from '#main/core/campaigns/files/campaign-files.ts';
import { counted } from '#shared/wording/counts.ts';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert } from '../terminal.ts';

interface Options {
  readonly archive: string | undefined;
  readonly json?: boolean;
}

export function listSuites(folder: string, options: Options): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { suites } = await core.request('suites.list', { folder: resolve(folder) });
    const { files } = await core.request('campaigns.files', { folder: resolve(folder) });
    if (options.json) return terminal.line(JSON.stringify({ suites, campaigns: files }));
    if (suites.length === 0) return terminal.line('No suites here; they stand in the folder suites, one YAML file each.');
    const rows = suites.map(({ name, adapter, title, problems }) => [name, adapter ?? '', title === name ? '' : title, problems.length === 0 ? '' : counted(problems.length, 'problem')]); // prettier-ignore
    for (const line of formatTable([['SUITE', 'ADAPTER', 'TITLE', ''], ...rows])) terminal.line(inert(line));
    if (files.length > 0) terminal.line(terminal.colours.dim(`campaigns: ${files.map(({ name }) => name).join(', ')}`));
  });
}

/** All problems of suites, campaigns and quarantine at once; exit status 2 when one of them is an error. */
export function checkSuites(folder: string, options: Options): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const workspace = resolve(folder);
    const { suites, problems } = await core.request('suites.list', { folder: workspace });
    const { files } = await core.request('campaigns.files', { folder: workspace });
    const quarantine = await readQuarantine(workspace);
    const all = [
      ...suites.flatMap((suite) => suite.problems),
      ...problems,
      ...files.flatMap((file) => file.problems),
      ...quarantine.problems,
    ];
    const errors = all.filter(({ severity }) => severity === 'error').length;
    if (errors > 0) process.exitCode = exitCodes.usage;
    if (options.json) return terminal.line(JSON.stringify(all));
    for (const problem of all) terminal.problem({ ...problem, tip: problem.tip ?? '' });
    if (errors === 0)
      terminal.line(
        `${counted(suites.length, 'suite')}, ${counted(files.length, 'campaign')}, ${counted(quarantine.entries.length, 'test')} in quarantine: no errors`,
      );
  });
}
