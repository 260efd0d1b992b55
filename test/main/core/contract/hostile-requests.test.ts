/** Whatever a console sends to the methods and streams is answered, and harms neither the core nor the disk. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConsole, type Opened } from '../open-console.ts';
import { methods, streams, type Method, type Stream } from '#shared/contract/contract.ts';

let opened: Opened;
beforeEach(async () => {
  opened = await openConsole();
});
afterEach(() => opened.owned.dispose());

const names = ['folder', 'path', 'to', 'text', 'expectedHash', 'draft', 'layout', 'release', 'environmentFile', 'run', 'series', 'columns'];
const value = (workspace: string) =>
  fc.oneof(
    fc.constantFrom<unknown>(workspace, `${workspace}/none`, '', '..', 'a.scn', '../a.scn', '/etc/passwd', '\0', null, -1, 1e9),
    fc.constantFrom<unknown>('20261120T221735Z-failover-3f9a', 'x'.repeat(5_000), { path: 'a', text: 'b', baseHash: null }, ['a']),
    fc.anything({ maxDepth: 2 }),
  );

test('methods', { timeout: 30_000 }, async () => {
  const { workspace, console, folder } = opened;
  await writeFile(join(folder, 'outside.txt'), 'outside');
  // Stopping and starting environments has tests of its own.
  const asked = Object.keys(methods).filter((name) => name !== 'demo.start');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...asked), fc.dictionary(fc.constantFrom(...names), value(workspace)), async (method, request) => {
      const answered = await console.request(method as Method, structured(request) as never).then(
        () => 'answered',
        (failure: unknown) => failure,
      );
      if (answered === 'answered') return;
      // One sentence, and no stack.
      expect(answered).toMatchObject({ problem: { code: expect.any(String) as string, message: expect.any(String) as string } });
      expect((answered as Error).message).not.toMatch(/\n\s+at /);
    }),
    { seed: 20261121, numRuns: 1_500 },
  );
  expect((await readdir(folder)).filter((name) => !['home', 'archive', 'workspace'].includes(name))).toEqual(['outside.txt']);
  expect(await console.request('core.information', {})).toMatchObject({ operator: 'alice' });
});

test('streams', async () => {
  const { workspace, console } = opened;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(streams)),
      fc.dictionary(fc.constantFrom(...names, 'window'), value(workspace)),
      async (stream, request) => {
        const listening = console.listen(stream as Stream, structured(request) as never, () => undefined);
        const ended = listening.ended.catch((failure: unknown) => failure);
        const first = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5))]);
        if (first instanceof Error) expect(first.message).not.toMatch(/\n\s+at /);
        listening.close();
        await ended;
      },
    ),
    { seed: 20261122, numRuns: 200 },
  );
  expect(await console.request('core.information', {})).toMatchObject({ operator: 'alice' });
});

/** What can cross a message port at all. */
function structured(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return {};
  }
}
