/** What only one of the engines can meet: torn and damaged files, a full disk; a nats-server that lost what it confirmed, or keeps nothing. */
import { appendFile, cp, mkdir, open as openFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { JetStream } from '#network/bus/jetstream.ts';
import { systemClock } from '#platform/clock.ts';
import { openForAppending, type AppendedFile } from '#main/core/archive/files.ts';
import { engineOf, openCampaignStore } from '#main/core/campaigns/campaign-store.ts';
import { openJournalStore } from '#main/core/campaigns/journal/journal-store.ts';
import { startNatsServer, withoutNatsServer } from '../link/nats-server.ts';
import { all, campaignId, environment, openCore, records, temporaryFolder } from './campaign-worlds.ts';

const campaign = campaignId('faults');
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function folderOfTest(): Promise<string> {
  const folder = await temporaryFolder();
  ends.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('the journal', () => {
  function journal(folder: string, openFile?: (file: string) => Promise<AppendedFile>) {
    const store = openJournalStore({ folder, environment, clock: systemClock, ...(openFile && { openFile }) });
    ends.push(async () => store.dispose());
    return store;
  }
  const fileIn = (folder: string) => path.join(folder, environment, campaign, 'ledger.ndjson');

  test('a torn last line does not count, wherever it was torn, and what follows does', async () => {
    const folder = await folderOfTest();
    const ledger = await journal(folder).ledgers.create(campaign);
    await ledger.append(0, records(1, 3));
    const whole = (await readFile(fileIn(folder))).length;
    await ledger.append(3, records(4, 6));
    const both = await readFile(fileIn(folder));
    for (let length = whole; length < both.length; length += 7) {
      const elsewhere = await folderOfTest();
      await mkdir(path.dirname(fileIn(elsewhere)), { recursive: true });
      await writeFile(fileIn(elsewhere), both.subarray(0, length));
      const store = journal(elsewhere);
      const torn = await store.ledgers.open(campaign);
      expect(await torn.last()).toBe(3);
      await torn.append(3, records(4, 5, 'after'));
      await torn.append(5, records(6, 6, 'after'));
      const expected = [...records(1, 3), ...records(4, 6, 'after')];
      expect(await all(torn.read(1))).toEqual(expected);
      expect(await all((await journal(elsewhere).ledgers.open(campaign)).read(1))).toEqual(expected);
    }
  });

  test('a line that was damaged is told, not left out', async () => {
    const folder = await folderOfTest();
    const ledger = await journal(folder).ledgers.create(campaign);
    for (const last of [0, 2, 4]) await ledger.append(last, records(last + 1, last + 2));
    const text = await readFile(fileIn(folder), 'utf8');
    await writeFile(fileIn(folder), text.replace('"sequence":3', '"sequence":x'));
    await expect(journal(folder).ledgers.open(campaign)).rejects.toThrow('records 3 to 4 are missing, it is not JSON');
    await writeFile(fileIn(folder), text.replace('"sequence":5', '"sequence":x'));
    await expect(journal(folder).ledgers.open(campaign)).rejects.toThrow('is damaged: it is not JSON');
  });

  test('a full disk is waited for and said, and nothing is written twice', async () => {
    const folder = await folderOfTest();
    let room = Infinity;
    const store = journal(folder, async (file) => {
      const real = await openForAppending(file);
      return {
        ...real,
        append: async (bytes) => {
          const some = bytes.subarray(0, Math.min(bytes.length, room));
          room -= some.length;
          return some.length === 0 ? 0 : real.append(some);
        },
      };
    });
    const ledger = await store.ledgers.create(campaign);
    const said: [boolean, string][] = [];
    ledger.onStandstill((still, reason) => said.push([still, reason]));
    await ledger.append(0, records(1, 2));
    room = 100;
    const waiting = ledger.append(2, records(3, 5));
    const behind = ledger.append(5, records(6, 6));
    await expect.poll(() => said).toEqual([[true, expect.stringContaining('The ledger cannot be written to')]]);
    expect(said[0]?.[1]).toContain('the disk is full');
    expect(await all((await journal(folder).ledgers.open(campaign)).read(1))).toEqual(records(1, 2));
    room = Infinity;
    await Promise.all([waiting, behind]);
    await expect.poll(() => said.map(([still]) => still)).toEqual([true, false]);
    expect(await all((await journal(folder).ledgers.open(campaign)).read(1))).toEqual(records(1, 6));
  });

  test('a disk that tells of a failure after it wrote leads to one record, not two', async () => {
    const folder = await folderOfTest();
    let failures = 0;
    const store = journal(folder, async (file) => {
      const real = await openForAppending(file);
      const datasync = () => (failures++ === 0 ? Promise.reject(new Error('input/output error')) : real.datasync());
      return { ...real, datasync };
    });
    const ledger = await store.ledgers.create(campaign);
    await ledger.append(0, records(1, 2));
    await ledger.append(2, records(3, 3));
    expect(await all(ledger.read(1))).toEqual(records(1, 3));
    expect((await readFile(fileIn(folder), 'utf8')).split('\n').filter((line) => line !== '')).toHaveLength(2);
  });

  test('what was half removed when its process was killed is no campaign', async () => {
    const folder = await folderOfTest();
    const store = journal(folder);
    await (await store.ledgers.create(campaign)).append(0, records(1, 1));
    await mkdir(path.join(folder, environment, campaignId('begun')));
    await (await openFile(path.join(folder, environment, 'seat.json-x'), 'w')).close();
    expect(await store.ledgers.list()).toEqual([campaign]);
    await truncate(fileIn(folder), 0);
    expect(await store.ledgers.list()).toEqual([]);
    await appendFile(fileIn(folder), 'torn');
    expect(await (await store.ledgers.open(campaign)).last()).toBe(0);
  });
});

describe.skipIf(withoutNatsServer)('a nats-server', () => {
  async function server(more: readonly string[]) {
    const started = await startNatsServer(more);
    ends.push(() => started.kill());
    return started;
  }

  test('that lost what it confirmed gets it again from the disk of the core that leads', async () => {
    const folder = await folderOfTest();
    const kept = path.join(folder, 'server');
    const running = await server(['-js', '-sd', kept]);
    const core = await openCore({ router: running.url, folder: path.join(folder, 'a') });
    ends.push(core.close);
    const ledger = await core.store.ledgers.create(campaign);
    await ledger.append(0, records(1, 10));
    await ledger.append(10, records(11, 12));
    // As it was a while ago: what was confirmed since is lost.
    await running.kill();
    await cp(kept, path.join(folder, 'before'), { recursive: true });
    await running.start();
    for (let last = 12; last < 52; last += 4) await ledger.append(last, records(last + 1, last + 4));
    const told: number[] = [];
    const reader = await openCore({ router: running.url, folder: path.join(folder, 'b') });
    ends.push(reader.close);
    (await reader.store.ledgers.open(campaign)).follow(1, (batch) => told.push(...batch.map(({ sequence }) => sequence)));
    await expect.poll(() => told.length).toBe(52);
    await running.kill();
    await rm(kept, { recursive: true });
    await cp(path.join(folder, 'before'), kept, { recursive: true });
    await running.start();

    await ledger.append(52, records(53, 54));
    expect(await all(ledger.read(1))).toEqual(records(1, 54));
    await expect.poll(() => told).toEqual(Array.from({ length: 54 }, (_, index) => index + 1));
    expect(await all((await reader.store.ledgers.open(campaign)).read(1))).toEqual(records(1, 54));
  }, 60_000);

  test('that lost it while no core ran gets it again when the ledger is opened', async () => {
    const folder = await folderOfTest();
    const first = await server(['-js', '-sd', path.join(folder, 'server')]);
    const core = await openCore({ router: first.url, folder: path.join(folder, 'a') });
    const ledger = await core.store.ledgers.create(campaign);
    await ledger.append(0, records(1, 10));
    await ledger.append(10, records(11, 12));
    await core.close();
    const empty = await server(['-js', '-sd', path.join(folder, 'new-server')]);
    const again = await openCore({ router: empty.url, folder: path.join(folder, 'a') });
    ends.push(again.close);
    const restored = await again.store.ledgers.open(campaign);
    expect(await all(restored.read(1))).toEqual(records(1, 12));
    await restored.append(12, records(13, 13));
    expect(await again.store.ledgers.list()).toEqual([campaign]);
  }, 60_000);

  test('whose ledger went on elsewhere after a loss is believed, and the other history is set aside', async () => {
    const folder = await folderOfTest();
    const first = await server(['-js', '-sd', path.join(folder, 'server')]);
    const core = await openCore({ router: first.url, folder: path.join(folder, 'a') });
    await (await core.store.ledgers.create(campaign)).append(0, records(1, 12));
    await core.close();
    const second = await server(['-js', '-sd', path.join(folder, 'new-server')]);
    const other = await openCore({ router: second.url, folder: path.join(folder, 'b') });
    ends.push(other.close);
    await (await other.store.ledgers.create(campaign)).append(0, records(1, 5, 'other'));
    const back = await openCore({ router: second.url, folder: path.join(folder, 'a') });
    ends.push(back.close);
    const ledger = await back.store.ledgers.open(campaign);
    await ledger.append(5, records(6, 7, 'other'));
    expect(await all(ledger.read(1))).toEqual(records(1, 7, 'other'));
    await back.store.dispose();
    const copy = openJournalStore({ folder: path.join(folder, 'a'), environment, clock: systemClock });
    expect(await all((await copy.ledgers.open(campaign)).read(1))).toEqual(records(1, 7, 'other'));
    await copy.dispose();
  }, 60_000);

  test('without JetStream is told, and the journal is used only when it was chosen', async () => {
    const folder = await folderOfTest();
    const { url } = await server([]);
    const connection = await connectToRouter({ url, name: 'core' });
    ends.push(() => connection.close());
    const options = { connection, router: url, environment, folder, clock: systemClock };
    await expect(openCampaignStore(options)).rejects.toThrow(`The nats-server at ${url} has no JetStream, in which campaigns are kept.`);
    const store = await openCampaignStore({ ...options, engine: 'journal' });
    expect(store.place).toContain('the journal in');
    await store.dispose();
  });

  test('of an old version does not keep a ledger on several servers', async () => {
    const folder = await folderOfTest();
    const { url } = await server(['-js', '-sd', path.join(folder, 'server')]);
    const connection = await connectToRouter({ url, name: 'core' });
    ends.push(() => connection.close());
    const version = connection.info?.version ?? '';
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
    const isOld = major < 2 || (major === 2 && (minor < 9 || (minor === 9 && patch < 21)));
    const store = openCampaignStore({ connection, router: url, environment, folder, clock: systemClock, replicas: 3 });
    // A single server refuses three copies by itself.
    await expect(store).rejects.toThrow(isOld ? `would be on 3 servers of nats-server ${version}` : '');
    await expect((await JetStream.open(connection, url)).subjects('NOTHING', '>')).rejects.toThrow('not found');
  });
});

test('the engine follows from what the router says of itself', () => {
  const info = { server_id: '', version: '2.9.10', go: '', host: '', port: 0, proto: 1, client_id: 1, max_payload: 1 };
  expect(engineOf({ ...info, server_name: 'testops-router' }, 'nats://a')).toBe('journal');
  expect(engineOf({ ...info, server_name: 'n1', jetstream: true }, 'nats://a')).toBe('jetstream');
  expect(() => engineOf({ ...info, server_name: 'n1' }, 'nats://a')).toThrow('no JetStream');
});
