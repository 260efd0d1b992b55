#!/usr/bin/env node
/**
 * Where the built `testops` command begins. The command itself needs Node 24, and an older one cannot even load it: then the Node beside it is
 * taken, which a checkout has as a development dependency, or it is said what is needed. Uses nothing newer than Node 20.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const oldest = 24;
const here = dirname(fileURLToPath(import.meta.url));
const command = join(here, 'testops-command.mjs');

if (Number.parseInt(process.versions.node, 10) >= oldest) await import(pathToFileURL(command).href);
else useOther(nodeBeside());

/** The Node of the package in whose folder this file lies. */
function nodeBeside(): string | undefined {
  const program = join('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  for (let folder = here; ; folder = dirname(folder)) {
    const found = join(folder, program);
    if (existsSync(found)) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Ends as it ends; Ctrl-C reaches it directly, other endings are passed on. */
function useOther(node: string | undefined): void {
  if (node === undefined) return tellOldest();
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', command, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', tellOldest);
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

function tellOldest(): void {
  process.stderr.write(
    `error testops needs Node ${oldest} or newer, and this is Node ${process.versions.node}. ` +
      `Call it with a newer one, from https://nodejs.org or by "npm install node@${oldest}" in the folder of the package, which is found then.\n`,
  );
  process.exitCode = 2;
}
