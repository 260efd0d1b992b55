/** Sets the checkout up when needed and runs the `testops` command with the pinned Node, in the caller's folder. */
import { join } from 'node:path';
import { root, runPinned, setUp } from './set-up.mjs';

setUp();
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
runPinned([join(root, 'main', 'cli', 'testops.ts'), ...process.argv.slice(2)]);
