/**
 * A daemon that reports samples at a fixed rate through the real reporter, spool and publisher:
 * `node sample-source.ts daemon.yaml SERIES FRAMES-PER-SECOND SERIES-PER-FRAME`. Prints `ready`, and at SIGUSR2 how many it has sent.
 */
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startDaemon } from '#network/daemon/daemon.ts';
import type { ComponentName } from '#shared/identifiers.ts';

const [file = '', seriesText, rateText, perFrameText] = process.argv.slice(2);
const [seriesCount, framesPerSecond, perFrame] = [Number(seriesText), Number(rateText), Number(perFrameText)];
const { configuration, problems, hash } = await loadDaemonConfiguration(file);
if (!configuration) throw new Error(JSON.stringify(problems));
const daemon = await startDaemon({ configuration, configurationHash: hash });
const { reporter } = daemon;

const groups: { readonly series: number; value: number }[][] = [];
for (let first = 0; first < seriesCount; first += perFrame) {
  groups.push(
    Array.from({ length: Math.min(perFrame, seriesCount - first) }, (_, index) => ({
      series: reporter.declare(`Component${first / perFrame}` as ComponentName, `metric_${index}`, 'none', 'gauge'),
      value: 100,
    })),
  );
}

let frames = 0;
const started = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - started) * framesPerSecond) / 1_000);
  for (; frames < due; frames++) {
    const group = groups[frames % groups.length] ?? [];
    // A walk of limited precision, as measured values are.
    for (const sample of group) sample.value = Math.round((sample.value + Math.random() - 0.5) * 100) / 100;
    reporter.samples(Date.now(), group);
  }
}, 2);
process.on('SIGTERM', () => {
  clearInterval(timer);
  void daemon.dispose();
});
process.stdout.write('ready\n');
