/** Every line once: through growth, rotation, copies, truncation, restarts, in any order that a log may see. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chunkBytes } from '#network/daemon/logs/file-follower.ts';
import { FileSet } from '#network/daemon/logs/file-set.ts';
import type { SavedPositions } from '#network/daemon/logs/positions.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-logs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A file set whose turns and whose time the test decides. */
class Reading {
  readonly lines: string[] = [];
  readonly notices: string[] = [];
  time = 0;
  private readonly globs: readonly string[];
  private readonly from: 'start' | 'end';
  private files: FileSet;
  private readonly buffer = Buffer.alloc(chunkBytes);

  constructor(globs: readonly string[], from: 'start' | 'end' = 'start') {
    this.globs = globs.map((glob) => join(folder, glob));
    this.from = from;
    this.files = this.open();
  }

  async turn(elapsed = 1_100): Promise<void> {
    this.time += elapsed;
    await this.files.look();
    while (await this.files.read(this.buffer));
  }

  /** As when the daemon ends well and comes back. */
  async restart(saved: SavedPositions = { savedAt: Date.now(), positions: this.files.positions() }): Promise<void> {
    await this.files.close();
    this.files = this.open();
    this.files.resume(saved);
    await this.files.look();
  }

  positions(): SavedPositions {
    return { savedAt: Date.now(), positions: this.files.positions() };
  }

  close(): Promise<void> {
    return this.files.close();
  }

  private open(): FileSet {
    return new FileSet({
      name: 'test',
      globs: this.globs,
      from: this.from,
      onLine: (text) => this.lines.push(text),
      onNotice: (code) => this.notices.push(code),
      monotonic: () => this.time,
      now: () => Date.now(),
    });
  }
}

const at = (name: string): string => join(folder, name);

type Step =
  | { readonly kind: 'write'; readonly bytes: number }
  | { readonly kind: 'turn' | 'restart' | 'rotate' | 'copy and truncate' | 'remove oldest' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>({ kind: 'restart' }, { kind: 'rotate' }, { kind: 'copy and truncate' }, { kind: 'remove oldest' }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'rotate' as const }) },
);

/** Writes one stream of lines, in pieces of any size, into a log that is rotated as logs are. */
class Writer {
  written: string[] = [];
  private rest = Buffer.alloc(0);
  private readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  /** ms a turn may take: no time to take an unfinished line for a line. */
  get pace(): number {
    return this.rest.length > 0 ? 20 : 1_100;
  }

  async write(bytes: number): Promise<void> {
    while (this.rest.length < bytes) this.nextLine();
    await appendFile(at('app.log'), this.rest.subarray(0, bytes));
    this.rest = this.rest.subarray(bytes);
  }

  /** Programs rotate between lines. */
  async finishLine(): Promise<void> {
    if (this.rest.length > 0) await this.write(this.rest.length);
  }

  async rotate(): Promise<void> {
    await this.finishLine();
    const old = (await readdir(folder)).filter((name) => /^app\.log\.\d+$/.test(name)).map((name) => Number(name.slice(8)));
    for (const number of old.sort((a, b) => b - a)) await rename(at(`app.log.${number}`), at(`app.log.${number + 1}`));
    await rename(at('app.log'), at('app.log.1')).catch(() => undefined);
    await writeFile(at('app.log'), '');
  }

  async removeOldest(): Promise<void> {
    const old = (await readdir(folder)).filter((name) => /^app\.log\.\d+$/.test(name)).map((name) => Number(name.slice(8)));
    if (old.length > 0) await unlink(at(`app.log.${Math.max(...old)}`));
  }

  private nextLine(): void {
    const line = `${this.written.length} ${'-'.repeat(60)} ${this.texts[this.written.length % this.texts.length]}`;
    this.written.push(line);
    this.rest = Buffer.concat([this.rest, Buffer.from(`${line}\n`)]);
  }
}

describe('any life of a log', () => {
  test.each([
    ['app.log', 20261120],
    ['app.log*', 20261121],
  ])('gives each line of %s exactly once', async (glob, seed) => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((each) => each.replaceAll(/[\n\r\0]/g, ' ').toWellFormed());
    const property = fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 5 }),
      fc.array(step, { maxLength: 40 }),
      async (texts, steps) => {
        await rm(folder, { recursive: true });
        await mkdir(folder);
        await writeFile(at('app.log'), '');
        const reading = new Reading([glob]);
        const writer = new Writer(texts);
        await reading.turn();
        for (const each of steps) await take(each, reading, writer);
        await writer.finishLine();
        await reading.turn();
        await reading.turn();
        await reading.close();
        expect(reading.lines.toSorted()).toEqual(writer.written.toSorted());
      },
    );
    await fc.assert(property, { seed, numRuns: 60 });
  });

  async function take(each: Step, reading: Reading, writer: Writer): Promise<void> {
    switch (each.kind) {
      case 'write':
        return writer.write(each.bytes);
      case 'turn':
        return reading.turn(writer.pace);
      case 'restart':
        return reading.restart();
      case 'rotate':
        // What nobody ever looked at between two rotations cannot be found under a plain name.
        await reading.turn(writer.pace);
        return writer.rotate();
      case 'copy and truncate':
        await writer.finishLine();
        await reading.turn();
        await copyFile(at('app.log'), at('app.log.copy'));
        await reading.turn();
        await truncate(at('app.log'));
        await reading.turn();
        return unlink(at('app.log.copy'));
      case 'remove oldest':
        await reading.turn(writer.pace);
        return writer.removeOldest();
    }
  }
});

describe('following files', () => {
  test('begins at the end of what is there, and with the next whole line', async () => {
    await writeFile(at('app.log'), 'old\nhalf');
    const reading = new Reading(['app.log'], 'end');
    await reading.turn();
    await appendFile(at('app.log'), ' line\nnew\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['new']);
  });

  test('reads from the start what came while it watched', async () => {
    const reading = new Reading(['*.log'], 'end');
    await reading.turn();
    await writeFile(at('a.log'), 'one\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['one']);
    expect(reading.notices).toEqual(['log-missing', 'log-found']);
  });

  test('tells a missing file once and picks it up', async () => {
    const reading = new Reading(['app.log'], 'end');
    for (let turn = 0; turn < 5; turn++) await reading.turn(100);
    expect(reading.notices).toEqual(['log-missing']);
    await writeFile(at('app.log'), 'here\n');
    await reading.turn(100);
    await reading.close();
    expect(reading.lines).toEqual(['here']);
    expect(reading.notices).toEqual(['log-missing', 'log-found']);
  });

  test('reads the rest of a rotated file before the new one', async () => {
    await writeFile(at('app.log'), '');
    const reading = new Reading(['app.log']);
    await reading.turn();
    const old = Array.from({ length: 20_000 }, (_, index) => `old ${index}`);
    await appendFile(at('app.log'), `${old.join('\n')}\n`);
    await rename(at('app.log'), at('app.log.1'));
    await writeFile(at('app.log'), 'new\n');
    await appendFile(at('app.log.1'), 'a late line\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual([...old, 'a late line', 'new']);
  });

  test('reads on after a truncation, and after a replacement of longer content', async () => {
    await writeFile(at('app.log'), 'one\ntwo\n');
    const reading = new Reading(['app.log']);
    await reading.turn();
    await writeFile(at('app.log'), 'a\n');
    await reading.turn();
    await writeFile(at('app.log'), 'something quite different\nand longer than before\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['one', 'two', 'a', 'something quite different', 'and longer than before']);
    expect(reading.notices).toEqual(['log-truncated', 'log-truncated']);
  });

  test('finds what was rotated away while it was not running, and reads its rest', async () => {
    await writeFile(at('app.log'), 'one\n');
    const reading = new Reading(['app.log'], 'end');
    await reading.turn();
    await appendFile(at('app.log'), 'two\n');
    await reading.turn();
    const saved = reading.positions();
    await appendFile(at('app.log'), 'three\n');
    await rename(at('app.log'), at('app.log.7'));
    await writeFile(at('app.log'), 'four\n');
    await reading.restart(saved);
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['two', 'three', 'four']);
  });

  test('does not take a new file for an old one that had its number', async () => {
    await writeFile(at('app.log'), 'first content\n');
    const reading = new Reading(['app.log']);
    await reading.turn();
    const { positions } = reading.positions();
    await writeFile(at('app.log'), 'other content that is longer\nline\n');
    await reading.restart({ savedAt: Date.now(), positions });
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['first content', 'other content that is longer', 'line']);
  });

  test('takes an unfinished line for a line when nothing follows, and keeps it across a restart before that', async () => {
    await writeFile(at('app.log'), 'begin');
    const reading = new Reading(['app.log']);
    await reading.turn();
    expect(reading.lines).toEqual([]);
    await reading.restart();
    await appendFile(at('app.log'), 'ning\nunfinished');
    await reading.turn();
    expect(reading.lines).toEqual(['beginning']);
    await reading.turn(4_000);
    await reading.close();
    expect(reading.lines).toEqual(['beginning', 'unfinished']);
  });

  test('reads a file with two names once, follows links, and leaves folders and compressed files alone', async () => {
    await writeFile(at('a.log'), 'one\n');
    await symlink(at('a.log'), at('b.log'));
    await mkdir(at('c.log'));
    await writeFile(at('d.log.gz'), 'packed\n');
    const reading = new Reading(['*.log', '*.gz']);
    await reading.turn();
    await appendFile(at('a.log'), 'two\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['one', 'two']);
    expect(reading.notices).toContain('log-not-a-file');
  });

  test.skipIf(process.platform === 'win32')('leaves pipes alone, which would hold it up', async () => {
    execFileSync('mkfifo', [at('app.log')]);
    const reading = new Reading(['app.log']);
    await reading.turn();
    await unlink(at('app.log'));
    await writeFile(at('app.log'), 'a file now\n');
    await reading.turn();
    await reading.close();
    expect(reading.notices).toEqual(['log-not-a-file']);
    expect(reading.lines).toEqual(['a file now']);
  });

  test.runIf(process.platform === 'linux')('is not held up by a file that fails while it is read', async () => {
    await symlink('/proc/self/mem', at('broken.log'));
    await writeFile(at('sound.log'), 'sound\n');
    const reading = new Reading(['*.log']);
    await reading.turn();
    await appendFile(at('sound.log'), 'still sound\n');
    await reading.turn();
    await reading.close();
    expect(reading.lines).toEqual(['sound', 'still sound']);
    expect(reading.notices).toEqual(['log-unreadable']);
  });

  test('shares turns fairly between a backlog and a small file', async () => {
    await writeFile(at('a.log'), `${'x'.repeat(99)}\n`.repeat(20_000));
    await writeFile(at('b.log'), 'small\n');
    const reading = new Reading(['*.log']);
    await reading.turn();
    await reading.close();
    expect(reading.lines).toHaveLength(20_001);
    expect(reading.lines.indexOf('small')).toBeLessThan(2 * (chunkBytes / 100));
  });
});
