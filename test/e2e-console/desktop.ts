/**
 * Starts the desktop shell for a test: Electron where TESTOPS_ELECTRON_BINARY names its binary, else the stand-in, which
 * shows the wiring and nothing of Electron's sandbox.
 */
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { complaintsIn, root, type Started } from '../e2e/console-command.ts';

/** Electron itself; undefined: the stand-in is used. */
export const electronBinary = process.env['TESTOPS_ELECTRON_BINARY'];

export interface Desktop {
  readonly shell: ElectronApplication;
  readonly page: Page;
  /** The shell's main process, as a command that was started. */
  readonly command: Started;
}

/** `words`: what the shell is started with, such as paths; `environment`: further variables. */
export async function startDesktop(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Desktop> {
  const shell = await _electron.launch({
    executablePath: electronBinary ?? join(root, 'test', 'electron-stand-in', 'stand-in.ts'),
    args: [join(root, 'dist', 'electron', 'main.cjs'), ...words],
    env: { ...(process.env as Record<string, string>), TESTOPS_SAMPLES: 'off', ...environment },
    timeout: 30_000,
  });
  const child = shell.process();
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal, output, errors, complaints: complaintsIn(errors) }));
  });
  const printed = (): Promise<void> => Promise.reject(new Error('The shell prints nothing to wait for.'));
  const command = { process: child, ended, output: () => output, errors: () => errors, printed };
  try {
    return { shell, page: await shell.firstWindow(), command };
  } catch (failure) {
    await shell.close();
    throw failure;
  }
}
