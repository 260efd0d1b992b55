/** The group `testops workspace`: what there is; the work is loaded when it is called. */
import type { Command } from 'commander';

/** @param archive the folder that the command line names, once it was read */
export function addWorkspaceCommands(program: Command, archive: () => string | undefined): void {
  const workspace = program.command('workspace').description('which folders may act: run plugins, connect, have commands signed');
  workspace
    .command('trust')
    .description('trust a folder and all that is in it')
    .argument('<folder>', 'folder of the workspace')
    .action(async (folder) => (await import('./commands/workspace.ts')).trustFolder(folder, { archive: archive() }));
  workspace
    .command('distrust')
    .description('take that back')
    .argument('<folder>', 'folder of the workspace')
    .action(async (folder) => (await import('./commands/workspace.ts')).distrustFolder(folder, { archive: archive() }));
  workspace
    .command('list')
    .description('the folders that are trusted, and since when')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/workspace.ts')).listTrusted({ ...options, archive: archive() }));
}
