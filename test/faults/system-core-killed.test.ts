/**
 * `testops run` is killed amid a run that promised undo commands; `testops runs recover` then has them executed, really
 * and once each: every execution leaves a line in a file.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch, nodeOptions, openNetwork, saying, testops } from '../network-of-processes.ts';
import { trustFolder } from '../trusted-folder.ts';
import { Ownership } from '#shared/disposable.ts';

const append = 'require("node:fs").appendFileSync(process.argv[1], process.argv[2] + "\\n")';
const scenario = `do_it start
defer do_it undo-first
defer do_it undo-second
do_it middle
wait 1h
`;

test('a console killed amid a run: its undo commands are executed once, in reverse order', { timeout: 90_000 }, async () => {
  const owned = new Ownership();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'testops-core-killed-'));
    await trustFolder(folder);
    owned.own(() => rm(folder, { recursive: true, force: true }));
    const done = join(folder, 'done.txt');
    const network = await openNetwork({
      daemon: {
        actions: { do_it: { command: [process.execPath, '-e', append, done, '{what}'], parameters: { what: { type: 'string' } } } },
      },
    });
    owned.own(network);
    await network.startDaemon();
    const scenarioFile = join(folder, 'promises.scn');
    await writeFile(scenarioFile, scenario);
    const command = (...words: string[]) => {
      const program = launch(process.execPath, [...nodeOptions, testops, ...words], folder, { TESTOPS_ARCHIVE: join(folder, 'archive') });
      owned.own(() => program.kill('SIGKILL'));
      return program;
    };
    const doings = async (): Promise<string[]> => (await readFile(done, 'utf8')).trim().split('\n');

    const console = command('run', scenarioFile, '-e', network.environmentFile, '--json');
    await saying(console, '"text":"wait 1h"');
    await console.kill('SIGKILL');
    expect(await doings()).toEqual(['start', 'middle']);

    const owing = command('runs', 'recover');
    await owing.ended;
    expect(owing.output()).toMatch(/owes: .*do_it undo-first; .*do_it undo-second/);
    expect(await doings()).toEqual(['start', 'middle']);

    const recovering = command('runs', 'recover', 'last', '--environment', network.environmentFile);
    await recovering.ended;
    expect(recovering.output()).toMatch(/executed: .*do_it undo-second\nexecuted: .*do_it undo-first/);
    expect(recovering.child.exitCode).toBe(0);
    expect(await doings()).toEqual(['start', 'middle', 'undo-second', 'undo-first']);

    const again = command('runs', 'recover', 'last', '--environment', network.environmentFile);
    await again.ended;
    expect(again.output()).toContain('cannot be recovered: it has ended (interrupted)');
    expect(await doings()).toEqual(['start', 'middle', 'undo-second', 'undo-first']);
  } finally {
    await owned.dispose();
  }
});
