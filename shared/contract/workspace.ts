/** The workspace: its folder, whether it is trusted, its files, drafts and layout. */
import { z } from 'zod';
import { folder, nothing, path, text } from './shapes.ts';

/** A path within the workspace's folder, with `/`; never leaves it. */
export const relativePathSchema = z
  .string()
  .min(1)
  .max(1_024)
  .refine(
    (text) => !text.startsWith('/') && !text.split('/').includes('..') && !text.includes('\\') && !text.includes('\0'),
    'the path leaves the workspace',
  );

export const workspaceFileSchema = z.object({
  path: relativePathSchema,
  kind: z.enum(['scenario', 'environment', 'daemon', 'plugin', 'other']),
  /** bytes */
  size: z.int().min(0),
  /** ms since 1970 */
  modified: z.number(),
});
export type WorkspaceFile = z.infer<typeof workspaceFileSchema>;

/** A file's text with a hash that tells whether it changed meanwhile. */
export const fileTextSchema = z.object({
  text,
  /** SHA-256 of its bytes, hexadecimal. */
  hash: z.string(),
  /** ms since 1970 */
  modified: z.number(),
});

export const draftSchema = z.object({
  path: relativePathSchema,
  text,
  /** Hash of the saved text the draft began from; null for a new file. */
  baseHash: z.string().nullable(),
  /** ms since 1970 */
  savedAt: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

export const workspaceMethods = {
  /** Looks at a folder: is it a workspace, a repository, which environments does it have? */
  'workspace.open': {
    request: folder,
    response: z.object({
      folder: path,
      name: z.string(),
      /** Commit, with `+changes` when not clean; null when it is no repository. */
      commit: z.string().nullable(),
      environments: z.array(z.object({ file: path, name: z.string() })),
      /** Whether somebody said that what is in it may be executed; otherwise it can be read, edited, checked and replayed. */
      trusted: z.boolean(),
    }),
  },
  /** Trusts a folder with all that is in it, or takes every trust back in which it lies; answers with the folders of which that was said. */
  'workspace.trust': { request: folder.extend({ trusted: z.boolean() }), response: z.object({ folders: z.array(path) }) },
  /** The folders that this user trusts; `since` in ms since 1970. */
  'workspace.trusted': { request: nothing, response: z.object({ folders: z.array(z.object({ folder: path, since: z.number() })) }) },
  /** The workspaces that were opened last, the latest first. */
  'workspace.recent': { request: nothing, response: z.object({ folders: z.array(path) }) },
  /** All files of the workspace, by what they are. */
  'workspace.files': { request: folder, response: z.object({ files: z.array(workspaceFileSchema) }) },
  /** The text of a file, with the hash that a later `file.write` expects. */
  'file.read': { request: folder.extend({ path: relativePathSchema }), response: fileTextSchema },
  /** Writes whole or not at all; refused with `file-changed` when the file is not what `expectedHash` says (null: it must not exist). */
  'file.write': {
    request: folder.extend({ path: relativePathSchema, text, expectedHash: z.string().nullable() }),
    response: z.object({ hash: z.string(), modified: z.number() }),
  },
  /** Gives a file another name; refused when there is a file of that name. */
  'file.rename': { request: folder.extend({ path: relativePathSchema, to: relativePathSchema }), response: nothing },
  /** Deletes a file; refused with `file-changed` when it is not what `expectedHash` says. */
  'file.delete': { request: folder.extend({ path: relativePathSchema, expectedHash: z.string() }), response: nothing },
  /** Keeps an unsaved text outside the workspace, so that a crash loses nothing. */
  'drafts.save': { request: folder.extend({ draft: draftSchema.omit({ savedAt: true }) }), response: nothing },
  /** The unsaved texts that are kept for this workspace. */
  'drafts.list': { request: folder, response: z.object({ drafts: z.array(draftSchema) }) },
  /** Forgets the unsaved text of a file. */
  'drafts.discard': { request: folder.extend({ path: relativePathSchema }), response: nothing },
  /** The console's layout for this workspace, which the core only keeps. */
  'layout.load': { request: folder, response: z.object({ layout: z.string().max(1_000_000).nullable() }) },
  /** Keeps the console's layout for this workspace. */
  'layout.save': { request: folder.extend({ layout: z.string().max(1_000_000) }), response: nothing },
} as const;

export const workspaceStreams = {
  /** Files that were added, changed or removed by somebody else. */
  'workspace.changes': { request: folder, item: z.object({ paths: z.array(z.string()) }) },
} as const;
