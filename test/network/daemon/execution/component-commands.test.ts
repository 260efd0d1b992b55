/** Starting, stopping and signalling components. */
import { describe, expect, test } from 'vitest';
import { signalName } from '#network/daemon/execution/component-commands.ts';
import { identify } from '#platform/process-identity.ts';
import { executorOf, pause, until } from './executor-under-test.ts';

describe('component commands', () => {
  const engine = (more = '') => `
components:
  Engine:
    start: { command: [sh, -c, 'echo up; exec sleep 1000'], ready: up${more} }
    commands: [kill, signal, start, stop, status]
    signals: [KILL, TERM, USR1]
  Watched:
    find: { pidFile: watched.pid }
    commands: [status, kill]
    signals: [KILL]
actions: {}
`;

  test('start, tell, kill as a crash, stop as a stop', async () => {
    const { run, control, events } = await executorOf(engine());
    expect(await run('status', 'Engine')).toMatchObject({ success: true, result: 'STOPPED' });
    const started = await run('start', 'Engine');
    expect(started).toMatchObject({ success: true, exitStatus: 0 });
    expect(await run('status', 'Engine')).toMatchObject({ result: 'RUNNING' });
    expect(await run('start', 'Engine')).toMatchObject({
      success: false,
      exitStatus: 1,
      message: expect.stringContaining('running already'),
      code: 'already-running',
    });
    expect(await run('kill', '-9', 'Engine')).toMatchObject({ success: true, exitStatus: 0, result: '0' });
    const crash = await until(() => events.find((event) => event.kind === 'component-crashed'), 'the crash');
    expect(crash).toMatchObject({ component: 'Engine', pid: Number(started.result), signal: 'KILL' });
    expect(await run('kill', 'Engine')).toMatchObject({ success: false, message: 'Engine is not running.' });
    await run('start', 'Engine');
    expect(await run('stop', 'Engine')).toMatchObject({ success: true, result: 'stopped' });
    expect(events.filter((event) => event.kind === 'component-stopped')).toHaveLength(1);
    expect(events.filter((event) => event.kind === 'component-crashed')).toHaveLength(1);
    expect(await run('stop', 'Engine')).toMatchObject({ success: true, result: 'not running' });
    expect(control.views().find((view) => view.component === 'Engine')).toMatchObject({ pid: null });
  });

  test('only those that are allowed, on components that are there, with signals that are listed', async () => {
    const { refusal } = await executorOf(engine());
    expect(refusal('kill', '-KILL', 'Engine')).toBe('accepted');
    expect(refusal('kill', '-SIGKILL', 'Engine')).toBe('accepted');
    expect(refusal('kill', '-s', 'KILL', 'Engine')).toBe('accepted');
    expect(refusal('signal', 'usr1', 'Engine')).toBe('accepted');
    expect(refusal('kill', '-HUP', 'Engine')).toBe('not-allowed');
    expect(refusal('signal', 'NONSENSE', 'Engine')).toBe('bad-arguments');
    expect(refusal('kill', '-9', 'Other')).toBe('bad-arguments');
    expect(refusal('kill', '-9')).toBe('bad-arguments');
    expect(refusal('kill', '-9', 'Engine', 'Watched')).toBe('bad-arguments');
    expect(refusal('stop', 'Watched')).toBe('not-allowed');
    expect(refusal('kill', 'Watched')).toBe('not-allowed');
    expect([signalName('9'), signalName('SIGTERM'), signalName('0'), signalName('')]).toEqual(['KILL', 'TERM', undefined, undefined]);
  });

  test('a stop that is not heeded ends in KILL', async () => {
    const { run, events } = await executorOf(`
components:
  Deaf:
    start: { command: [sh, -c, 'trap "" TERM; echo up; while true; do sleep 0.05; done'], ready: up }
    stop: { timeout: 200ms }
    commands: [start, stop]
`);
    expect(await run('start', 'Deaf')).toMatchObject({ success: true });
    expect(await run('stop', 'Deaf')).toMatchObject({ success: true, result: 'stopped' });
    await until(() => events.some((event) => event.kind === 'component-stopped'), 'the stop');
    expect(events.some((event) => event.kind === 'component-crashed')).toBe(false);
  });

  test('a start that fails leaves nothing behind and tells what the program said', async () => {
    const { run, control } = await executorOf(`
components:
  Broken:
    start: { command: [sh, -c, 'sleep 1000 & echo port in use >&2; exit 5'], ready: never, timeout: 2s }
    commands: [start]
  Slow:
    start: { command: [sleep, '1000'], ready: never, timeout: 300ms }
    commands: [start]
`);
    expect(await run('start', 'Broken')).toMatchObject({ success: false, exitStatus: 5, message: expect.stringContaining('port in use') });
    expect(await run('start', 'Slow')).toMatchObject({ status: 'timed out', success: false });
    expect(control.views().map((view) => view.pid)).toEqual([null, null]);
  });

  test('one that is to run always is started again after a kill, not after a stop', async () => {
    const { run, events, control } = await executorOf(engine(', restart: always'));
    const first = Number((await run('start', 'Engine')).result);
    await run('kill', '-9', 'Engine');
    const second = await until(() => {
      const pid = control.views().find((view) => view.component === 'Engine')?.pid;
      return pid !== first && (pid ?? false);
    }, 'another process');
    await run('stop', 'Engine');
    await pause(200);
    expect(identify(second)).toBeUndefined();
    expect(control.views().find((view) => view.component === 'Engine')?.pid).toBeNull();
    expect(events.filter((event) => event.kind === 'notice' && event.code === 'component-restart')).toHaveLength(1);
  });
});
