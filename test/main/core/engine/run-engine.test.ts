/** The engine with fakes around it: what it writes, what it sends, and in which order. */
import { expect, test, vi } from 'vitest';
import { FakeLink, component, daemon, epoch, settle } from './fakes.ts';
import { startRun } from './harness.ts';
import { deckScenario as deck } from '../../../shared/scenario/scenario-samples.ts';
import type { PluginHost } from '#main/core/ports.ts';

const smoke = (result: string): FakeLink => {
  const link = new FakeLink();
  link.answer = (sent) => sent.finish({ result: sent.action === 'exec_smoke' ? result : '' });
  return link;
};

test('the deck’s scenario takes both of its traces', async () => {
  const passing = startRun(deck, { link: smoke('PASS') });
  expect(await passing.engine.finished).toMatchObject({ outcome: 'passed' });
  expect(passing.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 8]);
  expect(passing.link.sent.map((sent) => [sent.action, ...sent.arguments])).toEqual([
    ['start_load'],
    ['kill', '-9', 'MatchingEnginePrimary'],
    ['exec_smoke'],
  ]);
  const failing = startRun(deck, { link: smoke('FAIL') });
  expect(await failing.engine.finished).toMatchObject({ outcome: 'failed' });
  expect(failing.journal.of('step-started').map(({ step }) => step.number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(failing.journal.records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'failed' });
  expect(failing.link.listeners).toBe(0);
  expect(failing.clock.waiting).toBe(0);
});

test('a command is sent only after its record is on disk', async () => {
  const link = new FakeLink();
  const { engine, journal } = startRun('start_load\nstop_load', { link, held: true });
  await settle();
  expect(link.sent).toEqual([]);
  journal.makeRoom();
  await engine.finished;
  expect(link.sent.length).toBe(2);
});

test('a promised undo is on disk before its step ends, and runs at the end in reverse order', async () => {
  const link = new FakeLink();
  const { engine, journal } = startRun('defer stop_load\ndefer restore_engine now\nstart_load\nexit fail broken', { link });
  expect(await engine.finished).toMatchObject({ outcome: 'failed' });
  expect(link.sent.map((sent) => sent.action)).toEqual(['start_load', 'restore_engine', 'stop_load']);
  const kinds = journal.records.map((record) => record.kind);
  expect(kinds.indexOf('deferred')).toBeLessThan(kinds.indexOf('step-finished'));
  expect(journal.of('step-started').filter(({ step }) => step.phase === 'deferred').length).toBe(2);
});

test('an unknown command is an error of its step, with the suggestion', async () => {
  const { engine, journal } = startRun('unknown_thing\necho on', { policy: 'continue' });
  expect(await engine.finished).toMatchObject({ outcome: 'error' });
  expect(journal.of('command-failed')[0]).toMatchObject({
    command: null,
    message: "Nobody offers 'unknown_thing'. Did you mean 'exec_smoke'?",
  });
  expect(journal.trace()).toEqual(['0 error', '1 passed']);
});

test('the failure policies: abort ends the run, pause asks the operator', async () => {
  const aborted = startRun('defer stop_load\nunknown_thing\necho on', { policy: 'abort' });
  expect(await aborted.engine.finished).toMatchObject({ outcome: 'error' });
  expect(aborted.journal.trace()).toEqual(['0 passed', '1 error', '0 passed']);

  const link = new FakeLink();
  let tries = 0;
  link.answer = (sent) => sent.finish({ success: ++tries > 1, exitStatus: tries > 1 ? 0 : 1 });
  const paused = startRun('exec_smoke\necho on', { policy: 'pause', link });
  await vi.waitFor(() => expect(paused.journal.of('paused')[0]).toMatchObject({ reason: 'failure' }));
  await paused.act({ kind: 'retry' });
  expect(await paused.engine.finished).toMatchObject({ outcome: 'passed' });
  expect(paused.journal.trace()).toEqual(['0 failed', '0 passed', '1 passed']);
});

test('the time of a pause does not count towards the timeout', async () => {
  const { engine, clock, act } = startRun('---\ntimeout: 120s\n---\nwait 100s\nwait 100s', { startPaused: true });
  await vi.waitFor(() => expect(engine.machine.status).toBe('paused'));
  await clock.advance(600_000);
  await act({ kind: 'step' });
  await vi.waitFor(() => expect(engine.machine.status).toBe('busy'));
  await clock.advance(100_000);
  await vi.waitFor(() => expect(engine.machine.status).toBe('paused'));
  await clock.advance(600_000);
  await act({ kind: 'continue' });
  await vi.waitFor(() => expect(engine.machine.status).toBe('busy'));
  await clock.advance(19_999);
  await settle();
  expect(engine.machine.status).toBe('busy');
  await clock.advance(1);
  expect(await engine.finished).toMatchObject({ outcome: 'error', reason: 'The run took longer than its timeout of 120 s.' });
  expect(clock.waiting).toBe(0);
});

test('pause, breakpoint, step, goto, set, skip and stop', async () => {
  const { engine, journal, act, link } = startRun(
    'set a = 1\necho one\necho #{a}\ncommand_left_out\necho four\ndefer stop_load\necho five',
    {
      startPaused: true,
      breakpoints: [{ scenario: 'root', line: 5 }],
    },
  );
  await settle();
  expect(journal.trace()).toEqual([]);
  await act({ kind: 'step' });
  await vi.waitFor(() => expect(journal.trace()).toEqual(['0 passed']));
  await vi.waitFor(() => expect(engine.machine.status).toBe('paused'));
  await act({ kind: 'goto', line: 2 });
  await act({ kind: 'set-variable', name: 'a', value: 'seven' });
  await act({ kind: 'step' });
  await vi.waitFor(() => expect(engine.machine.status).toBe('paused'));
  await vi.waitFor(() => expect(journal.of('echo').map(({ text }) => text)).toEqual(['seven']));
  await act({ kind: 'skip' });
  await act({ kind: 'continue' });
  await vi.waitFor(() => expect(journal.of('paused').at(-1)).toMatchObject({ reason: 'breakpoint' }));
  await act({ kind: 'set-breakpoints', breakpoints: [{ scenario: 'root', line: 6 }] });
  await act({ kind: 'continue' });
  await vi.waitFor(() => expect(journal.of('paused').filter(({ reason }) => reason === 'breakpoint').length).toBe(2));
  await act({ kind: 'stop' });
  expect(await engine.finished).toMatchObject({ outcome: 'stopped' });
  expect(link.sent.map((sent) => sent.action)).toEqual(['stop_load']);
  expect(journal.of('operator').map(({ operator, action }) => `${operator} ${action.kind}`)).toEqual(
    ['step', 'goto', 'set-variable', 'step', 'skip', 'continue', 'set-breakpoints', 'continue', 'stop'].map((kind) => `alice ${kind}`),
  );
});

test('actions that make no sense now are refused with a sentence and not recorded', async () => {
  const { engine, journal, act } = startRun('echo one\n\necho three', { startPaused: true });
  await settle();
  await expect(act({ kind: 'goto', line: 1 })).rejects.toThrow("Line 2 of 'root' is no statement");
  await expect(act({ kind: 'goto', line: 99 })).rejects.toThrow('Line 100');
  await expect(act({ kind: 'retry' })).rejects.toThrow('no failed step');
  await expect(act({ kind: 'pause' })).rejects.toThrow('paused already');
  await expect(act({ kind: 'answer', reference: 5, answer: 'x' })).rejects.toThrow('not open');
  await expect(act({ kind: 'set-variable', name: 'two words', value: 'x' })).rejects.toThrow('no name for a variable');
  await expect(act({ kind: 'set-breakpoints', breakpoints: [{ scenario: 'root', line: 1 }] })).rejects.toThrow('never be reached');
  expect(journal.of('operator')).toEqual([]);
  await act({ kind: 'continue' });
  await engine.finished;
  await expect(act({ kind: 'stop' })).rejects.toThrow('has ended');
});

test('two consoles at once: both are recorded, the order is decided here, the second retry comes too late', async () => {
  const link = new FakeLink();
  let tries = 0;
  link.answer = (sent) => {
    if (++tries === 1) sent.finish({ success: false, exitStatus: 1 });
  };
  const { engine, journal, act } = startRun('exec_smoke', { policy: 'pause', link });
  await vi.waitFor(() => expect(engine.machine.status).toBe('paused'));
  const [first, second, note] = await Promise.allSettled([
    act({ kind: 'retry' }, 'alice'),
    act({ kind: 'retry' }, 'bob'),
    act({ kind: 'note', text: 'watch the queue' }, 'bob'),
  ]);
  expect([first?.status, second?.status, note?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(journal.of('operator').map(({ operator, action }) => `${operator} ${action.kind}`)).toEqual(['alice retry', 'bob note']);
  expect(journal.of('note')[0]).toMatchObject({ author: 'bob', text: 'watch the queue' });
  await vi.waitFor(() => expect(link.sent.length).toBe(2));
  link.sent[1]!.finish();
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
});

test('waits are driven by changes of readings, and time out by the clock', async () => {
  const { engine, journal, link, clock } = startRun(
    'wait Engine.STATE == READY within 30s\nexpect Engine.rss < 500MB for 5s\nwait Engine.STATE == DOWN within 10s',
    { policy: 'continue' },
  );
  await clock.advance(29_000);
  expect(journal.trace()).toEqual([]);
  link.set('Engine.STATE', 'READY');
  link.set('Engine.rss', 100_000_000);
  await clock.advance(5_100);
  expect(journal.trace()).toEqual(['0 passed', '1 passed']);
  await clock.advance(11_000);
  expect(journal.trace()).toEqual(['0 passed', '1 passed', '2 timed out']);
  await engine.finished;
  expect(journal.of('step-finished')[0]!.duration).toBeGreaterThanOrEqual(29_000);
  expect(link.listeners).toBe(0);
});

test('an event that came right after the fault is seen by the wait that follows it', async () => {
  const link = new FakeLink();
  link.answer = (sent) => {
    link.tell({ kind: 'component-crashed', time: 1, component: component('Engine'), pid: 7, exitStatus: null, signal: 'SIGKILL' });
    sent.finish();
  };
  const { engine, journal } = startRun('kill -9 Engine\nwait crash of Engine within 5s\nwait event failover within 5s', { link });
  await vi.waitFor(() => expect(journal.trace()).toEqual(['0 passed', '1 passed']));
  const log = { kind: 'log', time: 2, component: null, file: 'a.log', severity: 'info', text: 'took over', fields: {} } as const;
  link.tell({ ...log, event: null }, { ...log, event: 'failover' });
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(journal.of('observation').flatMap(({ events }) => events.map(({ kind }) => kind))).toContain('component-crashed');
});

test('an error event takes a handler while another step runs', async () => {
  const { engine, journal, link } = startRun('on error from Engine goto lost\nwait 1h\necho never\nlabel lost\necho lost');
  await vi.waitFor(() => expect(journal.of('step-started').length).toBe(2));
  link.tell({
    kind: 'log',
    time: 1,
    component: component('Engine'),
    file: 'e.log',
    severity: 'error',
    event: null,
    text: 'bad',
    fields: {},
  });
  await engine.finished;
  expect(journal.of('handler-fired')[0]).toMatchObject({ label: 'lost' });
  expect(journal.of('echo').map(({ text }) => text)).toEqual(['lost']);
});

test('a skipped command is cancelled, and what the daemon then says is recorded', async () => {
  const link = new FakeLink();
  link.answer = () => undefined;
  const { engine, journal, act } = startRun('exec_long\necho on', { link });
  await vi.waitFor(() => expect(link.sent.length).toBe(1));
  await act({ kind: 'skip' });
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(link.sent[0]!.cancelled).toBe(true);
  expect(journal.of('command-finished')[0]).toMatchObject({ outcome: { status: 'cancelled' } });
  expect(journal.trace()).toEqual(['0 skipped', '1 passed']);
});

test('a lost daemon fails its command and not the run', async () => {
  const link = new FakeLink();
  link.answer = (sent) => sent.fail('The daemon MEP is lost.');
  const { engine, journal } = startRun('start_load\necho on', { link });
  link.say({ kind: 'connection', connected: false, message: 'The router does not answer.' });
  expect(await engine.finished).toMatchObject({ outcome: 'error' });
  expect(journal.of('link')[0]).toMatchObject({ state: 'disconnected' });
  expect(journal.of('command-failed')[0]).toMatchObject({ message: 'The daemon MEP is lost.' });
  expect(journal.trace()).toEqual(['0 error', '1 passed']);
});

test('everything the link tells is in the log, once', async () => {
  const { engine, journal, link } = startRun('wait event done within 1m');
  await settle();
  const presence = { kind: 'presence', daemon, state: 'present', epoch, clockOffset: 3 } as const;
  link.say(presence);
  link.say({ ...presence, clockOffset: 4 });
  link.say({ kind: 'gap', daemon, epoch, from: 3, to: 7, state: 'lost', reason: 'dropped by the spool' });
  link.say({ kind: 'problem', problem: { severity: 'warning', code: 'odd', message: 'Odd.' } });
  const series = [{ id: 1, component: component('Engine'), metric: 'rss', unit: 'bytes', kind: 'gauge' } as const];
  const frame = { kind: 'pairs', epoch, sequence: 9, time: 5, values: Float64Array.of(1), series: Uint32Array.of(1) } as const;
  link.say({ kind: 'samples', daemon, frame, series });
  link.say({ ...presence, state: 'lost' });
  link.tell({ kind: 'log', time: 1, component: null, file: 'a', severity: 'info', event: 'done', text: '', fields: {} });
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(journal.of('presence').map(({ state }) => state)).toEqual(['present', 'lost']);
  expect(journal.of('gap').length).toBe(1);
  expect(journal.of('problem')[0]).toMatchObject({ code: 'odd', tip: null });
  expect(journal.batches[0]).toMatchObject({ daemon, sequence: 9 });
});

test('the end waits for the output of the last command, but not for ever', async () => {
  const link = new FakeLink();
  link.observed = false;
  const { engine, journal, clock } = startRun('exec_smoke', { link });
  await vi.waitFor(() => expect(journal.trace()).toEqual(['0 passed']));
  const { command } = link.sent[0]!;
  link.tell({ kind: 'command-output', time: 1, command, stream: 'stdout', text: 'late line' });
  await settle();
  expect(journal.of('run-finished')).toEqual([]);
  await clock.advance(1_100);
  await engine.finished;
  expect(journal.of('observation').length).toBe(1);
  expect(journal.records.at(-1)!.kind).toBe('run-finished');
});

test('prompts: answered by an operator, by their default, or not at all', async () => {
  const text = "prompt choice 'Go on?' yes no default no\necho #{choice}";
  const attended = startRun(text);
  await vi.waitFor(() => expect(attended.journal.of('prompt').length).toBe(1));
  const { reference, choices } = attended.journal.of('prompt')[0]!;
  expect(choices).toEqual(['yes', 'no']);
  await expect(attended.act({ kind: 'answer', reference, answer: 'maybe' })).rejects.toThrow('yes, no');
  await attended.act({ kind: 'answer', reference, answer: 'yes' }, 'bob');
  await attended.engine.finished;
  expect(attended.journal.of('echo')[0]!.text).toBe('yes');

  const alone = startRun(text, { attended: false });
  await alone.engine.finished;
  expect(alone.journal.of('echo')[0]!.text).toBe('no');

  const stuck = startRun("prompt choice 'Go on?' yes no", { attended: false });
  expect(await stuck.engine.finished).toMatchObject({ outcome: 'error' });
  expect(stuck.journal.of('step-finished')[0]!.message).toContain('unattended');
});

test('a full disk pauses the run, says so at once, and lets it go on by itself', async () => {
  const { engine, journal } = startRun('wait event never within 1h\necho never', { policy: 'continue' });
  const told: string[] = [];
  engine.onProblem((problem) => told.push(problem.code));
  await settle();
  journal.fillDisk();
  expect(told).toEqual(['disk-full']);
  const stopping = engine.act('alice', { kind: 'stop' });
  await settle();
  expect(journal.of('run-finished')).toEqual([]);
  journal.makeRoom();
  await stopping;
  expect(await engine.finished).toMatchObject({ outcome: 'stopped' });
  expect(journal.of('paused')[0]).toMatchObject({ reason: 'disk', message: 'The disk is full.' });
  expect(journal.of('problem')[0]).toMatchObject({ code: 'disk-full' });
  expect(journal.records.map(({ sequence }) => sequence)).toEqual(journal.records.map((_, index) => index + 1));
});

test('no step begins while the disk is full', async () => {
  const { engine, journal, act } = startRun('echo one\necho two', { startPaused: true });
  await settle();
  journal.fillDisk();
  const going = act({ kind: 'continue' });
  await settle();
  expect(engine.machine.executions).toBe(0);
  journal.makeRoom();
  await going;
  await engine.finished;
  expect(journal.trace()).toEqual(['0 passed', '1 passed']);
});

test('a plugin’s command is recorded with its output, and a failing one fails its step', async () => {
  const plugins = {
    commands: [],
    problems: [],
    dispose: () => undefined,
    execute: (name: string, _: unknown, context: { read(name: string): unknown }, output: (stream: 'stdout', text: string) => void) => {
      output('stdout', `reads ${String(context.read('Engine.STATE'))}`);
      const success = name === 'plug_good';
      return {
        cancel: () => undefined,
        finished: Promise.resolve({
          status: 'completed',
          exitStatus: null,
          signal: null,
          success,
          result: '200',
          duration: 1,
          message: 'told',
        }),
      };
    },
  } as unknown as PluginHost;
  const { engine, journal } = startRun('set status plug_good x\necho #{status}\nplug_bad', { plugins });
  expect(await engine.finished).toMatchObject({ outcome: 'failed' });
  expect(journal.of('command-sent')[0]).toMatchObject({ daemon: null, action: 'plug_good', arguments: ['x'] });
  expect(journal.of('output')[0]).toMatchObject({ text: 'reads null' });
  expect(journal.of('echo')[0]!.text).toBe('200');
});

test('a suspended run holds nothing, sends nothing more and has no end', async () => {
  const link = new FakeLink();
  link.answer = () => undefined;
  const { engine, journal, clock } = startRun('start_load\nwait 5s\nstop_load', { link });
  await settle();
  engine.suspend();
  expect(await engine.finished).toBeNull();
  expect(link.listeners).toBe(0);
  expect(clock.waiting).toBe(0);
  link.sent[0]!.finish();
  await settle();
  expect(journal.of('run-finished')).toEqual([]);
  await expect(engine.act('alice', { kind: 'stop' })).rejects.toThrow('has ended');
});

test('a journal that fails for good ends this engine and nothing else', async () => {
  const { engine, journal } = startRun('wait 5s', {});
  await settle();
  journal.append = () => Promise.reject(new Error('the folder is gone'));
  const told: string[] = [];
  engine.onProblem((problem) => told.push(problem.message));
  void engine.act('alice', { kind: 'note', text: 'x' }).catch(() => undefined);
  await expect(engine.finished).rejects.toThrow('the folder is gone');
  expect(told).toEqual(['The run cannot go on: the folder is gone']);
});
