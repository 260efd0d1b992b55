/**
 * Links by which a wall is shown the radiator: a file each in the console's home, with the hash of its token. They hold until they are revoked, through
 * restarts; each is read anew when it is used, so that what is revoked at a terminal is revoked in a running core too.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { Clock } from '#platform/clock.ts';
import { radiatorLinkSchema } from '#shared/contract/radiator.ts';
import { ProblemError } from '#shared/problem.ts';

export type RadiatorLink = z.output<typeof radiatorLinkSchema>;
const keptSchema = radiatorLinkSchema.extend({ hash: z.string().regex(/^[0-9a-f]{64}$/) });

const mostLinks = 100;

export class RadiatorLinks {
  private readonly folder: string;
  private readonly clock: Pick<Clock, 'now'>;

  constructor(home: string, clock: Pick<Clock, 'now'>) {
    this.folder = join(home, 'radiator-links');
    this.clock = clock;
  }

  /** The oldest first. */
  async list(): Promise<readonly RadiatorLink[]> {
    const kept = await this.kept();
    return kept.map(({ id, name, by, since }) => ({ id, name, by, since })).toSorted((one, other) => one.since - other.since);
  }

  async make(name: string, by: string): Promise<RadiatorLink & { readonly token: string }> {
    if ((await this.kept()).length >= mostLinks) {
      throw new ProblemError({
        code: 'too-many-links',
        message: `There are ${mostLinks} links to the radiator already.`,
        tip: 'Revoke those that nobody uses: testops radiator list.',
      });
    }
    const token = randomBytes(32).toString('base64url');
    const link = { id: randomBytes(4).toString('hex'), name, by, since: this.clock.now() };
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const content = JSON.stringify({ ...link, hash: hashOf(token).toString('hex') });
    await writeAtomically(join(this.folder, `${link.id}.json`), content, { mode: 0o600, exclusive: true });
    return { ...link, token };
  }

  async revoke(id: string): Promise<void> {
    const known = (await this.kept()).some((link) => link.id === id);
    if (!known)
      throw new ProblemError({ code: 'no-link', message: `There is no link ${id} to the radiator.`, tip: 'See testops radiator list.' });
    await rm(join(this.folder, `${id}.json`), { force: true });
  }

  /** Rejects a token of no link. Every link is compared, so that the time tells nothing. */
  async admit(token: string): Promise<void> {
    const given = hashOf(token);
    const found = (await this.kept()).filter(({ hash }) => timingSafeEqual(given, Buffer.from(hash, 'hex')));
    if (found.length === 0)
      throw new ProblemError({ code: 'not-admitted', message: 'This link to the radiator was revoked, or never was one.' });
  }

  private async kept(): Promise<readonly z.output<typeof keptSchema>[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => /^[0-9a-f]{8}\.json$/.test(name));
    const read = await Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(this.folder, name), 'utf8').catch(() => null);
        return text === null ? null : keptIn(text);
      }),
    );
    return read.filter((link) => link !== null);
  }
}

function keptIn(text: string): z.output<typeof keptSchema> | null {
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
