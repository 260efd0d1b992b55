/** The `testops` command, as it is built and from another folder, against a living environment: what it prints, how it ends, and what stands in the archive afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, inject } from 'vitest';
import { runRecordSchema, type RecordOf, type RunRecord } from '#shared/run/records.ts';
import { jsonLines, root, startCommand, type Ended } from './console-command.ts';
import { openDemoExchange, type DemoExchange } from './demo-exchange.ts';
import { readXml } from './read-xml.ts';

let archive: string;
let exchange: DemoExchange;

/** What takes down again what was brought up, also when not everything was. */
const endings: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  archive = mkdtempSync(join(tmpdir(), 'testops-archive-'));
  endings.push(() => rmSync(archive, { recursive: true, force: true }));
  exchange = await openDemoExchange(archive, inject('builtCommand'));
  endings.push(exchange.dispose);
}, 60_000);

afterAll(async () => {
  for (const end of endings.toReversed()) await end();
}, 30_000);

/** Every line must be a record, and their numbers the whole row from 1 on. */
function recordsIn(output: string): RunRecord[] {
  const records = jsonLines(output).map((line) => runRecordSchema.parse(line));
  expect(records.map((record) => record.sequence)).toEqual(records.map((_, index) => index + 1));
  return records;
}

function ofKind<Kind extends RunRecord['kind']>(records: readonly RunRecord[], kind: Kind): RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind);
}

function runIdIn(output: string): string {
  return /^run (\S+),/m.exec(output)?.[1] ?? 'no run was named';
}

/** One sentence (a sentence and its tip) on the error stream, and no stack trace anywhere. */
function expectSentence({ errors, output }: Ended, sentence: RegExp): void {
  expect(errors).toMatch(sentence);
  expect(errors.trim().split('\n')).toHaveLength(1);
  expect(errors + output).not.toMatch(/^\s+at /m);
}

/** What a daemon tells meanwhile may come between the step and its end. */
const deferredPassed = /↩ {2}status Gateway \(deferred\)[^]*?✓/;

describe('testops run', { timeout: 60_000 }, () => {
  test('--json, --junit, --set and --release together: records that fit their schema, a report that is XML', async () => {
    const file = exchange.scenario('greeting', "---\nparameters:\n  greeting: { default: nothing }\n---\nset smoke exec_smoke\nexpect #{smoke} == PASS\necho #{greeting}, #{release} & 'all' <others>\n"); // prettier-ignore
    const report = join(exchange.folder, 'report.xml');
    const ended = await exchange.run(file, '--json', '--junit', report, '--set', 'greeting=hello', '--release', 'rc1-hotfix');
    // On a busy machine it is said there what the start waits for.
    expect(ended.complaints).toBe('');
    expect(ended.status).toBe(0);
    const records = recordsIn(ended.output);
    expect(ofKind(records, 'run-started')).toMatchObject([
      { scenario: 'greeting', release: 'rc1-hotfix', operator: 'demo', environment: 'demo', variables: { greeting: 'hello' } },
    ]);
    expect(ofKind(records, 'echo')).toMatchObject([{ text: "hello, rc1-hotfix & 'all' <others>" }]);
    expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });

    const [suites] = readXml(readFileSync(report, 'utf8'));
    expect(suites).toMatchObject({ name: 'testsuites', attributes: { tests: '4', failures: '0', errors: '0' } });
    const cases = suites?.children[0]?.children.filter((each) => each.name === 'testcase').map((each) => each.attributes['name']);
    expect(cases).toEqual([
      '0 set smoke exec_smoke',
      '1 expect #{smoke} == PASS',
      "2 echo #{greeting}, #{release} & 'all' <others>",
      'verdict',
    ]);
  });

  test('a failed check: exit status 1; abort leaves the rest out, continue does not', async () => {
    const file = exchange.scenario('failing', 'expect Gateway.STATE == SEARCHING\necho still here\n');
    const aborted = await exchange.run(file, '--on-error', 'abort');
    expect(aborted.status).toBe(1);
    expect(aborted.output).toMatch(/0 {2}expect Gateway.STATE == SEARCHING {2}✗ failed .*Gateway.STATE = READY/);
    expect(aborted.output).toContain('Trace: 0\n  0 expect Gateway.STATE == SEARCHING\nChecks: 0 of 1 met\nFAILED');
    const continued = await exchange.run(file, '--on-error', 'continue');
    expect(continued.status).toBe(1);
    expect(continued.output).toContain('Trace: 0 1\n');
  });

  test('a command that its daemon refuses: run error, exit status 3; deferred commands still run', async () => {
    const file = exchange.scenario('refused', "set rate = 'many'\ndefer status Gateway\nstart_load #{rate}\n");
    const ended = await exchange.run(file);
    expect(ended.status).toBe(3);
    expect(ended.output).toContain('"rate" must be a whole number');
    expect(ended.output).toMatch(deferredPassed);
  });

  test('--dry-run executes nothing', async () => {
    const file = exchange.scenario('killing', 'kill -9 Gateway\n');
    const ended = await exchange.run(file, '--dry-run');
    expect(ended.status).toBe(0);
    expect(ended.output).toContain('dry run: nothing is executed');
    const status = await exchange.command(['environment', 'status', '-e', exchange.environmentFile]);
    expect(status.output).toMatch(/Gateway +READY/);
  });

  test('--step: one typed line per pause, with breakpoints, variables, a mistake, a jump', async () => {
    const file = exchange.scenario('stepped', 'set colour = red\necho one #{colour}\necho two #{colour}\nexit fail never\necho three\n');
    const typed = ['p', 'n', 'fly', 'set colour blue', 'b 3', 'c', 'n', 'note half way', 'g 5', 'c'];
    const ended = await exchange.command(['run', file, '-e', exchange.environmentFile, '--step'], { input: `${typed.join('\n')}\n` });
    expect(ended.errors).not.toMatch(/^error/m);
    expect(ended.output).toContain('next: line 1: set colour = red  (h for help) p');
    expect(ended.output).toContain('fly is no command here');
    expect(ended.output).toContain('one blue');
    expect(ended.output).toContain('paused (breakpoint)');
    expect(ended.output).toContain('note: half way');
    expect(ended.output).toContain('next: line 5: echo three  (h for help) c');
    expect(ended.output).toContain('Trace: 0 1 2 4\n');
    expect(ended.status).toBe(0);
  });

  test('every mistake of an environment file is a line of its own', async () => {
    const file = exchange.scenario('unstarted', 'echo one\n');
    const environment = exchange.scenario('wrong', 'environment: 9\nrouter: x\noperator: { name: alice, key: k }\n');
    const ended = await exchange.command(['run', file, '-e', environment]);
    expect(ended.status).toBe(2);
    expect(ended.errors.trim().split('\n')).toHaveLength(2);
    expect(ended.errors).toMatch(/^error \S+:1:\d+: .*environment.*\nerror \S+:2:\d+: .*router/);
  });

  test('--break: stops where it is wanted, also in a called scenario, with a condition and a number of times', async () => {
    exchange.scenario('called', 'echo called #{round}\n');
    const text = "set round = ''\nrepeat 4\nset round = '#{round}i'\ncall called\nend\n";
    const file = exchange.scenario('broken', text);
    const stop = ['--break', "called:1 if #{round} contains 'ii' hits 2", '--break', '5 hits 4'];
    const ended = await exchange.command(['run', file, '-e', exchange.environmentFile, ...stop], { input: 'c\nb called:1\nc\nc\n' });
    expect(ended.errors).not.toMatch(/^error/m);
    expect(ended.output).toContain(
      'paused (breakpoint): The condition of the breakpoint is met: round = iii. This line was reached 2 times.',
    );
    expect(ended.output).toContain('next: called line 1: echo called #{round}  (h for help) c');
    expect(ended.output).toContain('breakpoints at broken:5 hits 4');
    expect(ended.output.match(/paused \(breakpoint\)/g)).toHaveLength(3);
    expect(ended.status).toBe(0);
  });

  test('--break: what cannot be a breakpoint is refused before anything is executed', async () => {
    const file = exchange.scenario('unbroken', 'echo one\n# nothing\n');
    const told = async (text: string) => (await exchange.command(['run', file, '-e', exchange.environmentFile, '--break', text])).errors;
    expect(await told('2')).toContain("Line 2 of 'unbroken' is no statement, so a breakpoint there would never be reached.");
    expect(await told('other:1')).toContain("The run has no scenario 'other', so a breakpoint there would never be reached.");
    expect(await told('1 if #{x} = 2')).toContain('--break 1 if #{x} = 2: `=` is not an operator. Write `==`.');
  });

  test('--step: when the input ends, the run is stopped and its deferred commands run', async () => {
    const file = exchange.scenario('abandoned', 'defer status Gateway\nwait 50s\n');
    const ended = await exchange.command(['run', file, '-e', exchange.environmentFile, '--step'], { input: 'n\n' });
    expect(ended.output).toContain('(h for help) (end of input)');
    expect(ended.output).toMatch(deferredPassed);
    expect(ended.status).toBe(130);
  });

  test('--step with --json: records only on the output, questions on the error stream', async () => {
    const file = exchange.scenario('quiet', 'echo one\n');
    const ended = await exchange.command(['run', file, '-e', exchange.environmentFile, '--step', '--json'], { input: 'h\nc\n' });
    expect(recordsIn(ended.output).at(-1)).toMatchObject({ outcome: 'passed' });
    expect(ended.errors).toContain('next: line 1: echo one');
    expect(ended.errors).toContain('retry the failed step');
  });

  test('a prompt is asked until an answer is among its choices; unattended, its default is taken', async () => {
    const file = exchange.scenario('asking', "prompt colour 'Which colour?' red green default green\necho got #{colour}\n");
    const answered = await exchange.command(['run', file, '-e', exchange.environmentFile, '--step'], { input: 'c\npink\nred\n' });
    expect(answered.output).toContain('Which colour? [red/green] (green) pink');
    expect(answered.output + answered.errors).toContain("'pink' is not among the answers");
    expect(answered.output).toContain('got red');
    const unattended = await exchange.run(file);
    expect(unattended.output).toContain('got green');
    expect(unattended.status).toBe(0);
  });

  test('Ctrl-C: the first runs what was deferred, exit status 130', async () => {
    const run = exchange.start(exchange.scenario('interrupted', 'defer status Gateway\nwait 50s\n'));
    await run.printed('wait 50s');
    run.process.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.output).toContain('Stopping; deferred commands still run');
    expect(ended.output).toMatch(deferredPassed);
    expect(ended.output).toContain('STOPPED');
    expect(ended.complaints).toBe('');
    expect(ended.status).toBe(130);
  });

  test('Ctrl-C: the second leaves out what was deferred and has not run', async () => {
    const run = exchange.start(exchange.scenario('twice', 'defer status Gateway\ndefer start_load 50\nwait 50s\n'));
    await run.printed('wait 50s');
    run.process.kill('SIGINT');
    // The load takes more than a second to become steady. Two signals at nearly the same time count as one.
    await run.printed('start_load 50 (deferred)');
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    run.process.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.output).toContain('Stopping without the deferred commands');
    expect(ended.status).toBe(130);
    // The one promised first comes last: it was left out, and no daemon was asked for it.
    const { output } = await exchange.command(['runs', 'show', runIdIn(ended.output), '--json']);
    expect(output).not.toBe('');
    const log = readFileSync(join(archive, runIdIn(ended.output), 'log.ndjson'), 'utf8');
    const records = jsonLines(log).map((line) => runRecordSchema.parse(line));
    const ends = ofKind(records, 'step-finished').filter(({ step }) => step.phase === 'deferred');
    expect(ends.find(({ step }) => step.text === 'defer status Gateway')).toMatchObject({
      state: 'skipped',
      message: 'Left out: the operator stopped the run a second time.',
    });
    expect(ofKind(records, 'command-sent').map(({ action }) => action)).not.toContain('status');
    await exchange.command(['execute', '-e', exchange.environmentFile, 'stop_load']);
  });

  test('plugins work from the command as it is built', async () => {
    const server = createServer((_, response) => response.end('well')).listen(0, '127.0.0.1');
    const folder = join(exchange.folder, 'plugins');
    try {
      await once(server, 'listening');
      mkdirSync(folder, { recursive: true });
      copyFileSync(join(root, 'resources', 'examples', 'plugins', 'http-check.mjs'), join(folder, 'http-check.mjs'));
      const { port } = server.address() as AddressInfo;
      const ended = await exchange.run(
        exchange.scenario('plugged', `set status http_check http://127.0.0.1:${port}/\nexpect #{status} == 200\n`),
      );
      expect(ended.complaints).toBe('');
      expect(ended.output).toContain(`http://127.0.0.1:${port}/ answered 200`);
      expect(ended.output).toContain('The check (expect) was met.');
      expect(ended.status).toBe(0);
    } finally {
      rmSync(join(folder, 'http-check.mjs'), { force: true });
      server.close();
    }
  });

  test('when its reader goes away, the run goes on to its end without a word', async () => {
    const file = exchange.scenario('unread', 'set first exec_smoke\nset second exec_smoke\nexpect #{second} == PASS\n');
    const run = exchange.start(file);
    await run.printed('unread on demo');
    run.process.stdout?.destroy();
    const ended = await run.ended;
    expect(ended.complaints).toBe('');
    expect(ended.status).toBe(0);
    const { output } = await exchange.command(['runs', 'list', '--scenario', 'unread', '--json']);
    expect(jsonLines(output)).toMatchObject([{ outcome: 'passed' }]);
  });

  test('two consoles command at once: both runs hold what was done, their own and the other', async () => {
    // The waits let each be there while the other commands, though one starts a little later.
    const text = 'wait 2s\nrepeat 5\n  status Gateway\n  status MatchingEnginePrimary\nend\nwait 2s\n';
    const files = ['first-console', 'second-console'].map((name) => exchange.scenario(name, text));
    const ended = await Promise.all(files.map((file) => exchange.run(file, '--json')));
    const logs = ended.map(({ output, status, complaints }) => {
      expect(complaints).toBe('');
      expect(status).toBe(0);
      return recordsIn(output);
    });
    for (const records of logs) {
      const sent = ofKind(records, 'command-sent').map(({ command }) => command);
      const finished = ofKind(records, 'command-finished').map(({ command }) => command);
      expect(sent).toHaveLength(10);
      expect(finished).toEqual(sent);
    }
    const [first = [], second = []] = logs;
    for (const [own, other] of [
      [first, second],
      [second, first],
    ] as const) {
      // prettier-ignore
      const accepted = ofKind(own, 'observation').flatMap(({ events }) =>
        events.flatMap((event) => (event.kind === 'command-accepted' ? [event.command] : [])),
      );
      const sentByOther = ofKind(other, 'command-sent').map(({ command }) => command);
      expect(accepted).toEqual(expect.arrayContaining(sentByOther));
    }
    const { output } = await exchange.command(['runs', 'list', '--json']);
    const scenarios = jsonLines(output).map((run) => (run as { scenario: string }).scenario);
    expect(scenarios).toEqual(expect.arrayContaining(['first-console', 'second-console']));
  });
});

describe('what is looked at without an environment', { timeout: 60_000 }, () => {
  const open = /Commands, components and metrics were not checked against anything\. Name an environment with -e/;

  test('a check says what it left open, and what is no scenario', async () => {
    const file = join(exchange.folder, 'README.md');
    writeFileSync(file, '# The exchange\n\nThis folder holds a scenario.\n');
    const ended = await exchange.command(['check', file]);
    expect(ended.status).toBe(0);
    expect(ended.errors).toMatch(open);
    expect(ended.errors).toMatch(/README\.md is hardly a scenario/);
    const known = await exchange.command(['check', file, '-e', exchange.environmentFile]);
    expect(known.errors).not.toMatch(open);
  });

  test('a dry run warns of a misspelt statement, and says what it left open', async () => {
    const file = join(exchange.folder, 'misspelt.scn');
    writeFileSync(file, 'expct A == 1\n');
    const ended = await exchange.command(['run', file, '--dry-run']);
    expect(ended.errors).toMatch(open);
    expect(ended.errors).toMatch(/warning .*misspelt\.scn:1:1: `expct` is not a statement of the language\. Did you mean `expect`\?/);
  });
});

describe('what a wrong command line is told', { timeout: 60_000 }, () => {
  test.each<[string, () => readonly string[], RegExp]>([
    ['no such scenario', () => ['run', 'nowhere.scn', '-e', exchange.environmentFile], /nowhere\.scn: The scenario is not there\./],
    ['a folder', () => ['run', exchange.folder, '-e', exchange.environmentFile], /is a folder|is no name/],
    ['no environment', () => ['run', 'x.scn'], /A run needs an environment\..*--environment/],
    ['no such environment', () => ['environment', 'status', '-e', 'nowhere.yaml'], /nowhere\.yaml: The environment file is not there\./],
    ['a wrong --set', () => ['run', 'x.scn', '--set', 'novalue'], /Write it as name=value\./],
    ['a wrong name in --set', () => ['run', 'x.scn', '--set', 'a b=1'], /A name starts with a letter/],
    ['a wrong policy', () => ['run', 'x.scn', '--on-error', 'never'], /Choose one of: pause, abort, continue\./],
    ['a misspelt command', () => ['chekc'], /Did you mean check\?/],
    ['no such run', () => ['runs', 'show', 'nothing'], /No run is called nothing\./],
    ['no such bundle', () => ['runs', 'import', 'nowhere'], /nowhere is not there/],
    [
      'no bundle',
      () => ['runs', 'import', join(root, 'package.json')],
      /^error \S+package\.json is no archived run\. Choose a file whose name ends in/,
    ],
    ['no such example', () => ['demo', '--example', 'nope'], /There is no example nope here\. Choose one of: .*redis-sentinel/],
    ['no such report folder', () => ['run', 'x.scn', '--dry-run', '--junit', '/nowhere/x.xml'], /The report cannot be written here/],
    ['no archive there', () => ['--archive', join(exchange.folder, 'nope'), 'runs', 'list'], /There is no archive in \S+nope\./],
    ['no place for the archive', () => ['--archive', '/dev/null', 'runs', 'list'], /The archive's folder cannot be made/],
    ['an unknown command by hand', () => ['execute', '-e', exchange.environmentFile, 'fly'], /offers fly/],
    ['an unknown component', () => ['execute', '-e', exchange.environmentFile, 'kill', '-9', 'Gatewy'], /Did you mean Gateway\?/],
    ['deletion that nobody confirms', () => ['runs', 'delete', 'last'], /Say --yes\./],
  ])('%s', async (_, args, sentence) => {
    const ended = await exchange.command(args(), { input: '' });
    expectSentence(ended, sentence);
    expect(ended.status).toBe(2);
  });

  test('a router that is not there, and a key that it does not know', async () => {
    const text = readFileSync(exchange.environmentFile, 'utf8');
    const dead = join(exchange.folder, 'dead.yaml');
    writeFileSync(dead, text.replace(/router: .*/, 'router: nats://127.0.0.1:1'));
    const ended = await exchange.command(['environment', 'status', '-e', dead]);
    expectSentence(ended, /No router answers at nats:\/\/127\.0\.0\.1:1\./);
    expect(ended.status).toBe(2);

    const made = await exchange.command(['keys', 'new', join(exchange.folder, 'stranger.seed')]);
    expect(made.output).toMatch(/^U[A-Z2-7]{55}\n/);
    const stranger = join(exchange.folder, 'stranger.yaml');
    writeFileSync(stranger, text.replace('../.exchange/demo.seed', 'stranger.seed'));
    const refused = await exchange.command(['environment', 'status', '-e', stranger]);
    expectSentence(refused, /refused the key/);
    expect(refused.status).toBe(2);
  });

  test('format leaves alone what is no scenario, and formats through a link what is one', async () => {
    const binary = join(exchange.folder, 'binary.scn');
    const bytes = readFileSync(process.execPath).subarray(0, 20_000);
    writeFileSync(binary, bytes);
    const refused = await exchange.command(['format', binary]);
    expectSentence(refused, /left as it is/);
    expect(refused.status).toBe(2);
    expect(readFileSync(binary).equals(bytes)).toBe(true);

    const broken = exchange.scenario('broken', '  if then\n');
    expect((await exchange.command(['format', broken])).status).toBe(2);
    expect(readFileSync(broken, 'utf8')).toBe('  if then\n');

    const untidy = exchange.scenario('untidy', 'echo    a\n');
    expect((await exchange.command(['format', '--check', untidy])).status).toBe(1);
    expect((await exchange.command(['format', untidy])).status).toBe(0);
    expect((await exchange.command(['format', '--check', untidy])).status).toBe(0);
  });

  test('a closed pipe ends a listing quietly', async () => {
    const child = spawn('bash', ['-c', '"$0" "$1" schema | head -1; exit "${PIPESTATUS[0]}"', process.execPath, inject('builtCommand')]); // prettier-ignore
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(errors).toBe('');
    expect(status).toBe(0);
  });
});

describe('testops check and execute', { timeout: 60_000 }, () => {
  test('check against the living environment, and against its pin when nobody is asked', async () => {
    const file = exchange.scenario('checked', 'exec_smoke\nkil -9 Gateway\n');
    const live = await exchange.command(['check', file, '-e', exchange.environmentFile]);
    expect(live.status).toBe(2);
    expect(live.errors).toMatch(/checked\.scn:2:1: .*kil/);
    const sound = exchange.scenario('sound', 'exec_smoke\n');
    const ended = await exchange.command(['check', sound, '-e', exchange.environmentFile]);
    expect(ended.output).toContain('no errors');
    expect(ended.status).toBe(0);
  });

  test('execute prints the result; what a daemon refuses is told', async () => {
    const ended = await exchange.command(['execute', '-e', exchange.environmentFile, 'status', 'Gateway']);
    expect(ended.output).toMatch(/^READY\ncompleted in /);
    expect(ended.status).toBe(0);
  });
});

describe('testops runs', { timeout: 60_000 }, () => {
  test('export, delete, import: the same run again', async () => {
    const ran = await exchange.run(exchange.scenario('exported', 'set smoke exec_smoke\necho #{smoke}\n'));
    const run = runIdIn(ran.output);
    const bundle = join(exchange.folder, 'exported.testops-run');
    const before = await exchange.command(['runs', 'show', run, '--json']);
    recordsIn(before.output);
    expect((await exchange.command(['runs', 'export', run, bundle])).status).toBe(0);
    const again = await exchange.command(['runs', 'export', run, bundle]);
    expect(again).toMatchObject({ status: 2, errors: expect.stringContaining('is there already, so nothing was written') as string });
    expect((await exchange.command(['runs', 'export', run, bundle, '--force'])).status).toBe(0);
    expect((await exchange.command(['runs', 'delete', run, '--yes'])).output).toContain(`${run} deleted`);
    expectSentence(await exchange.command(['runs', 'show', run]), new RegExp(run));
    expect((await exchange.command(['runs', 'import', bundle])).status).toBe(0);
    const after = await exchange.command(['runs', 'show', run, '--json']);
    expect(after.output).toBe(before.output);
    expectSentence(await exchange.command(['runs', 'import', bundle]), /already|is there/);
    expect((await exchange.command(['runs', 'rebuild'])).output).toMatch(/\d+ runs found, 0 of them damaged/);
  });

  test('a run whose console was killed is interrupted; recover keeps its promises', async () => {
    const killed = exchange.start(exchange.scenario('killed', 'defer stop_load\nstart_load 50\nwait 50s\n'));
    await killed.printed('wait 50s');
    killed.process.kill('SIGKILL');
    const run = runIdIn((await killed.ended).output);

    const owed = await exchange.command(['runs', 'recover']);
    expect(owed.output).toBe(`${run} owes: stop_load\n`);
    const shown = await exchange.command(['runs', 'show', run]);
    expect(shown.output).toContain('UNFINISHED');
    expectSentence(await exchange.command(['runs', 'recover', run]), /need their environment/);

    const recovered = await exchange.command(['runs', 'recover', run, '-e', exchange.environmentFile]);
    expect(recovered.complaints).toBe('');
    expect(recovered.output).toContain('executed: stop_load');
    expect(recovered.status).toBe(0);
    expect((await exchange.command(['runs', 'show', run])).output).toContain('INTERRUPTED');
    expect((await exchange.command(['runs', 'recover'])).output).toContain('No interrupted run');
    // The load is really gone: its daemon has nothing left to stop.
    const stopped = await exchange.command(['execute', '-e', exchange.environmentFile, 'stop_load']);
    expect(stopped.output).toContain('not running');
  });

  test('a damaged log is shown as far as it can be read, and said to be damaged', async () => {
    const run = runIdIn((await exchange.run(exchange.scenario('damaged', 'echo one\necho two\n'))).output);
    const log = join(archive, run, 'log.ndjson');
    const text = readFileSync(log, 'utf8');
    writeFileSync(log, text.slice(0, text.length / 2));
    const shown = await exchange.command(['runs', 'show', run]);
    expect(shown.output).toContain('damaged on demo');
    expect(shown.errors).toMatch(/error .*(damaged|torn|changed|records|log)/i);
    expect(shown.errors).not.toMatch(/^\s+at /m);
    await exchange.command(['runs', 'delete', run, '--yes']);
    expect(existsSync(log)).toBe(false);
  });
});

// Last, because it restarts a daemon of the environment.
describe('testops environment', { timeout: 60_000 }, () => {
  test('status, pin, no drift, then a daemon comes back with another configuration: drift, exit status 1', async () => {
    const ask = (...words: readonly string[]) => exchange.command(['environment', ...words, '-e', exchange.environmentFile]);
    const status = await ask('status', '--json');
    expect(jsonLines(status.output)).toMatchObject([{ environment: 'demo', connected: true, operator: 'demo', release: 'rc1' }]);
    const unpinned = await ask('drift');
    expect(unpinned.output).toContain('Nothing is pinned');
    expect(unpinned.status).toBe(2);
    expect((await ask('pin')).output).toMatch(/Pinned .*INJ.* in /);
    const none = await ask('drift');
    expect(none.output).toContain('No drift');
    expect(none.status).toBe(0);

    const file = join(exchange.processes, 'daemons', 'INJ.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('actions:', `actions:\n  added_later: { command: [${JSON.stringify(process.execPath)}, --version] }`));
    for (const pid of exchange.processesNaming(file)) process.kill(pid, 'SIGTERM');
    await expect.poll(() => exchange.processesNaming(file), { timeout: 15_000 }).toEqual([]);
    const again = startCommand(['daemon', '--config', file], { archive, folder: exchange.processes, program: inject('builtCommand') });
    try {
      await expect
        .poll(async () => (await ask('drift')).errors, { timeout: 30_000, interval: 500 })
        .toMatch(/INJ: .*(configuration|added_later)/);
      expect((await ask('drift')).status).toBe(1);
      const executed = await exchange.command(['execute', '-e', exchange.environmentFile, 'added_later']);
      expect(executed.output).toContain(process.version);
    } finally {
      again.process.kill('SIGTERM');
      await again.ended;
    }
  });
});
