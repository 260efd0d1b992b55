/** What is remembered of the processes that were started. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ChildrenLedger, readChildren } from '#network/daemon/execution/children-ledger.ts';
import { folder } from './executor-under-test.ts';

describe('the ledger of children', () => {
  test('knows what runs after any number of starts and ends, and with a torn last line', async () => {
    const path = join(folder, 'children.ndjson');
    const ledger = new ChildrenLedger(path, (reason) => expect.unreachable(reason));
    const child = (pid: number) => ({ kind: 'action', name: 'x', mark: `m${pid}`, pid, started: 1 }) as const;
    for (let pid = 1; pid <= 6_000; pid++) {
      ledger.add(child(pid));
      if (pid % 1_000 !== 0) ledger.remove(`m${pid}`);
    }
    expect(readChildren(path).map((each) => each.pid)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    ledger.dispose();
    await appendFile(path, '{"started":{"kind":"act');
    expect(readChildren(path)).toHaveLength(6);
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"hostStart":"[^"]+"/, '"hostStart":"another"'));
    expect(readChildren(path)).toEqual([]);
    expect(readChildren(join(folder, 'none'))).toEqual([]);
  });
});
