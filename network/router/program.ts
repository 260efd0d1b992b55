/** Starts the router as a program of its own: `node network/router/program.ts --config router.yaml`. */
import { runRouter } from './main.ts';

process.exitCode = await runRouter(process.argv.slice(2));
