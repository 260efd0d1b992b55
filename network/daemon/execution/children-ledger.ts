/**
 * Remembers on disk what the daemon has started, so that the next start knows what a killed daemon left behind. One
 * line is appended at every start and end of a process (cheap: every command waits for it); the file is rewritten as
 * a whole at the start of the daemon and when it has grown long.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { hostStart } from '#platform/process-identity.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';

const childSchema = z.object({
  kind: z.enum(['action', 'component']),
  /** Of the action or the component. */
  name: z.string(),
  /** See process-group.ts. */
  mark: z.string().min(1).max(300),
  pid: z.int().min(1),
  started: z.number(),
});
export type Child = z.infer<typeof childSchema>;

const lineSchema = z.union([z.object({ hostStart: z.string() }), z.object({ started: childSchema }), z.object({ ended: z.string() })]);
type Line = z.infer<typeof lineSchema>;

/** Lines after which the file is rewritten. */
const maximumLines = 4_000;

/** What a ledger's file tells to be running; nothing where it is missing, damaged at its head, or of an earlier start of the host. */
export function readChildren(path: string): readonly Child[] {
  const children = new Map<string, Child>();
  let sameHostStart = false;
  for (const text of readLines(path)) {
    const line = parseLine(text);
    if (!line) continue;
    if ('hostStart' in line) sameHostStart = line.hostStart === (hostStart() ?? 'unknown');
    else if ('started' in line) children.set(line.started.mark, line.started);
    else children.delete(line.ended);
  }
  return sameHostStart ? [...children.values()] : [];
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** A line torn by a kill is none. */
function parseLine(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export class ChildrenLedger implements Owned {
  private readonly path: string;
  private readonly onTrouble: (reason: string) => void;
  private readonly children = new Map<string, Child>();
  private descriptor: number | undefined;
  private lines = 0;
  private troubled = false;
  /** What the daemon before this one had running when it ended; empty after a clean stop or a start of the host. */
  readonly left: readonly Child[];

  /** `onTrouble` is told once when the file cannot be written. */
  constructor(path: string, onTrouble: (reason: string) => void) {
    this.path = path;
    this.onTrouble = onTrouble;
    this.left = readChildren(path);
    // Until they are taken over or ended they stay in the file: this daemon may be killed too.
    for (const child of this.left) this.children.set(child.mark, child);
    this.attempt(() => this.rewrite());
  }

  add(child: Child): void {
    this.children.set(child.mark, child);
    this.append({ started: child });
  }

  remove(mark: string): void {
    if (this.children.delete(mark)) this.append({ ended: mark });
  }

  dispose(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private append(line: Line): void {
    this.attempt(() => {
      if (this.descriptor === undefined || this.lines >= maximumLines) return this.rewrite();
      writeSync(this.descriptor, `${JSON.stringify(line)}\n`);
      this.lines++;
    });
  }

  private rewrite(): void {
    this.dispose();
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const beside = `${this.path}.new`;
    const lines: Line[] = [{ hostStart: hostStart() ?? 'unknown' }, ...[...this.children.values()].map((child) => ({ started: child }))];
    const descriptor = openSync(beside, 'w', 0o600);
    this.descriptor = descriptor;
    writeSync(descriptor, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(beside, this.path);
    this.lines = lines.length;
  }

  private attempt(work: () => void): void {
    try {
      work();
      this.troubled = false;
    } catch (failure) {
      this.dispose();
      if (!this.troubled) this.onTrouble(problemOf(failure).message);
      this.troubled = true;
    }
  }
}
