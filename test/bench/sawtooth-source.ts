/**
 * A daemon with one series whose value says when it was observed: hundredths of a second, from 0 to 899 and anew. Ten
 * samples a second: `node sawtooth-source.ts daemon.yaml`. Prints `ready`.
 */
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startDaemon } from '#network/daemon/daemon.ts';
import type { ComponentName } from '#shared/identifiers.ts';

const { configuration, problems, hash } = await loadDaemonConfiguration(process.argv[2] ?? '');
if (!configuration) throw new Error(JSON.stringify(problems));
const daemon = await startDaemon({ configuration, configurationHash: hash });
const series = daemon.reporter.declare('Clock' as ComponentName, 'sawtooth', 'none', 'gauge');
const timer = setInterval(() => {
  const now = Date.now();
  daemon.reporter.samples(now, [{ series, value: Math.floor(now / 10) % 900 }]);
}, 100);
process.on('SIGTERM', () => {
  clearInterval(timer);
  void daemon.dispose();
});
process.stdout.write('ready\n');
