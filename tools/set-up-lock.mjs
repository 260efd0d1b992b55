/**
 * One at a time: two commands that are started at once in a fresh checkout would otherwise install its packages over each other. Uses
 * nothing newer than Node 20, because it runs before anything is installed.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** ms between two looks at whether the other command has ended. */
const interval = 200;

/**
 * Does something while no other process does anything under the same lock; waits for one that does. The lock of a process that is
 * gone counts for nothing.
 * @template T
 * @param {string} file
 * @param {() => T} action
 * @param {() => void} onWait said once where another one is waited for
 * @returns {T}
 */
export function whileLocked(file, action, onWait) {
  let waited = false;
  while (!taken(file)) {
    if (!waited) onWait();
    waited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, interval);
  }
  try {
    return action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function taken(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (failure) {
    if (/** @type {NodeJS.ErrnoException} */ (failure).code !== 'EEXIST') throw failure;
    if (!isHeld(file)) removeDead(file);
    return false;
  }
}

/**
 * Takes the lock of a process that is gone away. Whoever else found it dead at the same moment may hold it by now: theirs is put back.
 * @param {string} file
 */
function removeDead(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (isHeld(aside)) renameSync(aside, file);
    else rmSync(aside, { force: true });
  } catch (failure) {
    if (/** @type {NodeJS.ErrnoException} */ (failure).code !== 'ENOENT') throw failure;
  }
}

/** @param {string} file */
function isHeld(file) {
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    // It was made a moment ago, and its holder has not written itself into it yet.
    if (holder === 0) return true;
    process.kill(holder, 0);
    return true;
  } catch (failure) {
    return /** @type {NodeJS.ErrnoException} */ (failure).code === 'EPERM';
  }
}
