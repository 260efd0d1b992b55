/**
 * The core as a process of its own: what it shows outlives a window, and its death takes no window with it. It ends when
 * its host says so, or when its host is gone; runs that go on then can be recovered.
 */
import { openCore, type OpenCore } from '#main/core/core.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { endPatience } from './core-process-patience.ts';
import { fromHostSchema, type CoreSettings, type FromHost, type FromProcess } from './process-messages.ts';
import { ChannelEnd, maximumWaiting, portOver } from './text-channel.ts';

/** The process's line to its host. */
export interface HostLine {
  /** `done` is called when the message has left this process. */
  send(message: FromProcess, done?: () => void): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The host is gone. */
  onGone(listener: () => void): void;
}

/** Opens the core that the settings describe. */
export function openCoreOf(settings: CoreSettings, onProblem: (problem: Problem) => void): Promise<OpenCore> {
  const { archiveFolder, programs, resources, purpose, served } = settings;
  const options = { archiveFolder, programs, resources, purpose, onProblem, resumesCampaigns: true, ...(served && { served }) };
  return openCore(options);
}

/** Serves until the host wants an end or is gone; the core is closed when this resolves. */
export async function runCoreProcess(line: HostLine): Promise<void> {
  const channels = new Map<number, ChannelEnd>();
  const early: FromHost[] = [];
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<CoreSettings>();
  let core: OpenCore | undefined;

  const take = (message: FromHost): void => {
    if (message.kind === 'end') return ended.resolve();
    if (message.kind === 'begin') return begun.resolve(message.settings);
    if (!core) return void early.push(message);
    switch (message.kind) {
      case 'open':
        channels.set(message.channel, openChannel(core, message));
        break;
      case 'text':
        channels.get(message.channel)?.deliver(message.text);
        break;
      case 'close':
        channels.get(message.channel)?.closed();
        break;
    }
  };
  const openChannel = (opened: OpenCore, { channel, operator, remote }: Extract<FromHost, { kind: 'open' }>): ChannelEnd => {
    let waiting = 0;
    const end: ChannelEnd = new ChannelEnd(
      (text) => {
        waiting += text.length;
        if (waiting > maximumWaiting) return end.close();
        line.send({ kind: 'text', channel, text }, () => (waiting -= text.length));
      },
      () => line.send({ kind: 'close', channel }),
    );
    end.onClose(() => channels.delete(channel));
    serveContract(operator === null ? opened : opened.forOperator(operator, remote), portOver(end));
    return end;
  };

  line.onMessage((raw) => {
    const decoded = fromHostSchema.safeParse(raw);
    if (decoded.success) take(decoded.data);
  });
  line.onGone(() => ended.resolve());
  const settings = await Promise.race([begun.promise, ended.promise]);
  if (!settings) return;
  try {
    core = await openCoreOf(settings, (problem) => line.send({ kind: 'problem', problem }));
  } catch (failure) {
    await new Promise<void>((sent) => line.send({ kind: 'failed', problem: problemOf(failure) }, sent));
    return;
  }
  line.send({ kind: 'ready' });
  early.splice(0).forEach(take);
  await ended.promise;
  for (const channel of channels.values()) channel.close();
  await core.dispose();
}

/** The line of a child process that was started with an IPC channel. */
export function parentLine(): HostLine {
  return {
    send: (message, done) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => done?.());
      else done?.();
    },
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => {
      for (const end of ['disconnect', 'SIGTERM'] as const) process.on(end, listener);
      // Nobody is left who would kill a core that cannot close its runs.
      process.on('disconnect', () => setTimeout(() => process.exit(1), endPatience).unref());
    },
  };
}
