/**
 * Whether the ledgers in a folder of this machine are copies: beside a nats-server they are what its own cores led, kept for a loss there, and
 * nothing keeps them current afterwards. A mark beside them says so to who reads them without the server.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const mark = 'copies.txt';

/** @param place where the ledgers are, for people */
export async function markAsCopies(folder: string, place: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, mark), `Copies of what cores of this machine led; the ledgers are in ${place}.\n`, { mode: 0o600 });
}

export async function markAsOriginals(folder: string): Promise<void> {
  await rm(path.join(folder, mark), { force: true });
}

export function areCopies(folder: string): Promise<boolean> {
  return access(path.join(folder, mark)).then(
    () => true,
    () => false,
  );
}
