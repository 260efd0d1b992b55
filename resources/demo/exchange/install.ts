/**
 * Puts a release candidate where the engines of an exchange look for it when they start.
 *
 *     node install.ts --release rc1 --into FILE
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { options } from './process-files.ts';
import { releaseCandidate } from './releases.ts';

const option = options(['release', 'into']);
const { name } = releaseCandidate(option.release);
mkdirSync(dirname(option.into), { recursive: true });
writeFileSync(option.into, `${name}\n`);
process.stdout.write(`${name}\n`);
