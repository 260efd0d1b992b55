/**
 * Keys of users of the router and of operators: Ed25519 key pairs in the nkeys format. The public part (`U…`) stands
 * in configurations; the seed (`SU…`) stands in a file that only its owner may read.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import type { KeyPair } from '@nats-io/nkeys';
import { ProblemError } from '#shared/problem.ts';
import type { Signer, Verifier } from '#shared/protocol/commands.ts';
import { ed25519Signer, verifyEd25519 } from './ed25519.ts';

export interface NewKey {
  /** `U…`, for configurations. */
  readonly publicKey: string;
  /** `SU…`, secret. */
  readonly seed: string;
}

const publicKeyPattern = /^U[A-Z2-7]{55}$/;
const seedPattern = /^SU[A-Z2-7]{56}$/;

/** A new random user key. */
export function newKey(): NewKey {
  const pair = createUser();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

/** Whether a text is the public key of a user, checksum included. */
export function isPublicKey(text: string): boolean {
  if (!publicKeyPattern.test(text)) return false;
  try {
    fromPublic(text);
    return true;
  } catch {
    return false;
  }
}

function pairOf(seed: string): KeyPair {
  const text = seed.trim();
  try {
    if (seedPattern.test(text)) return fromSeed(new TextEncoder().encode(text));
  } catch {
    // Told below; what the library says could quote the seed.
  }
  throw new ProblemError({
    code: 'bad-key',
    message: 'This is not the seed of a user key (SU…).',
    tip: 'Make a key with "testops keys new".',
  });
}

/** What signs with a seed; its public key is the seed's. */
export function signerFromSeed(seed: string): Signer {
  const pair = pairOf(seed);
  return { publicKey: pair.getPublicKey(), sign: ed25519Signer(seed.trim()) };
}

/** Checks a signature against a public key; false for anything malformed. */
export const verifier: Verifier = (publicKey, bytes, signature) => {
  if (signature.length !== 64 || !isPublicKey(publicKey)) return false;
  try {
    return verifyEd25519(publicKey, bytes, signature);
  } catch {
    return false;
  }
};

function fileProblem(path: string, failure: NodeJS.ErrnoException): ProblemError {
  if (failure.code === 'ENOENT') {
    return new ProblemError({
      code: 'no-key-file',
      message: `The key file ${path} does not exist.`,
      tip: 'Make one with "testops keys new", or mend the path.',
    });
  }
  return new ProblemError({
    code: 'key-file',
    message: `The key file ${path} cannot be read (${failure.code ?? 'unknown reason'}).`,
    tip: 'It must be a file that this user may read.',
  });
}

/** Reads the seed from a key file. A file that others may read is refused. */
export async function readKeyFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch((failure: NodeJS.ErrnoException) => Promise.reject(fileProblem(path, failure)));
  try {
    const { mode, size } = await file.stat();
    // Windows has no such modes; there the folder's access list protects the file.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new ProblemError({
        code: 'key-file-open-to-others',
        message: `The key file ${path} can be read or changed by other users of this machine.`,
        tip: `Run: chmod 600 ${path}`,
      });
    }
    if (size > 4_096) throw new ProblemError({ code: 'bad-key', message: `The file ${path} is too large to be a key file.` });
    const seed = (await file.readFile('utf8').catch((failure) => Promise.reject(fileProblem(path, failure)))).trim();
    pairOf(seed);
    return seed;
  } catch (failure) {
    if (failure instanceof ProblemError && failure.problem.code === 'bad-key') {
      throw new ProblemError({ ...failure.problem, message: `The file ${path} does not hold the seed of a user key (SU…).` });
    }
    throw failure;
  } finally {
    await file.close();
  }
}

/** Writes a seed to a new file that only its owner may read; an existing file is never touched. */
export async function writeKeyFile(path: string, seed: string): Promise<void> {
  pairOf(seed);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(path, flags, 0o600).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'EEXIST') {
      throw new ProblemError({
        code: 'key-file-exists',
        message: `The file ${path} exists already and was left as it is.`,
        tip: 'Choose another name for the new key.',
      });
    }
    throw new ProblemError({
      code: 'key-file',
      message: `The key file ${path} cannot be written (${failure.code ?? 'unknown reason'}).`,
      tip: 'Its folder must exist and be writable.',
    });
  });
  try {
    await file.writeFile(`${seed.trim()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
