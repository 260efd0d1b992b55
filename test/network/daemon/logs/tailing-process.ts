/** A process that follows `app.log` in the folder it is given and appends each line to `told.txt`, until it is killed. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { backgroundClock } from '#platform/clock.ts';
import { LogTailer } from '#network/daemon/logs/log-tailer.ts';
import { PositionFile } from '#network/daemon/logs/positions.ts';

const folder = process.argv[2] ?? '';
const tailer = new LogTailer({
  logs: [{ component: null, files: [join(folder, 'app.log')], from: 'start', forward: 'all', severity: 'info', rules: [] }],
  reporter: {
    event: (event) => {
      if (event.kind === 'log') appendFileSync(join(folder, 'told.txt'), `${event.text}\n`);
    },
    declare: () => 0,
    samples: () => undefined,
  },
  clock: backgroundClock,
  positions: new PositionFile(join(folder, 'state')),
  onState: () => undefined,
});
await tailer.start();
console.log('following');
// The timers of the daemon do not keep a process alive by themselves.
setInterval(() => undefined, 1_000);
