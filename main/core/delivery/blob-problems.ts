/** What can be wrong with blobs, as problems. */
import { ProblemError } from '#shared/problem.ts';
import type { BlobHash } from './ports.ts';

export function noBlob(hash: BlobHash): ProblemError {
  return new ProblemError({ code: 'no-blob', message: `There is no blob ${hash}.` });
}

export function falseBlob(hash: BlobHash): ProblemError {
  return new ProblemError({ code: 'blob-false', message: `What arrived as blob ${hash} is something else; it was thrown away.` });
}

export function wrongStretch(hash: BlobHash): ProblemError {
  return new ProblemError({ code: 'blob-stretch', message: `A stretch of blob ${hash} reaches beyond its end.` });
}

export function blobsFull(place: string, limit: number): ProblemError {
  return new ProblemError({
    code: 'blobs-full',
    message: `${place} holds ${limit} bytes of packages and evidence; no more is kept.`,
    tip: 'Remove old campaigns, or allow more.',
  });
}
