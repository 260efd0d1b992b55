/** Configuration files as text and as plain data, for the daemon's own and for those of the console's environments. */
import { open } from 'node:fs/promises';
import { isPair, isScalar, visit, type Document } from 'yaml';
import type { Problem } from '#shared/problem.ts';

const maximumBytes = 1_000_000;

/** What a file is called in sentences, and what to say where it is not there. */
export interface FileWords {
  /** `The configuration`. */
  readonly what: string;
  readonly missingTip: string;
}

/** The bytes of a file of reasonable size, or why they cannot be had. */
export async function readBounded(file: string, { what, missingTip }: FileWords): Promise<Buffer | Problem> {
  const problem = (code: string, message: string, tip: string): Problem => ({ severity: 'error', code, message, tip, file });
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size > maximumBytes)
      return problem('too-long', `The file has ${size} bytes; ${maximumBytes} are allowed.`, 'Is this the right file?');
    return await handle.readFile();
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
    if (code === 'ENOENT') return problem('missing-file', `${what} is not there.`, missingTip);
    const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'this user may not' : 'the disk refused';
    return problem('unreadable-file', `${what} cannot be read: ${reason}.`, 'Name a file that this user may read.');
  }
}

/** The text of a file, without the mark that some editors put at its beginning. */
export function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/**
 * The document as plain data. Numbers below the keys in `verbatim` are kept as they were written (007, 1.20). Throws where
 * anchored parts are repeated too often, or one that is referred to is not there.
 */
export function plainContent(document: Document, verbatim: readonly string[]): unknown {
  visit(document, {
    Scalar: (_, node, ancestors) => {
      const written = typeof node.value === 'number' && node.source !== undefined;
      const kept = ancestors.some((each) => isPair(each) && isScalar(each.key) && verbatim.includes(String(each.key.value)));
      if (written && kept) node.value = node.source;
    },
  });
  return document.toJS({ maxAliasCount: 100 });
}
