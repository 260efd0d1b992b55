/** Where this software's own files are, whether it runs from source or from the bundle. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `resources` and `dist`. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'resources', 'demo')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
