/**
 * The guard: a process beside the daemon that holds the marks of all tests which run. Its standard input is a pipe of the daemon; when
 * that ends, however the daemon came to its end, the guard ends everything that bears a mark, and then itself. So no test outlives its daemon.
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ProcessIdentity } from '#platform/process-identity.ts';
import { endTree } from '../execution/process-group.ts';

/** Has the daemon's program be the guard instead; hidden, since nobody has a reason to call it. */
export const guardWord = 'guard-of-a-worker';

/** What the daemon tells its guard, one a line: how all marks begin, first of all; what was started under a mark, what has ended. */
export const guardLineSchema = z.union([
  z.object({ marks: z.string().min(1) }),
  z.object({ started: z.object({ mark: z.string(), pid: z.int().min(1), started: z.number() }) }),
  z.object({ ended: z.string() }),
]);
export type GuardLine = z.infer<typeof guardLineSchema>;

/** What the guard says when it is on guard. */
export const onGuard = 'on guard';

/** ms after which what was just being started when the daemon died bears its mark. */
const secondLook = 200;

/** Guards until its input ends; resolves when nothing is left of what it guarded. */
export async function guard(input: Readable, output: Writable): Promise<void> {
  // Whoever ends the daemon politely often asks all of its processes to end; the guard ends after the daemon.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  output.on('error', () => undefined);
  const roots = new Map<string, ProcessIdentity>();
  let marks: string | undefined;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = parse(text);
    if (!line) continue;
    if ('marks' in line) {
      marks = line.marks;
      output.write(`${onGuard}\n`);
    } else if ('started' in line) roots.set(line.started.mark, line.started);
    else roots.delete(line.ended);
  }
  if (marks === undefined) return;
  await endAll(marks, roots);
  await wait(secondLook);
  await endAll(marks, roots);
}

/** A line that the daemon's death tore is none. */
function parse(text: string): GuardLine | undefined {
  try {
    return guardLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function endAll(marks: string, roots: ReadonlyMap<string, ProcessIdentity>): Promise<void> {
  const trees = [...roots].map(([mark, root]) => ({ mark, root }));
  await Promise.all([{ mark: marks, root: undefined, anyThatBegins: true }, ...trees].map((tree) => endTree(tree, 0)));
}
