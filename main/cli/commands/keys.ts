/** `testops keys new`. */
import { newKey as makeKey, writeKeyFile } from '#platform/keys.ts';
import { Terminal } from '../terminal.ts';

export async function newKey(file: string): Promise<void> {
  const key = makeKey();
  await writeKeyFile(file, key.seed);
  const terminal = new Terminal();
  terminal.line(key.publicKey);
  // Beside the output, so that a script can take the key as it is.
  terminal.problem({
    severity: 'information',
    code: 'key-written',
    message: `The secret seed is in ${file}; only the public key goes into other files.`,
  });
}
