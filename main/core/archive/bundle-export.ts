/** Packs a finished run into one file. */
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { ZipFile } from 'yazl';
import { problemOf, ProblemError } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { bundleFile, bundleVersion, hashFile, remarksEntry, type Bundle } from './bundle-format.ts';
import { isMissing, partialSuffix, realFiles } from './files.ts';
import { finishedFiles } from './layout.ts';

/** Writes the bundle; the file appears when it is whole. `remarks`: the entry of what was said about the run, if anything was. */
export async function exportBundle(
  folder: string,
  manifest: RunManifest,
  file: string,
  remarks: Buffer | null,
): Promise<{ readonly bytes: number }> {
  const partial = `${file}${partialSuffix}`;
  try {
    const entries: Bundle['entries'] = [];
    for (const name of finishedFiles) entries.push({ name, ...(await hashFile(path.join(folder, name))) });
    if (remarks) entries.push({ name: remarksEntry, bytes: remarks.length, sha256: createHash('sha256').update(remarks).digest('hex') });
    await pack(folder, remarks, { kind: 'testops-run', version: bundleVersion, run: manifest.run, entries }, manifest, partial);
    await realFiles.syncFile(partial);
    await rename(partial, file);
    return { bytes: (await stat(file)).size };
  } catch (failure) {
    await rm(partial, { force: true }).catch(() => {});
    throw new ProblemError({
      code: 'export-failed',
      message: `The run ${manifest.run} cannot be exported to ${file}: ${reasonOf(failure, folder)}.`,
      file,
    });
  }
}

function reasonOf(failure: unknown, folder: string): string {
  if (!isMissing(failure)) return problemOf(failure).message;
  const missing = (failure as NodeJS.ErrnoException).path ?? '';
  return path.dirname(missing) === folder ? `its ${path.basename(missing)} is missing` : 'the folder for it is not there';
}

async function pack(folder: string, remarks: Buffer | null, bundle: Bundle, manifest: RunManifest, target: string): Promise<void> {
  const zip = new ZipFile();
  // The same run gives the same bytes, wherever and whenever it is exported.
  const options = { mtime: new Date(manifest.finishedAt ?? manifest.startedAt), mode: 0o100_644 };
  zip.addBuffer(Buffer.from(`${JSON.stringify(bundle, null, 2)}\n`), bundleFile, { ...options, compress: true });
  for (const { name } of bundle.entries) {
    if (name === remarksEntry) continue;
    zip.addFile(path.join(folder, name), name, { ...options, compress: !name.endsWith('.parquet') });
  }
  if (remarks) zip.addBuffer(remarks, remarksEntry, { ...options, compress: true });
  const output = createWriteStream(target);
  zip.on('error', (failure) => {
    output.destroy(failure as Error);
  });
  zip.end();
  await pipeline(zip.outputStream, output);
}
