/**
 * Files in and out of the console, however its host does it: in a browser runs are uploaded and downloaded and texts are
 * downloads; under Electron files have paths, which the core reads and writes, and native dialogs ask for them.
 */
import { z } from 'zod';
import { problemSchema } from '#shared/problem-schema.ts';
import type { Core } from '#shared/contract/contract.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

/** A text that the operator wants as a file, such as a report. */
export interface TextFile {
  /** Suggested name, without a folder: `report.html`. */
  readonly name: string;
  /** Media type: `text/html`. */
  readonly type: string;
  readonly text: string;
}

export interface ImportedRun {
  readonly run: RunId;
  /** It was in the archive already. */
  readonly found: boolean;
}

/** A file on its way to the core. */
export interface Sending {
  /** Rejects with a problem; its code is `cancelled` when it was. */
  readonly finished: Promise<ImportedRun>;
  /** Stops it, while it is still being sent. */
  readonly cancel: () => void;
}

/**
 * Gives the operator a text as a file. Resolves with where it was written (under Electron a path, in a browser the name of
 * the download), or with null when the operator thought better of it; rejects when it cannot be written.
 */
export async function saveText(file: TextFile): Promise<string | null> {
  const name = safeFileName(file.name);
  if (window.testopsHost?.saveText) return window.testopsHost.saveText(name, file.text);
  const address = URL.createObjectURL(new Blob([file.text], { type: `${file.type};charset=utf-8` }));
  download(address, name);
  // The browser reads it in its own time.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/** Gives the operator a run of the archive as a file; resolves as `saveText` does. */
export async function saveRun(core: Core, run: RunId): Promise<string | null> {
  const name = `${run}.testops-run`;
  if (!window.testopsHost?.chooseExportFile) {
    const answer = await fetch(`/runs/export?${new URLSearchParams({ run })}`, { method: 'POST' }).catch(() => null);
    const { ticket } = understood(packedSchema, (await answer?.text()) ?? '');
    download(`/runs/file?${new URLSearchParams({ ticket })}`, name);
    return name;
  }
  const file = await window.testopsHost.chooseExportFile(name);
  return file === null ? null : (await core.request('runs.export', { run, file })).file;
}

/** Takes a `.testops-run` file of the operator's computer into the archive. `onSent` is told the share that was sent, 0 to 1. */
export function importFile(core: Core, file: File, onSent: (share: number) => void): Sending {
  const host = window.testopsHost;
  if (!host?.pathOfFile) return upload(file, onSent);
  const path = host.pathOfFile(file);
  return { finished: path === '' ? Promise.reject(withoutPath(file.name)) : importPath(core, path), cancel: () => {} };
}

/** Takes a `.testops-run` file of the core's computer into the archive. */
export async function importPath(core: Core, path: string): Promise<ImportedRun> {
  const { run, found = false } = await core.request('runs.import', { file: path, orFind: true });
  return { run, found };
}

function withoutPath(name: string): ProblemError {
  return new ProblemError({
    code: 'no-path',
    message: `${name} is not on this computer's disk.`,
    tip: 'Save it to a folder, then drop it again.',
  });
}

const importedSchema = z.object({ run: runIdSchema, found: z.boolean() });
const packedSchema = z.object({ ticket: z.string() });
const refusedSchema = z.object({ problem: problemSchema });

function upload(file: File, onSent: (share: number) => void): Sending {
  const { promise, resolve, reject } = Promise.withResolvers<ImportedRun>();
  // Unlike fetch, it tells how much was sent.
  const request = new XMLHttpRequest();
  request.open('POST', `/runs/import?${new URLSearchParams({ name: file.name })}`);
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.upload.addEventListener('progress', ({ loaded, total }) => onSent(total === 0 ? 1 : loaded / total));
  request.addEventListener('load', () => {
    try {
      resolve(understood(importedSchema, request.responseText));
    } catch (failure) {
      reject(failure);
    }
  });
  request.addEventListener('error', () => reject(notReached()));
  request.addEventListener('abort', () => reject(new ProblemError({ code: 'cancelled', message: `${file.name} was not imported.` })));
  request.send(file);
  return { finished: promise, cancel: () => request.abort() };
}

/** The host's answer, or the problem that it tells. */
function understood<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notReached();
  }
  const answer = schema.safeParse(value);
  if (answer.success) return answer.data;
  const refused = refusedSchema.safeParse(value);
  if (!refused.success) throw notReached();
  const { code, message, tip } = refused.data.problem;
  throw new ProblemError({ code, message, ...(tip !== undefined && { tip }) });
}

function notReached(): ProblemError {
  return new ProblemError({
    code: 'host-not-reached',
    message: 'The program that serves this page does not answer.',
    tip: 'Is testops console still running? Then try again.',
  });
}

/** A name that every file system takes and that shows nothing but itself. */
export function safeFileName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\/:*?"<>|]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '');
  return plain.slice(-200) || 'testops';
}

function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
