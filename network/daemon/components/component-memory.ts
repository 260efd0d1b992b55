/**
 * What is remembered of components across restarts of the daemon: which process it was and the state its log had told last,
 * so that a daemon that comes back does not forget that its engine was READY.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeStateFile } from '../state-file.ts';

const rememberedSchema = z.object({
  component: z.string(),
  pid: z.number(),
  startTime: z.number(),
  /** null: no state of its log */
  state: z.string().nullable(),
  since: z.number(),
});
export type Remembered = z.infer<typeof rememberedSchema>;
const fileSchema = z.object({ version: z.literal(1), components: z.array(rememberedSchema) });

export interface ComponentMemory {
  load(): Promise<readonly Remembered[]>;
  save(components: readonly Remembered[]): Promise<void>;
}

export class FileComponentMemory implements ComponentMemory {
  private readonly path: string;

  constructor(stateFolder: string) {
    this.path = join(stateFolder, 'components.json');
  }

  /** An unreadable or damaged file is as good as none: states are then learnt again from the logs. */
  async load(): Promise<readonly Remembered[]> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.path, 'utf8'))).components;
    } catch {
      return [];
    }
  }

  async save(components: readonly Remembered[]): Promise<void> {
    await writeStateFile(this.path, JSON.stringify({ version: 1, components }));
  }
}
