/** Plugins in their processes: a good one works, and whatever a bad one does is a failed step and nothing more. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openPlugins } from '#main/core/plugins/open-plugins.ts';
import type { PluginHost } from '#main/core/ports.ts';
import { systemClock } from '#platform/clock.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';

let folder: string;
let host: PluginHost | undefined;
const context = { run: null, release: 'rc1', read: (name: string) => (name === 'Engine.STATE' ? 'READY' : null) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugins-'));
});
afterEach(async () => {
  await host?.dispose();
  host = undefined;
  await rm(folder, { recursive: true });
});

async function open(files: Record<string, string>, options: { loadTimeout?: number; grace?: number } = {}): Promise<PluginHost> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  host = await openPlugins(folder, { clock: systemClock, ...options });
  return host;
}

async function execute(name: string, ...words: string[]): Promise<{ outcome: CommandOutcome; output: string[] }> {
  const output: string[] = [];
  const outcome = await host!.execute(name, words, context, (stream, text) => output.push(`${stream}: ${text}`)).finished;
  return { outcome, output };
}

describe('a plugin', () => {
  test('gets typed arguments, readings and the release, prints, and answers', async () => {
    await open({
      'one.mjs': `import { definePlugin } from 'testops-console/plugin';
        export default [definePlugin({ name: 'describe', parameters: [{ name: 'count', type: 'integer' }, { name: 'pause', type: 'duration', default: '2s' }],
          async run(context, { count, pause }) { context.print('line one'); console.log('printed'); return [count + 1, pause, context.release, await context.read('Engine.STATE'), await context.read('Other.x')].join(' '); } }),
          { name: 'second', run: () => ({ success: false, message: 'not today' }) }]`,
    });
    expect(host!.problems).toEqual([]);
    expect(host!.commands.map((each) => [each.name, each.timeout, each.hazard])).toEqual([
      ['describe', 60_000, 'none'],
      ['second', 60_000, 'none'],
    ]);
    const { outcome, output } = await execute('describe', '41');
    expect(outcome).toMatchObject({ status: 'completed', success: true, result: '42 2000 rc1 READY ' });
    expect(output).toContain('stdout: line one');
    expect((await execute('second')).outcome).toMatchObject({ status: 'completed', success: false, message: 'not today' });
  });

  test('answers with every digit, and fails where a number lost some', async () => {
    const answer = (name: string, result: string) => `{ name: '${name}', run: () => (${result}) }`;
    const commands = {
      big: '2733382000000000049n',
      inside: '{ result: { sent: [9007199254740993n, 1.5] } }',
      text: "'1.10'",
      safe: 'Number.MAX_SAFE_INTEGER',
      small: '-0.25',
      lost: '2733382000000000049',
      nested: '{ sent: 1e20 }',
      nothing: 'NaN',
      endless: '{ result: -Infinity }',
    };
    await open({
      'one.mjs': `export default [${Object.entries(commands)
        .map(([name, result]) => answer(name, result))
        .join(',')}]`,
    });
    const results: unknown[] = [];
    for (const name of Object.keys(commands)) {
      const { outcome } = await execute(name);
      results.push(outcome.success ? outcome.result : outcome.message);
    }
    expect(results).toEqual([
      '2733382000000000049',
      '{"sent":[9007199254740993,1.5]}',
      '1.10',
      '9007199254740991',
      '-0.25',
      'The result 2733382000000000000 is beyond what a JavaScript number tells to the last digit; return it as a text or a BigInt.',
      'The result 100000000000000000000 is beyond what a JavaScript number tells to the last digit; return it as a text or a BigInt.',
      'The result NaN is no number that can be compared; return a text, or throw.',
      'The result -Infinity is no number that can be compared; return a text, or throw.',
    ]);
  });

  test('refuses arguments that do not fit, in one sentence', async () => {
    await open({
      'one.mjs': `export default { name: 'add', parameters: [{ name: 'count', type: 'integer', maximum: 10 }], run: () => 1 }`,
    });
    expect((await execute('add')).outcome).toMatchObject({ status: 'failed to start', message: `'add' needs its argument 'count'.` });
    expect((await execute('add', 'x')).outcome.message).toBe(`'x' is no value for 'count' of 'add'; it takes a whole number.`);
    expect((await execute('add', '11')).outcome.message).toContain('at most 10');
    expect((await execute('add', '0x2')).outcome.message).toContain('a whole number');
    expect((await execute('add', '1e1')).outcome.success).toBe(true);
    expect((await execute('add', '1', '2')).outcome.message).toContain('at most 1, but 2 were given');
    expect((await execute('nothing')).outcome.message).toContain(`'nothing'`);
  });

  test('that throws, exits, is killed or prints rubbish fails its step and works again', async () => {
    await open({
      'bad.mjs': `export default [
        { name: 'throws', run() { throw new Error('no such account'); } },
        { name: 'exits', run() { process.exit(3); } },
        { name: 'rejects_late', run() { return new Promise(() => setTimeout(() => { throw new Error('loose end'); }, 20)); } },
        { name: 'rubbish', async run() { process.stdout.write('\\x00\\xff'.repeat(1000) + '\\n{"kind":"finished"}\\n'); process.stdout.write('y'.repeat(100_000) + '\\n'); await new Promise((r) => setTimeout(r, 100)); return 'fine'; } },
        { name: 'works', run: () => 'well' },
      ]`,
    });
    expect((await execute('throws')).outcome).toMatchObject({ status: 'completed', success: false, message: 'no such account' });
    const exits = (await execute('exits')).outcome;
    expect(exits).toMatchObject({
      success: false,
      message: 'The plugin bad.mjs ended its process (with exit status 3) before it had answered.',
    });
    expect((await execute('works')).outcome).toMatchObject({ success: true, result: 'well' });
    expect((await execute('rejects_late')).outcome.message).toContain('ended its process');
    const { outcome, output } = await execute('rubbish');
    expect(outcome).toMatchObject({ success: true, result: 'fine' });
    expect(Math.max(...output.map((line) => line.length))).toBeLessThan(17_000);
    expect((await execute('works')).outcome).toMatchObject({ success: true });
  });

  test('that hangs is aborted at its time limit, and killed when it does not listen', async () => {
    await open(
      {
        'hangs.mjs': `export default [
          { name: 'polite', timeout: 100, run: (context) => new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('stopped')))) },
          { name: 'deaf', timeout: 100, run() { for (;;); } },
          { name: 'long', run: () => new Promise(() => {}) },
          { name: 'works', run: () => 'well' } ]`,
      },
      { grace: 200 },
    );
    expect((await execute('polite')).outcome).toMatchObject({ status: 'timed out', success: false });
    expect((await execute('deaf')).outcome).toMatchObject({ status: 'timed out', success: false });
    const long = host!.execute('long', [], context, () => undefined);
    setTimeout(() => long.cancel(), 50);
    expect(await long.finished).toMatchObject({ status: 'cancelled', success: false });
    expect((await execute('works')).outcome).toMatchObject({ success: true });
  });

  test('that floods its output is cut, and one that forges messages is ended', async () => {
    await open({
      'flood.mjs': `import { writeSync } from 'node:fs';
        export default [
        { name: 'flood', async run(context) { for (let i = 0; i < 3000; i++) context.print('x'.repeat(1000)); return 'done'; } },
        { name: 'forge', run: () => { writeSync(3, '{"kind":"nonsense"}\\n'); return new Promise(() => {}); } },
        { name: 'endless', async run() {
          // In pieces, since the channel takes only so much at a time.
          for (;;) { try { writeSync(3, 'z'.repeat(10_000)); } catch {} await new Promise((r) => setTimeout(r, 1)); }
        } } ]`,
    });
    const { outcome, output } = await execute('flood');
    expect(outcome).toMatchObject({ success: true, result: 'done' });
    expect(output.join('').length).toBeLessThan(1_200_000);
    expect(output.at(-1)).toContain('is left out');
    expect((await execute('forge')).outcome.message).toContain('none of ours');
    expect((await execute('endless')).outcome.message).toContain('too long');
  });

  test('that asks without end and never listens is ended, and the core keeps little of it', async () => {
    await open({
      'deaf.mjs': `import { writeSync } from 'node:fs';
        export default { name: 'deaf', timeout: 60_000, run: () => {
          const question = JSON.stringify({ kind: 'read', call: 1, request: 1, name: 'Engine.STATE'.padEnd(500, 'x') }) + '\\n';
          const questions = Buffer.from(question.repeat(100));
          for (let at = 0; ; at %= questions.length) { try { at += writeSync(3, questions, at); } catch {} }
        } }`,
    });
    const before = process.memoryUsage().rss;
    // The core answers a lot to little.
    const long = { ...context, read: () => 'x'.repeat(10_000) };
    const { message } = await host!.execute('deaf', [], long, () => undefined).finished;
    expect(message).toContain('does not listen');
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test('may read its own folder, but no other file, and may not start programs', async () => {
    await open({
      'data.txt': 'inside',
      'nosy.mjs': `import { readFileSync } from 'node:fs'; import { spawnSync } from 'node:child_process';
        export default [
        { name: 'own', run: () => readFileSync(new URL('./data.txt', import.meta.url), 'utf8') },
        { name: 'other', run: () => readFileSync('/etc/hostname', 'utf8') },
        { name: 'program', run: () => String(spawnSync('true').status) },
        { name: 'secrets', run: () => Object.keys(process.env).join(' ') } ]`,
    });
    expect((await execute('own')).outcome).toMatchObject({ success: true, result: 'inside' });
    expect((await execute('other')).outcome).toMatchObject({ success: false, message: expect.stringContaining('restricted') as string });
    expect((await execute('program')).outcome).toMatchObject({ success: false, message: expect.stringContaining('restricted') as string });
    expect((await execute('secrets')).outcome.result).toBe('TZ');
  });
});

test('the plugin’s process ends when the core is killed', async () => {
  await writeFile(
    join(folder, 'idle.mjs'),
    `import { createServer } from 'node:net';
    export default { name: 'idle', run: (context) => new Promise(() => {
      const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1', () => context.print(String(server.address().port)));
    }) }`,
  );
  const program = `
    import { openPlugins } from ${JSON.stringify(new URL('../../../../main/core/plugins/open-plugins.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../../../platform/clock.ts', import.meta.url).href)};
    const host = await openPlugins(${JSON.stringify(folder)}, { clock: systemClock });
    host.execute('idle', [], { run: null, release: '', read: () => null }, (_, text) => console.log(text));`;
  const core = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => core.stdout.once('data', (text) => resolve(Number(String(text)))));
  // Its process number is one of the sandbox's; that it lives shows in that it answers.
  const lives = (): Promise<boolean> =>
    new Promise((resolve) => {
      connect(port, '127.0.0.1')
        .on('connect', () => resolve(true))
        .on('error', () => resolve(false));
    });
  expect(await lives()).toBe(true);
  core.kill('SIGKILL');
  await vi.waitFor(async () => expect(await lives()).toBe(false), 5_000);
});

describe('a folder of plugins', () => {
  test('may be named by a symbolic link', async () => {
    await open({ 'one.mjs': `export default { name: 'one', run: () => 1 }` });
    await host!.dispose();
    const link = `${folder}-link`;
    await symlink(folder, link);
    try {
      host = await openPlugins(link, { clock: systemClock });
      expect(host.problems).toEqual([]);
      expect((await execute('one')).outcome).toMatchObject({ success: true, result: '1' });
    } finally {
      await rm(link);
    }
  });

  test('that does not exist is empty', async () => {
    host = await openPlugins(join(folder, 'none'), { clock: systemClock });
    expect(host.commands).toEqual([]);
    expect(host.problems).toEqual([]);
  });

  test('names every file and command that cannot be used, and keeps the others', async () => {
    await open(
      {
        'a-syntax.mjs': 'export default {',
        'b-never.mjs': 'await new Promise((r) => setTimeout(r, 60_000));',
        'c-empty.mjs': '',
        'd-name.mjs': `export default { name: 'two words', run() {} }`,
        'e-norun.mjs': `export default { name: 'norun' }`,
        'f-exits.mjs': `process.exit(0)`,
        'g-good.mjs': `export default { name: 'good', run: () => 'yes' }`,
        'h-twice.mjs': `export default { name: 'good', run: () => 'no' }`,
      },
      { loadTimeout: 3_000 },
    );
    expect(host!.commands.map((each) => each.name)).toEqual(['good']);
    const told = host!.problems.map((each) => each.message);
    for (const file of ['a-syntax', 'b-never', 'c-empty', 'd-name', 'e-norun', 'f-exits', 'h-twice'])
      expect(told.some((message) => message.includes(file))).toBe(true);
    expect((await execute('good')).outcome.result).toBe('yes');
  });
});

test('the example http-check tells the status of an endpoint and fails with a sentence', async () => {
  await cp(new URL('../../../../resources/examples/plugins/http-check.mjs', import.meta.url), join(folder, 'http-check.mjs'));
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 503;
    if (request.url !== '/silent') response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    host = await openPlugins(folder, { clock: systemClock });
    expect(host.problems).toEqual([]);
    expect((await execute('http_check', `${address}/health`)).outcome).toMatchObject({ success: true, result: '200' });
    expect(Number((await execute('http_check', `${address}/health`, 'milliseconds')).outcome.result)).toBeGreaterThanOrEqual(0);
    expect((await execute('http_check', `${address}/other`)).outcome).toMatchObject({ success: false, result: '503' });
    expect((await execute('http_check', `${address}/silent`, 'status', '100ms')).outcome.message).toContain('did not answer within 100 ms');
    expect((await execute('http_check', 'ftp://x')).outcome.message).toContain('is no HTTP address');
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
