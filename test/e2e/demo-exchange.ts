/** The demo exchange, up and staying, for tests that command it as a user does; one start serves all tests of a file. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand, startCommand, type CommandOptions, type Ended, type Started } from './console-command.ts';

export interface DemoExchange {
  /** The workspace. */
  readonly folder: string;
  /** Where its processes have their configuration and logs. */
  readonly processes: string;
  readonly environmentFile: string;
  /** Puts a scenario into the workspace; returns its file. */
  readonly scenario: (name: string, text: string) => string;
  readonly run: (scenarioFile: string, ...options: readonly string[]) => Promise<Ended>;
  readonly start: (scenarioFile: string, ...options: readonly string[]) => Started;
  readonly command: (args: readonly string[], options?: Partial<CommandOptions>) => Promise<Ended>;
  /** Process ids of programs that name a file of the workspace on their command line. */
  readonly processesNaming: (file: string) => readonly number[];
  readonly dispose: () => Promise<void>;
}

export async function openDemoExchange(archive: string, program: string): Promise<DemoExchange> {
  const demo = startCommand(['demo', '--stay'], { archive, program, folder: tmpdir() });
  await demo.printed('Ctrl-C takes it down');
  const environmentFile = /-e (\S+environment\.yaml)/.exec(demo.output())?.[1] ?? '';
  const folder = dirname(environmentFile);
  const started: Started[] = [];
  return {
    folder,
    processes: /processes are in (\S+)/.exec(demo.output())?.[1] ?? '',
    environmentFile,
    scenario: (name, text) => {
      const file = join(folder, 'scenarios', `${name}.scn`);
      writeFileSync(file, text);
      return file;
    },
    run: (file, ...options) => runCommand(['run', file, '-e', environmentFile, ...options], { archive, program, folder }),
    start: (file, ...options) => {
      const run = startCommand(['run', file, '-e', environmentFile, ...options], { archive, program, folder });
      started.push(run);
      return run;
    },
    command: (args, options) => runCommand(args, { archive, program, folder, ...options }),
    processesNaming: (file) =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((name) => {
          try {
            return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(file);
          } catch {
            return false;
          }
        })
        .map(Number),
    dispose: async () => {
      // A test that failed may not have ended what it started.
      for (const run of started) run.process.kill('SIGKILL');
      demo.process.kill('SIGINT');
      await demo.ended;
    },
  };
}
