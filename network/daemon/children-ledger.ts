/**
 * Remembers on disk what the daemon has started, so that the next start knows what a killed daemon left behind.
 * Written at every start and end of a process: a small file, replaced as a whole.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
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

const fileSchema = z.object({ hostStart: z.string(), children: z.array(childSchema).max(10_000) });

/** Differs after the host was started anew: then nothing of before lives, and process ids mean nothing. */
function hostStart(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

export class ChildrenLedger {
  private readonly path: string;
  private readonly onTrouble: (reason: string) => void;
  private readonly children = new Map<string, Child>();
  private troubled = false;
  /** What the daemon before this one had running when it ended; empty after a clean stop or a start of the host. */
  readonly left: readonly Child[];

  /** `onTrouble` is told once when the file cannot be written. */
  constructor(path: string, onTrouble: (reason: string) => void) {
    this.path = path;
    this.onTrouble = onTrouble;
    this.left = this.read();
    // Until they are taken over or ended they stay in the file: this daemon may be killed too.
    for (const child of this.left) this.children.set(child.mark, child);
  }

  add(child: Child): void {
    this.children.set(child.mark, child);
    this.write();
  }

  remove(mark: string): void {
    if (this.children.delete(mark)) this.write();
  }

  private read(): readonly Child[] {
    try {
      const decoded = fileSchema.parse(JSON.parse(readFileSync(this.path, 'utf8')));
      return decoded.hostStart === hostStart() ? decoded.children : [];
    } catch {
      return [];
    }
  }

  private write(): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.path}.new`, JSON.stringify({ hostStart: hostStart(), children: [...this.children.values()] }), { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
      this.troubled = false;
    } catch (failure) {
      if (!this.troubled) this.onTrouble(problemOf(failure).message);
      this.troubled = true;
    }
  }
}
