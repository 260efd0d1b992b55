/** `testops --help` of the built command, from nothing to its last byte. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { quantile, type Figure } from './figures.ts';

export function benchHelp(): readonly Figure[] {
  const root = join(import.meta.dirname, '..', '..');
  execFileSync(process.execPath, [join(root, 'tools', 'build.mjs')], { stdio: 'ignore' });
  const times = Array.from({ length: 20 }, () => {
    const began = performance.now();
    execFileSync(process.execPath, [join(root, 'dist', 'cli', 'testops.mjs'), '--help'], { stdio: 'pipe' });
    return performance.now() - began;
  });
  return [{ figure: '`testops --help`, median of 20', ours: quantile(times, 0.5), unit: 'ms', target: '< 150' }];
}

if (import.meta.main) console.table(benchHelp());
