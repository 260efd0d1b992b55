/**
 * `npm run document:contract`: writes docs/contract.md anew, from the schemas of the contract and the comments beside them.
 * A test holds page and contract together.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractPage } from './contract-page/page.ts';

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, 'docs', 'contract.md'), await contractPage(root));
