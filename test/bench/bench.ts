/** `npm run bench`: every benchmark, as one table on the terminal and in docs/benchmarks.md. `-- samples router` runs only these. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figureTable, machine, type Figure } from './figures.ts';

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  samples: async () => (await import('./samples.ts')).benchSamples(),
  router: async () => (await import('./router.ts')).benchRouter(),
  commands: async () => (await import('./command-round-trip.ts')).benchCommands(),
  engine: async () => (await import('./engine.ts')).benchEngine(),
  archive: async () => (await import('./archive.ts')).benchArchive(),
  analysis: async () => (await import('./analysis.ts')).benchAnalysis(),
  compare: async () => (await import('./compare.ts')).benchCompare(),
  daemon: async () => (await import('./daemon-load.ts')).benchDaemon(),
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
const names = Object.keys(benches).filter((name) => asked.length === 0 || asked.includes(name));
const figures: Figure[] = [];
for (const name of names) {
  process.stdout.write(`measuring ${name} …\n`);
  figures.push(...((await benches[name]?.()) ?? []));
}

const table = figureTable(figures);
process.stdout.write(`\n${table}\n\n${machine()}\n`);

if (asked.length === 0) {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
  const marker = '<!-- figures -->';
  const text = readFileSync(file, 'utf8');
  const [before] = text.split(marker);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${before}${marker}\n\nMeasured on ${date}: ${machine()}.\n\n${table}\n`);
  process.stdout.write(`written to docs/benchmarks.md\n`);
}
