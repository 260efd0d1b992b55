/** Blobs: bytes known by their SHA-256. Packages, lists of tests and evidence are made of them; nothing is kept twice. */
import type { Owned } from '#shared/disposable.ts';

/** SHA-256, hexadecimal. */
export type BlobHash = string;

export interface BlobStore extends Owned {
  /** Bytes of a blob; null: it is not there. */
  size(hash: BlobHash): Promise<number | null>;
  /** A stretch of it, shorter at its end. Rejects with a ProblemError (`no-blob`) when it is not there. */
  read(hash: BlobHash, offset: number, length: number): Promise<Uint8Array>;
  /** Takes bytes in, whatever they are; answers with their hash. What is there already is not written again. */
  put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ readonly hash: BlobHash; readonly size: number }>;
  /**
   * Takes in a stretch of a blob that arrives in pieces, in order; answers with the bytes that are there from its start on. When all are, they
   * are verified: what is not what its hash says is thrown away and rejects (`blob-false`).
   */
  store(hash: BlobHash, size: number, offset: number, bytes: Uint8Array): Promise<number>;
  /** Removes what is not among these and was not used for as long as told (ms). */
  keepOnly(wanted: ReadonlySet<BlobHash>, unusedFor: number): Promise<{ readonly removed: number; readonly bytes: number }>;
}
