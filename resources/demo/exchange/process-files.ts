/** What every process of the exchange has: options from its command line, a log file, and a pid file. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

/** Reads `--name value` options; a missing one ends the process with a sentence. */
export function options<const Names extends readonly string[]>(names: Names): Record<Names[number], string> {
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])) });
  for (const name of names) {
    if (typeof values[name] !== 'string') {
      process.stderr.write(`The option --${name} is missing.\n`);
      process.exit(2);
    }
  }
  return values as Record<Names[number], string>;
}

export function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  process.stderr.write(`${text} is not a port.\n`);
  process.exit(2);
}

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** Appends `2026-01-31T12:00:00.000Z INFO  text` lines. */
export function openLog(file: string): (level: Level, text: string) => void {
  mkdirSync(dirname(file), { recursive: true });
  return (level, text) => appendFileSync(file, `${new Date().toISOString()} ${level.padEnd(5)} ${text}\n`);
}

/** Writes the pid file and takes it away at a clean end (SIGTERM, SIGINT). */
export function markRunning(pidFile: string, atEnd: () => void): void {
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  const end = () => {
    atEnd();
    rmSync(pidFile, { force: true });
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
