/**
 * A core that journals as fast as it can until it is killed. Tells on standard output what was acknowledged: `r 17` when
 * record 17 is on disk, `s 9` when frame 9 and all before it are. Arguments: archive's folder, run.
 */
import { writeSync } from 'node:fs';
import { openArchive } from '#main/core/archive/archive.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { batchOf, daemon, declarations, echo, epoch, manifestOf, realClock, runStarted } from '../main/core/archive/fixtures.ts';

/** Every fourth number of the epoch is a record of events, the others are frames. */
export const eventsEvery = 4;
export const seriesPerFrame = 20;

async function main(folder: string, name: string): Promise<void> {
  const run = runIdSchema.parse(name);
  const archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(run));
  const series = declarations(seriesPerFrame);
  const tell = (line: string): void => {
    writeSync(1, `${line}\n`);
  };
  await journal.append(runStarted(run));
  tell('ready');
  journal.subscribe(1, (records) => {
    tell(`r ${records.at(-1)?.sequence ?? 0}`);
  });
  for (let number = 1; ; number++) {
    if (number % eventsEvery === 0) void journal.append({ kind: 'observation', daemon, epoch, number, events: [] });
    else journal.appendSamples(batchOf(series, number, number));
    void journal.append(echo('x'.repeat(number % 300)));
    if (number % 50 === 0) await new Promise(setImmediate);
    if (number % 1_000 === 0) {
      await journal.commitSamples();
      tell(`s ${number - 1}`);
    }
  }
}

if (process.argv[2] !== undefined && process.argv[3] !== undefined) await main(process.argv[2], process.argv[3]);
