/** Software that is not ours: Redis with sentinels, loaded, killed and taken over, through daemons, router, scenario and archive. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missingPrograms, readTemplate } from '#main/demo/template-workspace.ts';
import { runRecordSchema } from '#shared/run/records.ts';
import { jsonLines, root, runCommand } from './console-command.ts';

const template = await readTemplate(join(root, 'resources', 'examples', 'redis-sentinel', 'workspace'));
const missing = missingPrograms(template).map(({ program, debianPackage }) => `${program} (Debian package ${debianPackage})`);
const skipped = missing.length > 0 && process.env['CI'] !== 'true';
if (skipped) process.stdout.write(`The Redis example is not tested, for want of ${missing.join(', ')}.\n`);

let archive: string;
beforeAll(() => {
  archive = mkdtempSync(join(tmpdir(), 'testops-archive-'));
});
afterAll(() => rmSync(archive, { recursive: true, force: true }));

test.skipIf(skipped)(
  'the sentinels replace a primary that is killed under load, and the outage is measured',
  { timeout: 90_000 },
  async () => {
    expect(missing).toEqual([]);
    const ended = await runCommand(['demo', '--example', 'redis-sentinel', '--json'], { archive });
    expect(ended.errors).not.toMatch(/^error/m);
    const records = jsonLines(ended.output).map((line) => runRecordSchema.parse(line));
    const [started] = records;
    // The release is what the running server says, not what somebody wrote down.
    expect(started).toMatchObject({ kind: 'run-started', environment: 'redis', release: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    const outage = records.find(
      (record) => record.kind === 'condition' && record.text.includes('WriteProbe.outage') && record.state === 'met',
    );
    expect(outage).toMatchObject({ values: { 'WriteProbe.outage': expect.any(Number) } });
    expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    expect(ended.status).toBe(0);
  },
);
