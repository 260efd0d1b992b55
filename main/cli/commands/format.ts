/** `testops format`: writes scenarios in their canonical form; a file is replaced as a whole or not at all. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { exitCodes } from '../exit-codes.ts';
import { Terminal } from '../terminal.ts';

export async function format(files: readonly string[], options: { readonly check?: boolean }): Promise<void> {
  const terminal = new Terminal();
  let unformatted = 0;
  let refused = 0;
  for (const file of files) {
    try {
      if (await formatFile(file, options.check ?? false)) {
        unformatted++;
        terminal.line(options.check ? `${file} is not formatted` : `${file} formatted`);
      }
    } catch (failure) {
      terminal.problem(problemOf(failure));
      refused++;
    }
  }
  if (refused > 0) process.exitCode = exitCodes.usage;
  else if (options.check && unformatted > 0) process.exitCode = exitCodes.failed;
}

/** Whether the file was not in its canonical form. */
async function formatFile(file: string, checkOnly: boolean): Promise<boolean> {
  const text = await readText(file);
  refuseWhatIsNoScenario(file, text);
  const formatted = formatScenario(text);
  if (formatted === text) return false;
  if (!checkOnly) await replace(file, formatted);
  return true;
}

const mendTheName = 'Name a scenario file (.scn) that this user may read.';

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((failure: NodeJS.ErrnoException) => {
    const why =
      { ENOENT: 'is not there', EISDIR: 'is a folder' }[failure.code ?? ''] ?? `cannot be read (${failure.code ?? failure.message})`;
    throw new ProblemError({ code: 'unreadable-file', file, message: `The scenario ${why}.`, tip: mendTheName });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProblemError({ code: 'no-text', file, message: 'This is no text in UTF-8, so it was left as it is.', tip: mendTheName });
  }
}

/** Formatting what is no sound scenario could destroy it. */
function refuseWhatIsNoScenario(file: string, text: string): void {
  if (text.includes('\0')) {
    throw new ProblemError({ code: 'no-text', file, message: 'This is no text, so it was left as it is.', tip: mendTheName });
  }
  const errors = parseScenario('scenario', text).problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return;
  const what = errors.length > 1 ? `${errors.length} errors, of which this is the first` : 'an error';
  throw new ProblemError({ ...first, file, message: `It was left as it is, since it has ${what}: ${first.message}` });
}

/** Replaces the file that the name leads to, also through links. */
async function replace(file: string, text: string): Promise<void> {
  const target = await realpath(file);
  try {
    await writeAtomically(target, text, { mode: (await stat(target)).mode & 0o777 });
  } catch (failure) {
    const why = failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
    throw new ProblemError({
      code: 'not-writable',
      file,
      message: `The file cannot be replaced (${why}).`,
      tip: 'Its folder must be writable.',
    });
  }
}
