/** `testops replay`: an archived run again, at the terminal, at any speed, backwards too. */
import { emitKeypressEvents } from 'node:readline';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRun } from '../named-run.ts';
import { outputGone } from '../output-end.ts';
import { hasStep, TerminalReplay, type ReplayTime } from '../terminal-replay.ts';
import type { Terminal } from '../terminal.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';

export interface ReplayOptions {
  readonly archive: string | undefined;
  /** Infinity: as fast as it can be printed. */
  readonly speed: number;
  readonly from?: number;
}

const systemTime: ReplayTime = {
  now: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export function replay(named: string, options: ReplayOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const records = await readRecords(core, run, terminal);
    if (records.length === 0) throw new ProblemError({ code: 'nothing-to-replay', message: `Nothing can be read of the log of ${run}.` });
    if (options.from !== undefined && !hasStep(records, options.from)) throw unknownStep(run, options.from);
    terminal.line(terminal.colours.yellow(`REPLAY of ${run}: nothing of this is live.`));
    await new Promise<void>((resolve) => {
      const player = new TerminalReplay(records, terminal, systemTime, options.speed, () => {
        if (!terminal.interactive) end();
      });
      const stopKeys = terminal.interactive ? hearKeys(player, () => end()) : () => undefined;
      const end = (): void => {
        outputGone.removeEventListener('abort', end);
        stopKeys();
        player.dispose();
        resolve();
      };
      outputGone.addEventListener('abort', end, { once: true });
      if (options.from !== undefined) player.goToStep(options.from);
      player.play();
    });
  });
}

function unknownStep(run: RunId, step: number): ProblemError {
  return new ProblemError({
    code: 'unknown-step',
    message: `The run ${run} executed no step ${step}, so nothing was played.`,
    tip: `testops runs show ${run} shows its steps.`,
  });
}

/** All records; of a damaged log what can be read of it, with the problem told. */
async function readRecords(core: Core, run: RunId, terminal: Terminal): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  try {
    await core.listen('run.records', { run, from: 1 }, (batch) => {
      for (const record of batch) records.push(record);
    }).ended;
  } catch (failure) {
    terminal.problem(problemOf(failure));
    process.exitCode = exitCodes.error;
  }
  return records;
}

/** Keys of somebody who watches; returns the end of listening. */
function hearKeys(player: TerminalReplay, quit: () => void): () => void {
  const { stdin } = process;
  const heard = (_: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean; readonly sequence?: string }): void => {
    if (key.name === 'q' || (key.ctrl === true && (key.name === 'c' || key.name === 'd'))) return quit();
    if (key.name === 'space') return player.isPlaying ? player.pause() : player.play();
    if (key.name === 'right' || key.name === 'n') return player.nextStep();
    if (key.name === 'left' || key.name === 'p') return player.previousStep();
    if (key.sequence === '+') return player.changeSpeed(1);
    if (key.sequence === '-') return player.changeSpeed(-1);
    if (key.name === 's') return player.showState();
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', heard);
  stdin.resume();
  return () => {
    stdin.off('keypress', heard);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
