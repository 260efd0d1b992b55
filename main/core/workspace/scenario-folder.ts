/**
 * The team's folder of scenarios: finds those that a scenario calls by name.
 */
import type { Stats } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { namePattern } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

export interface ScenarioText {
  /** Name without extension. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/** Whether a file may be read, by its path with all links followed. */
export type MayRead = (file: string) => Promise<boolean>;

export const scenarioExtension = '.scn';
/** The longest scenario that is read, in bytes. */
const maximumScenarioBytes = 4_000_000;

export class Workspace {
  private readonly folders: readonly string[];
  private readonly mayRead: MayRead | undefined;

  /** @param folders where scenarios are looked for, in this order */
  constructor(folders: readonly string[], mayRead?: MayRead) {
    this.mayRead = mayRead;
    this.folders = [...new Set(folders.map((folder) => resolve(folder)))];
  }

  /** The workspace of a scenario: its own folder comes first, then the configured one. */
  static of(scenarioFile: string, scenariosFolder: string | null, mayRead?: MayRead): Workspace {
    return new Workspace([dirname(resolve(scenarioFile)), ...(scenariosFolder === null ? [] : [scenariosFolder])], mayRead);
  }

  /** Names that `call` may use, in alphabetical order. */
  async scenarios(): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const folder of this.folders) {
      // A folder that is not there holds no scenarios.
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const name = entry.name.slice(0, -scenarioExtension.length);
        if (entry.name.endsWith(scenarioExtension) && !entry.isDirectory() && namePattern.test(name)) names.add(name);
      }
    }
    return [...names].toSorted();
  }

  /** The scenario of a name; null where no folder holds one. Rejects with a {@link ProblemError} for what is no name and what cannot be read. */
  async scenario(name: string): Promise<ScenarioText | null> {
    if (!namePattern.test(name)) {
      throw new ProblemError({
        code: 'bad-scenario-name',
        message: `${JSON.stringify(name.slice(0, 80))} is not the name of a scenario.`,
        tip: 'Write the name of its file without folder and extension.',
      });
    }
    for (const folder of this.folders) {
      const file = join(folder, `${name}${scenarioExtension}`);
      const text = await readScenarioText(file, true, this.mayRead);
      if (text !== null) return { name, file, text };
    }
    return null;
  }
}

/** The text of a scenario file. Rejects with a {@link ProblemError} when it cannot be read. */
export async function readScenarioFile(file: string, mayRead?: MayRead): Promise<string> {
  const text = await readScenarioText(resolve(file), false, mayRead);
  return text ?? '';
}

async function readScenarioText(file: string, mayBeAbsent: boolean, mayRead?: MayRead): Promise<string | null> {
  try {
    await using handle = await open(file, 'r');
    const status = await handle.stat();
    if (mayRead) await assertMayRead(file, status, mayRead);
    if (status.size > maximumScenarioBytes) {
      throw new ProblemError({
        code: 'too-long',
        message: `The scenario has ${status.size} bytes; ${maximumScenarioBytes} are allowed.`,
        file,
      });
    }
    return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
  } catch (failure) {
    if (failure instanceof ProblemError) throw failure;
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
    if (code === 'ENOENT' && mayBeAbsent) return null;
    const why = code === 'ENOENT' ? 'is not there' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${String(code ?? failure)})`;
    throw new ProblemError({ code: 'unreadable-scenario', message: `The scenario ${why}.`, tip: 'Check the path.', file });
  }
}

/** Looked at when it is open: what was opened must be what the links lead to now, and that must be allowed. */
async function assertMayRead(file: string, opened: Stats, mayRead: MayRead): Promise<void> {
  const real = await realpath(file);
  const now = await lstat(real);
  if (now.ino === opened.ino && now.dev === opened.dev && (await mayRead(real))) return;
  throw new ProblemError({
    code: 'outside-workspace',
    message: 'The scenario leads out of the workspaces that are served.',
    tip: 'Put it in a served workspace, without links to other places.',
    file,
  });
}
