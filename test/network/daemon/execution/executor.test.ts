/** The executor: arguments become exactly the words meant, and whatever is started can be ended with everything that came of it. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc, { assert, property, string as anyString } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommandOutcome, DaemonEvent, Parameter } from '#shared/protocol/observations.ts';
import { KeptOutput, readResult } from '#network/daemon/execution/action-result.ts';
import { bindArguments, fillCommand } from '#network/daemon/execution/action-template.ts';
import { ChildrenLedger, readChildren } from '#network/daemon/execution/children-ledger.ts';
import { ComponentCommands, signalName } from '#network/daemon/execution/component-commands.ts';
import { ComponentStarter } from '#network/daemon/execution/component-starter.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { backgroundClock } from '#platform/clock.ts';
import { Executor } from '#network/daemon/execution/executor.ts';
import { startObservation } from '#network/daemon/observation.ts';
import { OutputGate } from '#network/daemon/execution/output-gate.ts';
import type { Reporter } from '#network/daemon/ports.ts';
import { identify, lives } from '#platform/process-identity.ts';
import { markVariable } from '#network/daemon/execution/process-group.ts';

let folder = '';
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executor-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>, what = 'the condition'): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await look();
    if (found) return found;
    await pause(10);
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** An executor over a configuration's `components` and `actions`, with a real component watcher. */
async function executorOf(yaml: string) {
  const text = `daemon: MEP\nenvironment: test\nrouter: nats://127.0.0.1:4222\nstate: state\n${yaml}`;
  const { configuration, problems } = await parseDaemonConfiguration(text, join(folder, 'daemon.yaml'));
  if (!configuration) throw new Error(JSON.stringify(problems));
  const events: DaemonEvent[] = [];
  const reporter: Reporter = { event: (event) => void events.push(event), declare: () => 0, samples: () => undefined };
  const observation = await startObservation(configuration, reporter, backgroundClock);
  const ledger = new ChildrenLedger(join(folder, 'children.ndjson'), () => undefined);
  const { components } = configuration;
  const { control } = observation;
  const now = Date.now;
  const starter = new ComponentStarter({
    components,
    control,
    ledger,
    reporter,
    folder: join(folder, 'output'),
    markPrefix: folder,
    now,
    restartDelay: 50,
  });
  const commands = new ComponentCommands(components, control, starter);
  const monotonic = () => performance.now();
  const executor = new Executor({
    actions: configuration.actions,
    components: commands,
    control,
    ledger,
    reporter,
    now,
    monotonic,
    markPrefix: folder,
  });
  cleanups.push(
    async () => ledger.dispose(),
    () => observation.dispose(),
    async () => {
      starter.dispose();
      for (const each of components) await commands.stop(each, new AbortController().signal);
    },
    () => executor.dispose(),
  );
  let count = 0;
  const start = (action: string, ...words: string[]) => {
    const prepared = executor.prepare(action, words);
    if ('code' in prepared) throw new Error(`${prepared.code}: ${prepared.reason}`);
    const id = `command-${++count}`;
    return { id, outcome: prepared.execute(id) };
  };
  // A refusal rejects, like everything else that keeps it from an outcome.
  const run = async (action: string, ...words: string[]): Promise<CommandOutcome> => start(action, ...words).outcome;
  const refusal = (action: string, ...words: string[]): string => {
    const prepared = executor.prepare(action, words);
    return 'code' in prepared ? prepared.code : 'accepted';
  };
  const output = (stream = 'stdout') =>
    events.flatMap((event) => (event.kind === 'command-output' && event.stream === stream ? [event.text] : []));
  return { executor, events, output, start, run, refusal, control, ledgerFile: join(folder, 'children.ndjson') };
}

const script = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o755 });
  return path;
};

describe('arguments', () => {
  const parameters: Parameter[] = [
    { name: 'account', type: 'string' },
    { name: 'count', type: 'integer', minimum: 1, maximum: 10, default: 2 },
    { name: 'rate', type: 'number', default: 1.5 },
    { name: 'time', type: 'duration', default: '2s', maximum: 60_000 },
    { name: 'dry', type: 'boolean', default: false },
    { name: 'side', type: 'choice', choices: ['buy', 'sell'], default: 'buy' },
  ];
  const bound = (...words: string[]) => {
    const result = bindArguments(parameters, words);
    return 'value' in result ? Object.fromEntries(result.value) : result.problem;
  };

  test('are positional in declared order, or named; defaults fill the rest', () => {
    expect(bound('a')).toEqual({ account: 'a', count: '2', rate: '1.5', time: '2000', dry: 'false', side: 'buy' });
    expect(bound('side=sell', 'a', '7', 'time=1.5s', 'dry=yes')).toMatchObject({
      account: 'a',
      count: '7',
      side: 'sell',
      time: '1500',
      dry: 'true',
    });
    expect(bound('a=b; rm -rf /')).toMatchObject({ account: 'a=b; rm -rf /' });
  });

  test.each([
    ['1.5e3ms', '1500'],
    ['.5s', '500'],
    ['1 min', '60000'],
  ])('a duration may be written as in a scenario or as in the file: %s', (word, milliseconds) => {
    expect(bound('a', `time=${word}`)).toMatchObject({ time: milliseconds });
  });

  test.each([
    [[], '"account"'],
    [['a', 'x'], 'whole number'],
    [['a', '11'], 'at most 10'],
    [['a', '0'], 'at least 1'],
    [['a', '1.5'], 'whole number'],
    [['a', '1', 'NaN'], 'a number'],
    [['a', '1', '0x10'], 'a number'],
    [['a', '1', '1', '61s'], 'at most 60000'],
    [['a', '1', '1', '5'], 'a duration'],
    [['a', 'dry=maybe'], 'true or false'],
    [['a', 'side=Buy'], 'one of buy, sell'],
    [['a', 'account=b'], 'given twice'],
    [['a\0b'], 'NUL'],
    [['a', '1', '1', '1s', 'no', 'buy', 'more'], 'too many'],
  ])('%j are refused', (words, reason) => {
    expect(bound(...words)).toEqual(expect.stringContaining(reason));
  });

  test('a text fills its place in one element and is never an option of its own', () => {
    const names: Parameter[] = [
      { name: 'x', type: 'string' },
      { name: 'n', type: 'integer', default: 1 },
    ];
    const fill = (command: string[], x: string, n = '1') =>
      fillCommand(
        command,
        names,
        new Map([
          ['x', x],
          ['n', n],
        ]),
      );
    expect(fill(['p', '{x}', 'a{x}b'], 'one two')).toEqual({ value: ['p', 'one two', 'aone twob'] });
    expect(fill(['p', '--name={x}'], '--evil')).toEqual({ value: ['p', '--name=--evil'] });
    expect(fill(['p', '--', '{x}'], '--evil')).toEqual({ value: ['p', '--', '--evil'] });
    expect(fill(['p', '{x}'], '--evil')).toHaveProperty('problem');
    expect(fill(['p', '{x}{n}'], '-')).toHaveProperty('problem');
    // A negative number must not make an option of the text behind it.
    expect(fill(['p', '{n}{x}'], 'exec=sh', '-1')).toHaveProperty('problem');
    // This ends the options of env, not those of p.
    expect(fill(['env', '--', 'p', '{x}'], '--evil')).toHaveProperty('problem');
    expect(fill(['p', '--', '{n}', '{x}'], '--evil')).toEqual({ value: ['p', '--', '1', '--evil'] });
    expect(fill(['p', '{n}'], 'unused', '-5')).toEqual({ value: ['p', '-5'] });
    expect(fill(['p', '{{x}}'], 'v')).toEqual({ value: ['p', '{x}'] });
  });

  test('any text either arrives unchanged in its element or is refused', () => {
    assert(
      property(anyString({ maxLength: 40 }), (text) => {
        const names: Parameter[] = [{ name: 'x', type: 'string' }];
        const values = bindArguments(names, [`x=${text}`]);
        if ('problem' in values) return text.includes('\0');
        const filled = fillCommand(['p', '{x}'], names, values.value);
        return 'problem' in filled ? text.startsWith('-') : filled.value[1] === text;
      }),
      { seed: 20261120, numRuns: 2_000 },
    );
  });
});

describe('results', () => {
  const kept = (...lines: string[]) => {
    const output = new KeptOutput();
    for (const line of lines) output.add(line);
    return output;
  };
  test.each([
    [{ kind: 'exit status' } as const, ['x'], { value: '3' }],
    [{ kind: 'last line' } as const, ['one', ' PASS ', ''], { value: 'PASS' }],
    [{ kind: 'output' } as const, ['one', 'two', ''], { value: 'one\ntwo' }],
    [{ kind: 'json', path: ['orders', '0', 'id'] } as const, ['{"orders":', '[{"id": 7}]}'], { value: '7' }],
    [{ kind: 'json', path: ['a'] } as const, ['starting …', '{"a":"b"}'], { value: 'b' }],
    [{ kind: 'json', path: ['sent'] } as const, ['{"sent": 2733382000000000049 }'], { value: '2733382000000000049' }],
    [{ kind: 'json', path: ['0'] } as const, ['[1.10, 2]'], { value: '1.10' }],
    [{ kind: 'json', path: ['a'] } as const, ['{"a": 1E-7}'], { value: '1E-7' }],
    [{ kind: 'json', path: ['a'] } as const, ['{"a": null}'], { value: 'null' }],
    [
      { kind: 'json', path: ['a'] } as const,
      ['{"a": [1.0, {"b": 9007199254740993}, "\\u0041 ,]"]}'],
      { value: '[1.0,{"b":9007199254740993},"A ,]"]' },
    ],
    [{ kind: 'json', path: ['a', 'b'] } as const, ['{"a":{"b":1},"a":{"b":2}}'], { value: '2' }],
    [{ kind: 'json', path: ['orders', 'length'] } as const, ['{"orders":[[1,2],[3],{}]}'], { value: '3' }],
    [{ kind: 'json', path: ['1'] } as const, ['[7]'], { problem: 'The JSON output has no "1".' }],
    [{ kind: 'json', path: ['toString'] } as const, ['{}'], { problem: 'The JSON output has no "toString".' }],
    [{ kind: 'json', path: [] } as const, ['nonsense'], { problem: 'The output is not JSON.' }],
  ])('%j', (reading, lines, wanted) => {
    expect(readResult(reading, 3, kept(...lines))).toEqual(wanted);
  });

  test('any value inside any JSON is found as JSON.parse finds it, however it is spaced', () => {
    const spaced = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.array(fc.nat()), spaced, (whole, turns, space) => {
        const path: string[] = [];
        let value: unknown = whole;
        for (const turn of turns) {
          const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
          const key = keys[turn % Math.max(1, keys.length)];
          if (key === undefined) break;
          path.push(key);
          value = (value as Record<string, unknown>)[key];
        }
        const read = readResult({ kind: 'json', path }, 0, kept(...JSON.stringify(whole, null, space).split('\n')));
        expect(read).toEqual({ value: typeof value === 'string' ? value : JSON.stringify(value) });
      }),
      { seed: 20261201, numRuns: 2_000 },
    );
  });

  test('JSON that is nested deeply is no trouble', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(readResult({ kind: 'json', path: ['0'] }, 0, kept(deep))).toMatchObject({
      problem: expect.stringContaining('too long') as string,
    });
  });
});

test('a number in JSON output arrives with every digit', async () => {
  const { run } = await executorOf(
    `actions:\n  count: { command: [echo, '{{"orders": {{"sent": 2733382000000000049, "rate": 1.10}}}}'], result: { json: orders.sent } }`,
  );
  expect(await run('count')).toMatchObject({ success: true, result: '2733382000000000049' });
});

test('a number that JavaScript cannot hold reaches the program as it was written', () => {
  const rate: Parameter[] = [{ name: 'rate', type: 'number' }];
  const bound = (word: string) => bindArguments(rate, [word]);
  for (const word of ['2733382000000000049', '0.10000000000000000001']) expect(bound(word)).toEqual({ value: new Map([['rate', word]]) });
  expect(bound('1.50')).toEqual({ value: new Map([['rate', '1.5']]) });
  expect(bound('1e3')).toEqual({ value: new Map([['rate', '1000']]) });
});

describe('output', () => {
  test('beyond its rate is left out, and that is said', () => {
    let now = 0;
    const lines: string[] = [];
    const gate = new OutputGate(
      () => now,
      (line) => lines.push(line),
    );
    for (let index = 0; index < 50_000; index++) gate.line(`line ${index}`);
    now += 1_000;
    gate.line('later');
    gate.end();
    expect(lines).toHaveLength(5_002);
    expect(lines.slice(-2)).toEqual([expect.stringMatching(/^… 45,000 lines were left out here/), 'later']);
  });
});

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

describe('the ledger of children', () => {
  test('knows what runs after any number of starts and ends, and with a torn last line', async () => {
    const path = join(folder, 'children.ndjson');
    const ledger = new ChildrenLedger(path, (reason) => expect.unreachable(reason));
    const child = (pid: number) => ({ kind: 'action', name: 'x', mark: `m${pid}`, pid, started: 1 }) as const;
    for (let pid = 1; pid <= 6_000; pid++) {
      ledger.add(child(pid));
      if (pid % 1_000 !== 0) ledger.remove(`m${pid}`);
    }
    expect(readChildren(path).map((each) => each.pid)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    ledger.dispose();
    await appendFile(path, '{"started":{"kind":"act');
    expect(readChildren(path)).toHaveLength(6);
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"hostStart":"[^"]+"/, '"hostStart":"another"'));
    expect(readChildren(path)).toEqual([]);
    expect(readChildren(join(folder, 'none'))).toEqual([]);
  });
});

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
