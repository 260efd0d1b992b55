/** The core in Electron's utility process: serves the contract to every page whose port arrives. */
import type { MessageEvent, MessagePortMain, ParentPort } from 'electron';
import { z } from 'zod';
import { openCoreOf } from '#main/core-process/core-process.ts';
import { coreSettingsSchema } from '#main/core-process/process-messages.ts';
import { serveContract } from '#main/core/server/serve-contract.ts';
import { formatProblem, problemOf } from '#shared/problem.ts';
import { portOfMain } from './main-port.ts';

const fromShellSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), settings: coreSettingsSchema }),
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('end') }),
]);

const { parentPort } = process as NodeJS.Process & { readonly parentPort: ParentPort };
const settings = Promise.withResolvers<z.output<typeof coreSettingsSchema>>();
/** Resolves when the core is open; the process ends when it cannot be. */
const opening = settings.promise.then((given) => {
  // Programs that the core starts (plugins, the demo) run with the Node that is shipped beside, not as a second Electron.
  process.execPath = given.programs.command;
  return openCoreOf(given, (problem) => process.stderr.write(`${formatProblem(problem)}\n`));
});
opening.catch((failure: unknown) => {
  process.stderr.write(`${formatProblem(problemOf(failure))}\n`);
  process.exit(1);
});

async function serve(port: MessagePortMain): Promise<void> {
  // Messages wait in the port until it is started.
  serveContract(await opening, portOfMain(port));
}

parentPort.on('message', ({ data, ports }: MessageEvent) => {
  const decoded = fromShellSchema.safeParse(data);
  if (!decoded.success) return;
  const message = decoded.data;
  switch (message.kind) {
    case 'begin':
      settings.resolve(message.settings);
      break;
    case 'open':
      for (const port of ports) void serve(port);
      break;
    case 'end':
      void opening.then((core) => core.dispose()).finally(() => process.exit(0));
      break;
  }
});
