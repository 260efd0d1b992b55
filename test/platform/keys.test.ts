/** Keys: made, kept in files that only their owner may read, and used to sign. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPublicKey, newKey, readKeyFile, signerFromSeed, verifier, writeKeyFile } from '#platform/keys.ts';
import { problemOf } from '#shared/problem.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const codeOf = (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => 'fine',
    (failure: unknown) => problemOf(failure).code,
  );

describe('keys', () => {
  test('are written for their owner only, and read again', async () => {
    const { seed, publicKey } = newKey();
    const file = join(folder, 'alice.seed');
    await writeKeyFile(file, seed);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readKeyFile(file)).toBe(seed);
    expect(signerFromSeed(seed).publicKey).toBe(publicKey);
    expect(isPublicKey(publicKey)).toBe(true);
  });

  test('never replace a file', async () => {
    const file = join(folder, 'taken');
    await writeFile(file, 'mine');
    expect(await codeOf(writeKeyFile(file, newKey().seed))).toBe('key-file-exists');
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await codeOf(writeKeyFile(join(folder, 'none', 'x'), newKey().seed))).toBe('key-file');
    expect(await codeOf(writeKeyFile(join(folder, 'public'), newKey().publicKey))).toBe('bad-key');
  });

  test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o660, 0o644])(
    'are refused from files that others may read (%o)',
    async (mode) => {
      const file = join(folder, 'open.seed');
      await writeKeyFile(file, newKey().seed);
      await chmod(file, mode);
      const problem = await readKeyFile(file).catch((failure: unknown) => problemOf(failure));
      expect(problem).toMatchObject({ code: 'key-file-open-to-others', tip: `Run: chmod 600 ${file}` });
    },
  );

  test('are told from files that hold something else, without quoting them', async () => {
    expect(await codeOf(readKeyFile(join(folder, 'none')))).toBe('no-key-file');
    const almost = `${newKey().seed.slice(0, -1)}${newKey().seed.endsWith('A') ? 'B' : 'A'}`;
    for (const [index, content] of ['', 'hello', newKey().publicKey, almost.slice(0, 40), 'S'.repeat(10_000)].entries()) {
      const file = join(folder, `bad-${index}`);
      await writeFile(file, content, { mode: 0o600 });
      const problem = await readKeyFile(file).catch((failure: unknown) => problemOf(failure));
      expect(problem).toMatchObject({ code: 'bad-key' });
      if (content !== '') expect(JSON.stringify(problem)).not.toContain(content);
    }
  });

  test('sign what only they can sign', () => {
    const [alice, bob] = [newKey(), newKey()];
    const bytes = new TextEncoder().encode('kill -9 MatchingEnginePrimary');
    const signature = signerFromSeed(alice.seed).sign(bytes);
    expect(verifier(alice.publicKey, bytes, signature)).toBe(true);
    expect(verifier(bob.publicKey, bytes, signature)).toBe(false);
    expect(verifier(alice.publicKey, bytes.slice(1), signature)).toBe(false);
    for (let bit = 0; bit < 512; bit += 37) {
      const altered = signature.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifier(alice.publicKey, bytes, altered)).toBe(false);
    }
    for (const nonsense of ['', 'U', alice.seed, `${alice.publicKey}A`, alice.publicKey.toLowerCase()]) {
      expect(verifier(nonsense, bytes, signature)).toBe(false);
      expect(isPublicKey(nonsense)).toBe(false);
    }
    expect(verifier(alice.publicKey, bytes, signature.slice(0, 63))).toBe(false);
  });
});
