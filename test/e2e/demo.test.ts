/** The demo as a newcomer sees it: real processes, a real kill, an archived run, and nothing left behind. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, startCommand } from './console-command.ts';

let archive: string;
/** Where the demo makes the folder of its processes; nothing else does. */
let temporary: string;
/** Where its workspace lasts. */
let home: string;
beforeEach(() => {
  archive = mkdtempSync(join(tmpdir(), 'testops-archive-'));
  home = mkdtempSync(join(tmpdir(), 'testops-demo-home-'));
  temporary = mkdtempSync(join(tmpdir(), 'testops-demo-'));
});
afterEach(() => {
  for (const folder of [archive, temporary, home]) rmSync(folder, { recursive: true, force: true });
});

/** Processes that work in this folder or name it on their command line. */
function processesNaming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => {
      try {
        return `${readlinkSync(`/proc/${name}/cwd`)} ${readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(folder));
}

/** The folders that a demo made and did not remove. */
function foldersLeft(): string[] {
  return readdirSync(temporary).map((name) => join(temporary, name));
}

describe('testops demo', { timeout: 90_000 }, () => {
  test('rc1: the first trace of the deck, an archived run, nothing left', async () => {
    const ended = await runCommand(['demo'], { archive, temporary, home });
    expect(ended.complaints).toBe('');
    expect(ended.output).toContain('Trace: 0 1 2 3 8\n');
    expect(ended.output).toContain('PASSED');
    expect(ended.output).toContain('MatchingEnginePrimary crashed');
    expect(ended.status).toBe(0);
    expect(foldersLeft()).toEqual([]);

    const listed = await runCommand(['runs', 'list', '--json'], { archive, temporary, home });
    const [run] = listed.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(run).toMatchObject({ scenario: 'failover', release: 'rc1', outcome: 'passed', damage: null });
    const totals = run?.['totals'] as { samples: number; series: number; gapsLost: number };
    expect(totals.samples).toBeGreaterThan(100);
    expect(totals.series).toBeGreaterThan(20);
    expect(totals.gapsLost).toBe(0);
  });

  test('rc3: the second trace, from orders that were really lost', async () => {
    const ended = await runCommand(['demo', '--release', 'rc3'], { archive, temporary, home });
    expect(ended.output).toContain('Trace: 0 1 2 3 4 5 6\n');
    expect(ended.output).toMatch(/FAIL every acknowledged order is known to the engine \(\d+ of \d+ lost\)/);
    expect(ended.output).toContain('FAILED');
    expect(ended.status).toBe(1);
  });

  test('rc2 passes its smoke test but takes longer to recover than the measured scenario allows', async () => {
    const ended = await runCommand(['demo', '--release', 'rc2', '--scenario', 'failover-measured', '--json'], { archive, temporary, home });
    const records = ended.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; form?: string; text?: string; state?: string });
    const failed = records.filter((record) => record.kind === 'condition' && record.form === 'expect' && record.state === 'not met');
    expect(failed.map((record) => record.text).join('\n')).toMatch(/Gateway\.outage|internal_latency/);
    expect(ended.status).toBe(1);
  });

  test('Ctrl-C stops the run and takes everything down', async () => {
    const demo = startCommand(['demo'], { archive, temporary, home });
    await demo.printed('start_load');
    const own = foldersLeft();
    expect(own).toHaveLength(1);
    demo.process.kill('SIGINT');
    const ended = await demo.ended;
    expect(ended.status).toBe(130);
    expect(foldersLeft()).toEqual([]);
    for (const folder of own) expect(processesNaming(folder)).toEqual([]);
  });

  test('when the console is killed without a word, nothing stays behind either', async () => {
    const demo = startCommand(['demo', '--stay'], { archive, temporary, home });
    await demo.printed('Ctrl-C takes it down');
    const [own] = foldersLeft();
    expect(own).toBeDefined();
    expect(processesNaming(own ?? '').length).toBeGreaterThan(4);
    demo.process.kill('SIGKILL');
    await demo.ended;
    await expect.poll(() => processesNaming(own ?? ''), { timeout: 15_000 }).toEqual([]);
  });

  test('what was saved in its workspace is there the next time, also after it was killed, and can be run', async () => {
    const workspace = join(home, 'console', 'demo', 'exchange');
    const first = startCommand(['demo', '--stay'], { archive, temporary, home });
    await first.printed('Ctrl-C takes it down');
    expect(first.output()).toContain(`-e ${join(workspace, 'environment.yaml')}`);
    writeFileSync(join(workspace, 'scenarios', 'mine.scn'), 'echo still here\n');
    first.process.kill('SIGKILL');
    await first.ended;

    const again = await runCommand(['demo', '--release', 'rc2', '--scenario', 'mine'], { archive, temporary, home });
    expect(again.complaints).toBe('');
    expect(again.output).toContain('still here');
    expect(again.output).toContain('PASSED');
    expect(again.status).toBe(0);
    expect(readFileSync(join(workspace, 'environment.yaml'), 'utf8')).toContain("release: 'rc2'");
  });

  test('a configuration of a daemon that was changed is used, and a mistake in it is told with the file to mend', async () => {
    await runCommand(['demo', '--scenario', 'restart-primary'], { archive, temporary, home });
    const file = join(home, 'console', 'demo', 'exchange', 'daemons', 'INJ.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}  say_hello: { command: [echo, 'hello from {{workspace}}'] }\n`);
    writeFileSync(join(home, 'console', 'demo', 'exchange', 'scenarios', 'hello.scn'), 'say_hello\n');
    const used = await runCommand(['demo', '--scenario', 'hello'], { archive, temporary, home });
    expect(used.output).toContain(`hello from ${join(home, 'console', 'demo', 'exchange')}`);
    writeFileSync(file, `${text}nonsense: true\n`);
    const refused = await runCommand(['demo'], { archive, temporary, home });
    expect(refused.errors).toContain(`The daemon INJ of this environment ended: ${file}:`);
    expect(refused.errors).toContain('The key "nonsense" is not known.');
    expect(refused.status).toBe(2);
  });

  test('a second one meanwhile has a workspace of its own, and says so; a reset of the first is refused', async () => {
    const workspace = join(home, 'console', 'demo', 'exchange');
    const first = startCommand(['demo', '--stay'], { archive, temporary, home });
    await first.printed('Ctrl-C takes it down');
    const before = readFileSync(join(workspace, 'environment.yaml'), 'utf8');
    const refused = await runCommand(['demo', '--reset-workspace'], { archive, temporary, home });
    expect(refused.errors).toMatch(/The demo's workspace is in use by process \d+\. End the demo there first\./);
    expect(refused.status).toBe(2);
    const second = await runCommand(['demo', '--release', 'rc3'], { archive, temporary, home });
    expect(second.errors).toContain(`${workspace} is in use by process`);
    expect(second.errors).toContain(`${workspace}-2.`);
    expect(second.output).toContain('Trace: 0 1 2 3 4 5 6\n');
    expect(readFileSync(join(workspace, 'environment.yaml'), 'utf8')).toBe(before);
    first.process.kill('SIGINT');
    await first.ended;
  });

  test('--reset-workspace sets what was saved aside, and begins with what comes with the product', async () => {
    const places = join(home, 'console', 'demo');
    const scenario = join(places, 'exchange', 'scenarios', 'failover.scn');
    await runCommand(['demo'], { archive, temporary, home });
    const shipped = readFileSync(scenario, 'utf8');
    writeFileSync(scenario, 'echo mine\n');
    const ended = await runCommand(['demo', '--reset-workspace'], { archive, temporary, home });
    const aside = /is now (\S+exchange-before-\S+)\./.exec(ended.output)?.[1] ?? '';
    expect(readFileSync(join(aside, 'scenarios', 'failover.scn'), 'utf8')).toBe('echo mine\n');
    expect(readFileSync(scenario, 'utf8')).toBe(shipped);
    expect(ended.output).toContain('Trace: 0 1 2 3 8\n');
  });

  test('a release that does not exist is refused in one sentence', async () => {
    const ended = await runCommand(['demo', '--release', 'rc9'], { archive, temporary, home });
    expect(ended.errors).toMatch(/There is no release rc9 here\. Choose one of: rc1, rc2, rc3\./);
    expect(ended.status).toBe(2);
  });
});
