/** A workspace with a scenario suite and a suite of programs that a worker daemon executes, in a network of its own. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openNetwork, type NetworkOfProcesses } from '../network-of-processes.ts';

const files: Readonly<Record<string, string>> = {
  'scenarios/good.scn': '---\ntags: [smoke]\n---\nexpect 1 == 1\n',
  'scenarios/bad.scn': '---\ntags: [smoke]\n---\nexpect 1 == 2\n',
  'suites/smoke.yaml': 'suite: smoke\nadapter: scenario\ntags: [smoke]\nusesServer: false\n',
  'suites/programs.yaml': [
    'suite: programs',
    'adapter: executable',
    'package: { folder: ../programs }',
    "settings: { files: ['*.sh'] }",
    '',
  ].join('\n'),
  'campaigns/nightly.yaml': 'campaign: nightly\ntitle: Nightly\nservers:\n  one: { slots: 2 }\n',
};

function program(index: number): string {
  const end = index % 4 === 3 ? 'echo "order $$ was lost" >&2; exit 1' : 'exit 0';
  return `#!/bin/sh\nsleep 0.${(index % 3) + 2}\necho "output of ${index}"\n${end}\n`;
}

/** @param programs how many of them; each fourth fails */
export async function openCampaignWorkspace(programs: number): Promise<NetworkOfProcesses> {
  const network = await openNetwork({ daemon: { worker: { slots: 2, adapters: ['executable'], packages: ['*'], labels: ['linux'] } } });
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(network.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  for (let index = 0; index < programs; index++) {
    await chmod(await write(`programs/test-${String(index).padStart(2, '0')}.sh`, program(index)), 0o755);
  }
  await network.startDaemon();
  return network;
}
