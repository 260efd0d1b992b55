/**
 * A folder that somebody else made: a git repository whose configuration names programs, a plugin, and an environment file that names a
 * router of theirs. It can be seen whether any of it acted.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKey } from '#platform/keys.ts';

export interface StrangerFolder {
  readonly folder: string;
  readonly environmentFile: string;
  /** The commit at which it stands. */
  readonly commit: string;
  /** Connections that came to the router. */
  connections(): number;
  /** Programs of the repository that were started, by what they left behind. */
  started(): string[];
  dispose(): Promise<void>;
}

/** Programs that git would start for a repository that names them. */
const programs = ['filter', 'fsmonitor', 'hook', 'helper'] as const;

export async function makeStrangerFolder(): Promise<StrangerFolder> {
  const place = mkdtempSync(join(tmpdir(), 'testops-stranger-'));
  const folder = join(place, 'workspace');
  mkdirSync(join(folder, 'scenarios'), { recursive: true });
  mkdirSync(join(folder, 'plugins'));
  mkdirSync(join(folder, 'keys'));
  let connections = 0;
  const router = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.end();
  });
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve));
  const { port } = router.address() as AddressInfo;
  writeFileSync(join(folder, 'scenarios', 'theirs.scn'), 'log hello\nwait 1s\n');
  writeFileSync(join(folder, 'plugins', 'theirs.mjs'), "export default { name: 'theirs', run: () => 'x' };\n");
  writeFileSync(join(folder, 'keys', 'ada.seed'), newKey().seed, { mode: 0o600 });
  const environmentFile = join(folder, 'environment.yaml');
  writeFileSync(environmentFile, `environment: theirs\nrouter: nats://127.0.0.1:${port}\noperator: { name: ada, key: keys/ada.seed }\n`);

  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-C', folder, ...words], { encoding: 'utf8' });
  git('init', '--quiet');
  writeFileSync(join(folder, '.gitattributes'), '*.scn filter=theirs\n');
  writeFileSync(join(folder, '.gitignore'), 'keys/\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Theirs');
  for (const name of programs) {
    const file = join(place, name);
    writeFileSync(file, `#!/bin/sh\ntouch '${file}.started'\ncat\n`);
    chmodSync(file, 0o755);
  }
  git('config', 'filter.theirs.clean', join(place, 'filter'));
  git('config', 'core.fsmonitor', join(place, 'fsmonitor'));
  git('config', 'core.pager', join(place, 'helper'));
  mkdirSync(join(place, 'hooks'));
  writeFileSync(join(place, 'hooks', 'post-index-change'), `#!/bin/sh\n'${join(place, 'hook')}' </dev/null\n`, { mode: 0o755 });
  git('config', 'core.hooksPath', join(place, 'hooks'));
  // Another time than the index says, so that git has to look into the file.
  utimesSync(join(folder, 'scenarios', 'theirs.scn'), new Date(), new Date(Date.now() - 100_000));
  for (const name of programs) rmSync(join(place, `${name}.started`), { force: true });
  return {
    folder,
    environmentFile,
    commit: git('rev-parse', 'HEAD').trim(),
    connections: () => connections,
    started: () => programs.filter((name) => existsSync(join(place, `${name}.started`))),
    dispose: async () => {
      await new Promise<void>((resolve) => router.close(() => resolve()));
      rmSync(place, { recursive: true, force: true });
    },
  };
}
