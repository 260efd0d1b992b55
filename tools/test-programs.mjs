/**
 * The programs that some tests talk to for real (nats-server, redis …). As root on Debian they are installed once when
 * missing; elsewhere the tests that need them say so and are skipped, except in continuous integration.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Program looked for, or a path, and the Debian package that brings it. */
export const testPrograms = [
  ['nats-server', 'nats-server'],
  ['redis-server', 'redis-server'],
  ['redis-sentinel', 'redis-sentinel'],
  ['redis-benchmark', 'redis-tools'],
  ['prometheus-redis-exporter', 'prometheus-redis-exporter'],
  ['chromium', 'chromium'],
  ['prometheus', 'prometheus'],
  ['bwrap', 'bubblewrap'],
  ['go', 'golang-go'],
  ['pytest-3', 'python3-pytest'],
  ['/usr/lib/python3/dist-packages/xdist', 'python3-pytest-xdist'],
  ['/usr/lib/python3/dist-packages/networkx', 'python3-networkx'],
];

export function hasProgram(name) {
  if (name.startsWith('/')) return existsSync(name);
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return places.some((place) => place !== '' && existsSync(`${place}/${name}`));
}

export function installTestPrograms() {
  const packages = testPrograms.filter(([program]) => !hasProgram(program)).map(([, name]) => name);
  if (packages.length === 0 || process.platform !== 'linux') return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(`Not installed, so the tests that need them are skipped: ${packages.join(', ')}.\n`);
    return;
  }
  process.stdout.write(`Installing for the tests: ${packages.join(', ')} …\n`);
  // Debian starts a server that it installs; the tests start their own on free ports, so none may start by itself.
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  const result = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
  if (result.status !== 0) process.stdout.write(`apt-get could not install ${packages.join(', ')}.\n`);
}
