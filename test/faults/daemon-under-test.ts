/**
 * A true daemon with a lever, for the fault tests: `node daemon-under-test.ts daemon.yaml [EVENTS-PER-SECOND]`. SIGUSR2 sets
 * its clock back by an hour. With a rate it tells so many numbered log events a second until it was told to end by
 * SIGUSR1, and then the event `over`. Ends when its standard input does.
 */
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { backgroundClock } from '#platform/clock.ts';
import { startDaemon } from '#network/daemon/daemon.ts';

const [file = '', rate = '0'] = process.argv.slice(2);
const { configuration, problems, hash } = await loadDaemonConfiguration(file);
if (!configuration) throw new Error(JSON.stringify(problems));
let offset = 0;
const clock = { ...backgroundClock, now: () => backgroundClock.now() + offset };
const daemon = await startDaemon({ configuration, configurationHash: hash, clock });
const tell = (text: string, event: string | null): void =>
  daemon.reporter.event({ kind: 'log', time: clock.now(), component: null, file: 'flood', severity: 'info', event, text, fields: {} });

let told = 0;
const began = performance.now();
const flood = setInterval(() => {
  const due = ((performance.now() - began) * Number(rate)) / 1_000;
  while (told < due) tell(`line ${++told}`, null);
}, 10);
const endFlood = (): void => {
  clearInterval(flood);
  tell('over', 'over');
};
const end = (): void => {
  clearInterval(flood);
  process.stdin.destroy();
  void daemon.dispose();
};
process.on('SIGUSR2', () => (offset = -3_600_000));
process.once('SIGUSR1', endFlood);
process.once('SIGTERM', end);
process.stdin.once('end', end).resume();
const tellReady = (connected: boolean): void => void (connected && process.stdout.write('connected\n'));
daemon.onConnection(tellReady);
tellReady(daemon.connected);
