/** A disk of a few bytes that can be filled without harm to others. Only root on Linux has one; elsewhere it says why not. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface SmallDisk {
  /** Its folder; an ordinary one where the disk is refused. */
  readonly disk: string;
  /** Null when the disk is there. */
  readonly refusal: string | null;
}

/** Mounts one of a size such as `128k` for as long as the tests of a file run. */
export function mountSmallDisk(size: string): SmallDisk {
  const disk = mkdtempSync(join(tmpdir(), 'testops-disk-'));
  const refusal = mountRefused(disk, size);
  if (refusal !== null) console.warn(`Skipped: no small disk can be mounted here (${refusal}).`);
  afterAll(() => {
    if (refusal === null) execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return { disk, refusal };
}

function mountRefused(disk: string, size: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may, on Linux';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'pipe' });
    return null;
  } catch (failure) {
    return failure instanceof Error ? (failure.message.split('\n')[1] ?? failure.message) : String(failure);
  }
}
