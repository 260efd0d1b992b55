/** The executor: arguments become exactly the words meant, and whatever is started can be ended with everything that came of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { readChildren } from '#network/daemon/execution/children-ledger.ts';
import { identify, lives } from '#platform/process-identity.ts';
import { markVariable } from '#network/daemon/execution/process-group.ts';
import { executorOf, folder, pause, script, until } from './executor-under-test.ts';

describe('actions', () => {
  test('run without a shell, in a clean environment, with their output as events', async () => {
    process.env['EXECUTOR_TEST_SECRET'] = 'leak';
    const { run, output } = await executorOf(`
actions:
  show:
    command: [sh, -c, 'echo "$1"; env; echo problem >&2; exit 3', show, '{text}']
    parameters: { text: { type: string } }
    environment: { GREETING: hi }
    success: [3]
`);
    const outcome = await run('show', '$(id); `id` "quoted" \\ *');
    delete process.env['EXECUTOR_TEST_SECRET'];
    expect(outcome).toMatchObject({ status: 'completed', exitStatus: 3, success: true, signal: null });
    const names = output()
      .slice(1)
      .map((line) => line.split('=')[0]!)
      .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name));
    expect(output()[0]).toBe('$(id); `id` "quoted" \\ *');
    expect(names.sort()).toEqual(['GREETING', 'HOME', 'LANG', 'PATH', markVariable]);
    expect(output('stderr')).toEqual(['problem']);
  });

  test('that cannot start say why in one sentence', async () => {
    const { run } = await executorOf(`
actions:
  missing: { command: [/no/such/program] }
  elsewhere: { command: ['true'], directory: /no/such/folder }
  nobody: { command: ['true'], user: no-such-user-here }
`);
    expect(await run('missing')).toMatchObject({
      status: 'failed to start',
      success: false,
      message: expect.stringContaining('no such program'),
    });
    expect(await run('elsewhere')).toMatchObject({ status: 'failed to start', message: expect.stringContaining('/no/such/folder') });
    expect(await run('nobody')).toMatchObject({ status: 'failed to start', message: 'There is no user "no-such-user-here" on this host.' });
  });

  test.skipIf(process.getuid?.() !== 0)('run as another user when the daemon is root', async () => {
    const { run } = await executorOf('actions:\n  who: { command: [id, -u, -n], user: nobody, directory: /, result: last line }');
    expect(await run('who')).toMatchObject({ success: true, result: 'nobody' });
  });

  test('time out together with descendants that left group, session and parent', async () => {
    const escape = await script(
      'escape.sh',
      `#!/bin/sh
trap '' TERM
setsid sh -c 'echo $$ > ${folder}/grandchild; trap "" TERM; (sleep 1000 & echo $! > ${folder}/greatgrandchild); exec sleep 1000' &
sh -c 'setsid sleep 1000 & echo $! > ${folder}/orphan' &
echo $$ > ${folder}/child
while true; do sleep 0.05; done
`,
    );
    const { run, ledgerFile } = await executorOf(`actions:\n  escape: { command: [${escape}], timeout: 700ms }`);
    const running = run('escape');
    const names = ['child', 'grandchild', 'greatgrandchild', 'orphan'];
    const identities = await until(async () => {
      const found = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
      return found.every((text) => text.endsWith('\n')) && found.map((text) => identify(Number(text)));
    }, 'the processes');
    expect(identities.every((each) => each !== undefined)).toBe(true);
    const outcome = await running;
    expect(outcome).toMatchObject({
      status: 'timed out',
      success: false,
      message: 'It took longer than 700 ms and ended with all its processes.',
    });
    expect(identities.filter((each) => lives(each!))).toEqual([]);
    expect(readChildren(ledgerFile)).toEqual([]);
  });

  test('can be cancelled, and only while they run', async () => {
    const { executor, start } = await executorOf("actions:\n  long: { command: [sleep, '1000'] }");
    const { id, outcome } = start('long');
    await pause(50);
    expect(await executor.cancel(id)).toMatchObject({ status: 'completed', exitStatus: 0, success: true });
    expect(await outcome).toMatchObject({ status: 'cancelled', signal: 'TERM', success: false });
    expect(executor.cancel(id)).toBeUndefined();
  });

  test('cancelled in the very moment of their start do not run on', async () => {
    const { executor, start } = await executorOf("actions:\n  long: { command: [sleep, '1000'] }");
    const { id, outcome } = start('long');
    await executor.cancel(id);
    expect(await outcome).toMatchObject({ status: 'cancelled' });
  });

  test('are not held up by a descendant that keeps their output open', async () => {
    const { run } = await executorOf("actions:\n  leave: { command: [sh, -c, 'sleep 1000 & echo $!'], result: last line }");
    const outcome = await run('leave');
    // What an action leaves behind when it ends by itself (a service that it started) is left alone.
    expect(outcome).toMatchObject({ success: true });
    expect(process.kill(Number(outcome.result), 'SIGKILL')).toBe(true);
  });

  test('that are carried out wrongly reject, and count as running no longer', async () => {
    const { executor, refusal } = await executorOf("actions:\n  one: { command: [sleep, '1000'] }");
    const prepared = executor.prepare('one', []);
    if ('code' in prepared) throw new Error(prepared.reason);
    const outcome = prepared.execute('no name of a command');
    await expect(outcome).rejects.toThrow(/invalid|pattern/i);
    expect(refusal('one')).toBe('accepted');
  });

  test('run so many at a time as configured', async () => {
    const { start, refusal, executor } = await executorOf(
      "actions:\n  one: { command: [sleep, '1000'] }\n  two: { command: [sleep, '1000'], concurrency: 2 }",
    );
    const first = start('one');
    start('two');
    expect([refusal('one'), refusal('two')]).toEqual(['busy', 'accepted']);
    start('two');
    expect(refusal('two')).toBe('busy');
    await executor.cancel(first.id);
    expect(refusal('one')).toBe('accepted');
  });

  test('in the background go on when ready, and end by their stop action', async () => {
    const { run, refusal, output, events } = await executorOf(`
actions:
  start_load:
    command: [sh, -c, 'echo warming up; sleep 0.1; echo "ready at 5"; while true; do echo tick; sleep 0.05; done']
    background: { ready: '^ready at \\d+$', timeout: 5s }
  stop_load: { stops: start_load }
`);
    expect(await run('start_load')).toMatchObject({ status: 'completed', success: true, exitStatus: null, result: 'ready at 5' });
    expect(refusal('start_load')).toBe('busy');
    const count = output().length;
    await until(() => output().length > count + 2, 'more output');
    expect(await run('stop_load')).toMatchObject({ success: true, exitStatus: 0, result: 'stopped' });
    expect(refusal('start_load')).toBe('accepted');
    expect(await run('stop_load')).toMatchObject({ success: true, result: 'not running' });
    expect(events.filter((event) => event.kind === 'notice')).toEqual([]);
  });

  const loadGenerator = (folder: string): string => `
components:
  LoadGenerator: { find: { pidFile: ${join(folder, 'load.pid')} }, commands: [kill], signals: [KILL] }
actions:
  start_load:
    command: [sh, -c, 'echo $$ > ${join(folder, 'load.pid')}; echo up; exec sleep 1000']
    background: { ready: '^up$', timeout: 5s }
  stuck_load:
    command: [sh, -c, 'echo $$ > ${join(folder, 'load.pid')}; exec sleep 1000']
    background: { ready: '^up$', timeout: 60s }
  stop_load: { stops: start_load }
`;
  const ends = (events: readonly DaemonEvent[]): string[] =>
    events.flatMap(({ kind }) => (kind === 'component-stopped' || kind === 'component-crashed' ? [kind] : []));

  test('that are ended by order stop the components that run in them; those do not crash', async () => {
    const { run, start, executor, control, events } = await executorOf(loadGenerator(folder));
    const component = control.views()[0]!.component;
    const isRunning = () => control.view(component)?.state === 'RUNNING';

    await run('start_load');
    await until(isRunning, 'the load generator');
    expect(await run('stop_load')).toMatchObject({ result: 'stopped' });
    // Told before the order is answered, so that the next step of a scenario sees it.
    expect(control.view(component)).toMatchObject({ state: 'STOPPED', pid: null });

    const stuck = start('stuck_load');
    await until(isRunning, 'the load generator');
    await executor.cancel(stuck.id);
    expect(control.view(component)).toMatchObject({ state: 'STOPPED' });

    await run('start_load');
    await until(isRunning, 'the load generator');
    await run('kill', '-9', 'LoadGenerator');
    await until(() => control.view(component)?.state === 'CRASHED', 'the crash');

    // The action that it ran in ends a moment after it, and may run only once.
    const again = async (): Promise<unknown> =>
      run('start_load').catch(async (failure: unknown) => {
        if (!String(failure).includes('busy')) throw failure;
        await new Promise((resolve) => setTimeout(resolve, 10));
        return again();
      });
    await again();
    await until(isRunning, 'the load generator');
    await executor.dispose();
    expect(ends(events)).toEqual(['component-stopped', 'component-stopped', 'component-crashed', 'component-stopped']);
  });

  test('in the background that end too early, or are never ready, fail; those that end later are told', async () => {
    const { run, events, refusal } = await executorOf(`
actions:
  early: { command: [sh, -c, 'echo no port; exit 7'], background: { ready: ready } }
  never: { command: [sleep, '1000'], background: { ready: ready, timeout: 200ms } }
  later: { command: [sh, -c, 'sleep 0.3; exit 4'], background: {} }
`);
    expect(await run('early')).toMatchObject({
      status: 'completed',
      success: false,
      exitStatus: 7,
      message: expect.stringContaining('exit status 7'),
    });
    expect(await run('never')).toMatchObject({ status: 'timed out', success: false });
    expect(await run('later')).toMatchObject({ success: true });
    await until(() => events.some((event) => event.kind === 'notice' && event.code === 'background-ended'), 'the notice');
    expect(refusal('later')).toBe('accepted');
  });

  test('unknown or wrongly called are refused before anything happens', async () => {
    const { refusal } = await executorOf("actions:\n  run: { command: [echo, '{n}'], parameters: { n: { type: integer } } }");
    expect([refusal('nothing'), refusal('run'), refusal('run', 'x'), refusal('run', '1', '2'), refusal('run', '1')]).toEqual([
      'unknown-action',
      'bad-arguments',
      'bad-arguments',
      'bad-arguments',
      'accepted',
    ]);
  });
});
