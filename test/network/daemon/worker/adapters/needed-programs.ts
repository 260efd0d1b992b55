/** What tests of adapters need of the machine: without it they are left out, and it is said why; in continuous integration they are not. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** For `skipIf`: whether it is missing; the reason is printed for the summary. */
function leftOut(missing: boolean, what: string, remedy: string): boolean {
  if (!missing || process.env['CI'] === 'true') return false;
  process.stdout.write(`Skipped: there is no ${what} here; ${remedy} brings it.\n`);
  return true;
}

export const chromium = '/usr/bin/chromium';
export const debianPython = '/usr/bin/python3';
/** Where Debian has its Python packages. */
export const debianPackages = '/usr/lib/python3/dist-packages';

export function missingChromium(): boolean {
  return leftOut(!existsSync(chromium), 'Chromium', "Debian's chromium");
}

export function missingGo(): boolean {
  return leftOut(spawnSync('go', ['version']).status !== 0, 'Go', "Debian's golang-go");
}

/** Every interpreter here that has pytest, with its version: that of Debian, and whatever else `python3` is. */
export function pythonsWithPytest(): [python: string, version: string][] {
  const found = new Map<string, string>();
  for (const python of [debianPython, 'python3']) {
    const { status, stdout } = spawnSync(python, ['-c', 'import pytest, sys; print(pytest.__version__, sys.executable)'], {
      encoding: 'utf8',
    });
    if (status === 0) found.set(stdout.trim(), python);
  }
  return [...found].map(([version, python]) => [python, version.split(' ')[0] ?? '']);
}

export function missingPytest(): boolean {
  return leftOut(pythonsWithPytest().length === 0, 'pytest', "Debian's python3-pytest");
}

export function missingNetworkx(): boolean {
  const missing = !existsSync(`${debianPackages}/networkx`) || !existsSync(`${debianPackages}/pytest`);
  return leftOut(missing, 'networkx', "Debian's python3-networkx");
}
