/**
 * No check passes by accident: a real network, a daemon that executes real programs, a plugin, and
 * the command that a user calls. What the programs print is compared to the last digit, and what a crash leaves meets nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, nodeOptions, openNetwork, testops, type NetworkOfProcesses } from '../network-of-processes.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';

let network: NetworkOfProcesses;

const shell = (text: string) => ({ command: ['sh', '-c', text] });

beforeAll(async () => {
  network = await openNetwork({
    daemon: {
      actions: {
        count_sent: { ...shell(`echo '{{"orders": {{"sent": 2733382000000000049}}}}'`), result: { json: 'orders.sent' } },
        count_acknowledged: { ...shell(`echo '{{"orders": [2733382000000000048]}}'`), result: { json: 'orders.0' } },
        count_rows: shell('kill -SEGV $$'),
        count_half: shell('echo 12; exit 3'),
        count_nothing: shell('true'),
        measure: shell('echo 2e-05'),
        exec_smoke: shell('echo FAIL; exit 1'),
      },
    },
  });
  await network.startDaemon();
  await mkdir(join(network.folder, 'plugins'));
  const plugin = `export default [{ name: 'count_all', run: () => 2733382000000000049n }, { name: 'count_lossy', run: () => 2733382000000000049 }]`;
  await writeFile(join(network.folder, 'plugins', 'count.mjs'), plugin);
});

afterAll(async () => {
  await network.dispose();
});

/** Runs a scenario as a user does; its exit status and records. */
async function run(
  text: string,
): Promise<{ readonly status: number | null; readonly records: readonly RunRecord[]; readonly said: string }> {
  const scenario = join(network.folder, 'checked.scn');
  await writeFile(scenario, text);
  const args = ['run', scenario, '-e', network.environmentFile, '--on-error', 'continue', '--json'];
  const program = launch(process.execPath, [...nodeOptions, testops, ...args], network.folder);
  program.child.stdin?.end();
  await program.ended;
  const lines = program.output().split('\n');
  const records = lines.flatMap((line) => (line.startsWith('{') ? [runRecordSchema.parse(JSON.parse(line))] : []));
  return { status: program.child.exitCode, records, said: program.output() };
}

function steps(records: readonly RunRecord[]): string[] {
  return records.flatMap((record) => (record.kind === 'step-finished' ? [`${record.step.text}: ${record.state}`] : []));
}

test('results are compared to the last digit and in any form; a crash meets nothing', { timeout: 60_000 }, async () => {
  const { records, said } = await run(`set sent count_sent
set acknowledged count_acknowledged
set all count_all
set small measure
set lost count_rows
set half count_half
set none count_nothing
expect #{sent} == #{acknowledged}
expect #{sent} > #{acknowledged}
expect #{sent} == #{all}
expect #{small} > 0.5
expect #{small} == 0.02e-3
expect #{lost} < 100
expect not #{lost} >= 100
expect #{lost} != 5
expect #{half} < 100
expect #{none} < 100
if #{none} < 100 then exit pass
count_lossy
`);
  expect(steps(records), said).toEqual([
    'set sent count_sent: passed',
    'set acknowledged count_acknowledged: passed',
    'set all count_all: passed',
    'set small measure: passed',
    'set lost count_rows: passed',
    'set half count_half: passed',
    'set none count_nothing: passed',
    'expect #{sent} == #{acknowledged}: failed',
    'expect #{sent} > #{acknowledged}: passed',
    'expect #{sent} == #{all}: passed',
    'expect #{small} > 0.5: failed',
    'expect #{small} == 0.02e-3: passed',
    'expect #{lost} < 100: error',
    'expect not #{lost} >= 100: error',
    'expect #{lost} != 5: error',
    'expect #{half} < 100: error',
    'expect #{none} < 100: error',
    'if #{none} < 100 then exit pass: error',
    'count_lossy: failed',
  ]);
  const message = records.flatMap((record) => (record.kind === 'step-finished' && record.step.line === 12 ? [record.message] : []))[0];
  expect(message).toBe(
    "'lost' (empty) cannot be compared by `<`: it is the result of a command that failed (line 5 of checked, `set lost count_rows`: the command ended by signal SEGV. The program was ended by SEGV).",
  );
});

test('the smoke test of the deck goes its way when it fails', { timeout: 60_000 }, async () => {
  const { records } = await run(
    "set smoke_status exec_smoke\nif 'PASS' == #{smoke_status} then goto pass\necho FAIL\nexit\nlabel pass\necho PASS\n",
  );
  expect(steps(records).map((step) => step.split(':').at(-1))).toEqual([' passed', ' passed', ' passed', ' passed']);
  expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'failed', reason: 'The scenario said FAIL.' });
});

test('what can be known before the run is told before it, and nothing is executed', { timeout: 60_000 }, async () => {
  const { status, records, said } = await run('count_sent\nset sent count_sent\nexpect #{sent} < many\n');
  expect(records).toEqual([]);
  expect(status).not.toBe(0);
  expect(said).toContain('`many` is no number, and `<` compares numbers, sizes, durations and shares only.');
});
