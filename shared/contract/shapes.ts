/** Shapes that the requests and answers of several rooms share. */
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';

/** A path on the core's machine. */
export const path = z.string().min(1).max(4_096);

/** The text of a file of a workspace. */
export const text = z.string().max(4_000_000);

export const nothing = z.object({});
export const folder = z.object({ folder: path });
export const environmentFile = z.object({ environmentFile: path });
export const run = z.object({ run: runIdSchema });
