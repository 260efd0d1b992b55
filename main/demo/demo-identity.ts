/**
 * Ports and keys of a demo. The ports and the operator's key stay what they were wherever they can, so that neither the environment
 * file of the workspace nor the configuration of the daemons changes without need; the daemons' keys are made anew at each start.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newKey, readKeyFile, signerFromSeed, writeKeyFile } from '#platform/keys.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { holdFreePort, listenOn, portOf, release } from '#platform/free-port.ts';
import { writing } from './demo-place.ts';

const portFile = 'ports.json';
const portsSchema = z.record(z.string(), z.int().min(1_024).max(65_535));

/**
 * Ports of 127.0.0.1 that nothing listens on now, those of the last time where that is so; all are held until all are found, so
 * that they differ.
 */
export async function portsOf(names: readonly string[], own: string): Promise<Readonly<Record<string, number>>> {
  const before = await portsBefore(own);
  const usual = await Promise.all(
    names.map(async (name) => ({ name, server: before[name] === undefined ? null : await listenOn(before[name]) })),
  );
  const servers = await Promise.all(usual.map(async ({ name, server }) => ({ name, server: server ?? (await holdFreePort()) })));
  const ports = Object.fromEntries(servers.map(({ name, server }) => [name, portOf(server)]));
  await Promise.all(servers.map(({ server }) => release(server)));
  const file = join(own, portFile);
  if (names.some((name) => ports[name] !== before[name])) {
    await writing(file, () => writeAtomically(file, `${JSON.stringify(ports)}\n`, { mode: 0o600 }));
  }
  return ports;
}

async function portsBefore(own: string): Promise<Readonly<Record<string, number>>> {
  try {
    return portsSchema.safeParse(JSON.parse(await readFile(join(own, portFile), 'utf8'))).data ?? {};
  } catch {
    return {};
  }
}

/** The operator's key; made anew when it is not there or cannot be used. */
export async function operatorKey(own: string, operator: string): Promise<{ readonly file: string; readonly publicKey: string }> {
  const file = join(own, `${operator}.seed`);
  try {
    return { file, publicKey: signerFromSeed(await readKeyFile(file)).publicKey };
  } catch {
    const key = newKey();
    await writing(file, async () => {
      await rm(file, { force: true });
      await writeKeyFile(file, key.seed);
    });
    return { file, publicKey: key.publicKey };
  }
}

/** Makes keys for daemons; secrets go to files only their owner can read. Returns the public keys. */
export async function daemonKeys(folder: string, daemons: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = new Map<string, string>();
  for (const daemon of daemons) {
    const key = newKey();
    await writeKeyFile(join(folder, `${daemon}.seed`), key.seed);
    keys.set(daemon, key.publicKey);
  }
  return keys;
}
