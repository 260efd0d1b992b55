/**
 * The walls around plugin processes: bubblewrap (`bwrap`), where it is installed and may make sandboxes. Inside, there is
 * nothing of the machine's files but Node, the system's libraries and the plugin's folder, all read-only; no other
 * processes; and no network unless it is asked for.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import type { Problem } from '#shared/problem.ts';

/** What a plugin's process is started with. */
export interface PluginProgram {
  /** Node, and the files of the program that loads the plugin. */
  readonly node: string;
  readonly files: readonly string[];
  readonly arguments: readonly string[];
  /** The plugin's folder. */
  readonly folder: string;
  readonly network: boolean;
}

export interface PluginSandbox {
  /** The command that executes a program within walls, or as it is where there are none. */
  command(program: PluginProgram): readonly string[];
  /** Said with the plugins' problems where there are no walls. */
  readonly missing: Problem | null;
}

/** ms that the trial may take. */
const patience = 10_000;

/** Where a Linux system keeps what programs are linked with; those that are not there are left out. */
const libraries = ['/lib', '/lib32', '/lib64', '/usr/lib', '/usr/lib32', '/usr/lib64', '/etc/ld.so.cache', '/nix/store', '/gnu/store'];
/** How host names become addresses, and TLS its settings. */
const naming = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/host.conf',
  '/etc/nsswitch.conf',
  '/etc/gai.conf',
  '/etc/services',
  '/etc/ssl/openssl.cnf',
];

/**
 * Looks for bubblewrap in `path` (of the environment) and tries whether it can make a sandbox here, in which Node runs: in many
 * containers it cannot.
 */
export async function findSandbox(path: string | undefined): Promise<PluginSandbox> {
  if (process.platform !== 'linux') return withoutWalls('bubblewrap exists for Linux only');
  const program = await programIn(path ?? '', 'bwrap');
  if (program === null) return withoutWalls('bubblewrap (bwrap) is not installed');
  const node = await realpath(process.execPath);
  const trial = { node, files: [], arguments: ['--version'], folder: dirname(node), network: false };
  const failure = await tried(walls(program, trial));
  if (failure !== null) return withoutWalls(`bubblewrap is there, but cannot make a sandbox (${failure})`);
  return { command: (started) => walls(program, started), missing: null };
}

/** Plugins as they are started where no sandbox can be made; `why` is part of a sentence. */
function withoutWalls(why: string): PluginSandbox {
  return {
    command: (program) => [program.node, ...program.arguments],
    missing: {
      severity: 'information',
      code: 'plugins-without-sandbox',
      message: `Plugins run without a sandbox here: ${why}.`,
      tip: "Node's permission model alone holds them; docs/plugins.md tells what that leaves open.",
    },
  };
}

function walls(bwrap: string, { node, files, arguments: words, folder, network }: PluginProgram): readonly string[] {
  const shown = (path: string): string[] => ['--ro-bind-try', path, path];
  const options =
    '--die-with-parent --new-session --unshare-user-try --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --cap-drop ALL --hostname plugin --dev /dev';
  return [
    bwrap,
    ...options.split(' '),
    ...(network ? [] : ['--unshare-net']),
    ...libraries.flatMap(shown),
    ...(network ? naming.flatMap(shown) : []),
    ...[node, ...files, folder].flatMap((path) => ['--ro-bind', path, path]),
    '--remount-ro',
    '/',
    '--chdir',
    folder,
    '--',
    node,
    ...words,
  ];
}

/** Null when it ended well; otherwise what it said. */
async function tried([program = '', ...words]: readonly string[]): Promise<string | null> {
  try {
    await promisify(execFile)(program, words, { timeout: patience, killSignal: 'SIGKILL', env: {} });
    return null;
  } catch (failure) {
    const said = failure instanceof Error && 'stderr' in failure ? String(failure.stderr) : String(failure);
    const [first = ''] = said.trim().split('\n');
    return first === '' ? 'it says nothing' : first.slice(0, 200);
  }
}

async function programIn(path: string, name: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (!isAbsolute(folder)) continue;
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}
