/** Lays a demo's workspace out, as a process of its own that may be killed at it: `laying-process.ts HOME TEMPLATE`. */
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { claimPlace } from '#main/demo/demo-place.ts';
import { layOutWorkspace } from '#main/demo/template-workspace.ts';

const [home = '', source = ''] = process.argv.slice(2);
const processes = await mkdtemp(join(source, '..', 'processes-'));
const place = await claimPlace({ home, name: 'small' });
process.stdout.write('claimed\n');
await layOutWorkspace({ source, place, processes, release: undefined });
process.stdout.write('laid\n');
// Keeps the workspace until it is killed or its input ends.
process.stdin.resume();
await once(process.stdin, 'end');
await place.leave();
setTimeout(() => void place.release(), 300);
