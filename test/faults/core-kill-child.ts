/**
 * A core that is going to be killed: starts a run that promises many undo commands, and writes each record that was
 * acknowledged, and each command that was sent, to its output at once.
 */
import { writeSync } from 'node:fs';
import { countingEnvironment } from './counting-environment.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';

const [archiveFolder = '', scenarioFile = ''] = process.argv.slice(2);
const say = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const environments = countingEnvironment((words, command) => say({ sent: command, words }));
const core = await openCore({ archiveFolder, environments, operator: 'alice' });
const console = connectInProcess(core);
const { run } = await console.request('run.start', { scenarioFile, environmentFile: 'environment.yaml', policy: 'abort', attended: false });
say({ run });
await console.listen('run.records', { run, from: 1 }, (records) => records.forEach((record) => say({ record }))).ended;
say({ ended: true });
