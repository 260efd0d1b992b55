/** Every test file has a home of its own for what a console keeps of its user: no test writes into that of whoever runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'testops-home-'));
process.env['TESTOPS_HOME'] = home;
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
