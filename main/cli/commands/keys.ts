/** `testops keys new`. */
import { newKey as makeKey, writeKeyFile } from '#network/bus/keys.ts';
import { Terminal } from '../terminal.ts';

export async function newKey(file: string): Promise<void> {
  const key = makeKey();
  await writeKeyFile(file, key.seed);
  const terminal = new Terminal();
  terminal.line(key.publicKey);
  terminal.line(terminal.colours.dim(`The secret seed is in ${file}; only the public key above goes into other files.`));
}
