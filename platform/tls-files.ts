/** Certificates and keys for TLS, read from the files that a configuration names. */
import { readFile } from 'node:fs/promises';
import { ProblemError } from '#shared/problem.ts';

/** PEM texts. */
export interface TlsMaterial {
  /** Authorities whose certificates are trusted, instead of the system's. */
  readonly ca?: string | undefined;
  /** Our own certificate, with its chain. */
  readonly certificate?: string | undefined;
  /** Private key of our own certificate. */
  readonly key?: string | undefined;
}

async function readPem(path: string, what: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((failure: NodeJS.ErrnoException) => {
    const why = failure.code === 'ENOENT' ? 'does not exist' : `cannot be read (${failure.code ?? failure.message})`;
    throw new ProblemError({ code: 'tls-file', message: `The ${what} ${path} ${why}.`, tip: 'Check the path in the configuration.' });
  });
  if (text.includes('-----BEGIN ')) return text;
  throw new ProblemError({
    code: 'tls-file',
    message: `The ${what} ${path} is not in PEM format.`,
    tip: 'It must hold a "-----BEGIN …-----" block.',
  });
}

/** Reads the files of a TLS configuration; any of them may be absent. */
export async function readTlsFiles(files: {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}): Promise<TlsMaterial> {
  const [ca, certificate, key] = await Promise.all([
    files.ca === undefined ? undefined : readPem(files.ca, 'certificate authority file'),
    files.certificate === undefined ? undefined : readPem(files.certificate, 'certificate file'),
    files.key === undefined ? undefined : readPem(files.key, 'key file'),
  ]);
  return { ca, certificate, key };
}
