/**
 * The output of components that the daemon starts goes to files of their own, not through the daemon: so a component
 * outlives a killed daemon, and what it wrote can be read afterwards. Bounded; the part before is kept beside it.
 */
import { close, closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { LineSplitter } from '#platform/lines.ts';

/** Bytes at which a component's output is moved aside. */
const maximumBytes = 16 * 1024 * 1024;

function pathOf(folder: string, component: string): string {
  return join(folder, `${component}.log`);
}

/** A new file for a component's output, open for appending; the output of the start before is moved aside. */
export function openComponentOutput(folder: string, component: string): { readonly path: string; readonly descriptor: number } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = pathOf(folder, component);
  try {
    renameSync(path, `${path}.previous`);
  } catch {
    // There was none.
  }
  return { path, descriptor: openSync(path, 'a', 0o600) };
}

/** Moves the output aside where it has grown too long. The component writes on: its descriptor appends. */
export async function boundComponentOutput(folder: string, component: string): Promise<void> {
  const path = pathOf(folder, component);
  try {
    if ((await stat(path)).size < maximumBytes) return;
    await copyFile(path, `${path}.previous`);
    await truncate(path, 0);
  } catch {
    // Missing or full: tried again the next time.
  }
}

/** Gives each line that a file gets to `take`: soon by itself, or at once when asked to look. */
export function followOutput(path: string, take: (line: string) => void): { readonly look: () => void; readonly stop: () => void } {
  const descriptor = openSync(path, 'r');
  const lines = new LineSplitter();
  const buffer = Buffer.alloc(64 * 1024);
  let position = 0;
  const read = (): void => {
    // So much at a time at most: a component that writes without end must not hold the daemon up.
    for (let turn = 0; turn < 16 && fstatSync(descriptor).size > position; turn++) {
      const count = readSync(descriptor, buffer, 0, buffer.length, position);
      position += count;
      lines.push(buffer.subarray(0, count), take);
    }
  };
  const timer = setInterval(read, 25);
  const stop = (): void => {
    clearInterval(timer);
    read();
    lines.flush(take);
    close(descriptor);
  };
  return { look: read, stop };
}

/** Closes the daemon's own descriptor of a component's output. */
export function closeComponentOutput(descriptor: number): void {
  closeSync(descriptor);
}
