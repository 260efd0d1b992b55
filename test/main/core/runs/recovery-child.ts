/**
 * A core that is going to be killed: starts a run against a real network, says what is recorded, and goes on until it dies.
 * Its disk takes the samples of the first second only, so that its death surely takes some.
 */
import { writeSync } from 'node:fs';
import { realFiles } from '#main/core/archive/files.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';

const [archiveFolder = '', scenarioFile = '', environmentFile = ''] = process.argv.slice(2);
let segments = 0;
const syncFile = (file: string): Promise<void> => (++segments === 1 ? realFiles.syncFile(file) : new Promise(() => undefined));
const core = await openCore({ archiveFolder, archiveFiles: { ...realFiles, syncFile } });
const console = connectInProcess(core);
const { run } = await console.request('run.start', { scenarioFile, environmentFile, policy: 'abort', attended: false });
await console.listen('run.records', { run, from: 1 }, (records) => {
  for (const record of records) {
    if (record.kind === 'step-started') writeSync(1, `${record.step.text}\n`);
    if (record.kind !== 'observation') continue;
    for (const event of record.events) if (event.kind === 'log') writeSync(1, `${event.text}\n`);
  }
}).ended;
