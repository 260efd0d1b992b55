/** Opens a link in the browser of this desktop, where there is one. */
import { spawn } from 'node:child_process';

/** Whether a window could be seen here at all. */
export function hasDisplay(environment: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): boolean {
  if (environment['CI'] === 'true') return false;
  if (platform !== 'linux') return true;
  return Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY']);
}

function opener(link: string, platform: NodeJS.Platform): readonly [string, readonly string[]] {
  switch (platform) {
    case 'darwin':
      return ['open', [link]];
    case 'win32':
      // `start` belongs to the shell; this does the same without one.
      return ['rundll32', ['url.dll,FileProtocolHandler', link]];
    default:
      return ['xdg-open', [link]];
  }
}

/** Resolves to whether the program that opens links was found and took the link. Never rejects. */
export async function openBrowser(link: string): Promise<boolean> {
  const [program, words] = opener(link, process.platform);
  const child = spawn(program, words, { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((resolve) => {
    const settled = setTimeout(() => resolve(true), 3_000);
    child.once('error', () => {
      clearTimeout(settled);
      resolve(false);
    });
    child.once('exit', (status) => {
      clearTimeout(settled);
      resolve(status === 0);
    });
  });
}
