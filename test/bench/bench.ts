/** `npm run bench`: every benchmark, on the terminal and in docs/benchmarks.md. `-- samples router` measures only these anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withFigures } from './figures-document.ts';
import { figureTable, machine, type Figure } from './figures.ts';

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  samples: async () => (await import('./samples.ts')).benchSamples(),
  router: async () => (await import('./router.ts')).benchRouter(),
  commands: async () => (await import('./command-round-trip.ts')).benchCommands(),
  engine: async () => (await import('./engine.ts')).benchEngine(),
  archive: async () => (await import('./archive.ts')).benchArchive(),
  ledger: async () => (await import('./ledger.ts')).benchLedger(),
  analysis: async () => (await import('./analysis.ts')).benchAnalysis(),
  behaviour: async () => (await import('./behaviour/behaviour.ts')).benchBehaviour(),
  compare: async () => (await import('./compare.ts')).benchCompare(),
  campaigns: async () => (await import('./campaigns.ts')).benchCampaigns(),
  coordinator: async () => (await import('./coordinator.ts')).benchCoordinator(),
  daemon: async () => (await import('./daemon-load.ts')).benchDaemon(),
  'test-adapters': async () => (await import('./test-adapters.ts')).benchTestAdapters(),
  'console-charts': async () => (await import('./console-charts.ts')).benchConsoleCharts(),
  'console-log': async () => (await import('./console-log.ts')).benchConsoleLog(),
  'console-start': async () => (await import('./console-start.ts')).benchConsoleStart(),
  'console-step': async () => (await import('./console-step.ts')).benchConsoleStep(),
  'console-keystroke': async () => (await import('./console-keystroke.ts')).benchConsoleKeystroke(),
  'console-sample': async () => (await import('./console-sample.ts')).benchConsoleSample(),
  'console-replay': async () => (await import('./console-replay.ts')).benchConsoleReplay(),
  'console-memory': async () => (await import('./console-memory.ts')).benchConsoleMemory(),
  help: async () => (await import('./help.ts')).benchHelp(),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}

const document = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const date = new Date().toISOString().slice(0, 10);
const measured = new Map<string, string>();
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`measuring ${name} …\n`);
  const table = figureTable(await bench());
  process.stdout.write(`\n${table}\n\n`);
  measured.set(name, `Measured on ${date}: ${machine()}.\n\n${table}`);
  // Written after each: a run that is broken off keeps what it has measured.
  const text = withFigures(readFileSync(document, 'utf8'), Object.keys(benches), measured);
  writeFileSync(document, await format(text, { ...(await resolveConfig(document)), filepath: document }));
}
process.stdout.write('written to docs/benchmarks.md\n');
