/** `testops format`: writes scenarios in their canonical form; a file is replaced as a whole or not at all. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { ProblemError } from '#shared/problem.ts';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { Terminal } from '../terminal.ts';

export async function format(files: readonly string[], options: { readonly check?: boolean }): Promise<void> {
  const terminal = new Terminal();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((failure: NodeJS.ErrnoException) => {
      throw new ProblemError({
        code: 'unreadable-file',
        file,
        message: `The file cannot be read (${failure.code ?? 'unknown error'}).`,
        tip: 'Check its name.',
      });
    });
    const formatted = formatScenario(text);
    if (formatted === text) continue;
    if (options.check) {
      terminal.line(`${file} is not formatted`);
      process.exitCode = 1;
    } else {
      const temporary = `${file}.${process.pid}.tmp`;
      await writeFile(temporary, formatted, { mode: (await stat(file)).mode });
      await rename(temporary, file);
      terminal.line(`${file} formatted`);
    }
  }
}
