/** A daemon as a process of its own, and a reader of what it tells: for tests that kill it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectToRouter } from '#network/bus/connect.ts';
import { signerFromSeed } from '#platform/keys.ts';
import { commandIdSchema, daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { commandReplySchema, orderVersion, signCommand } from '#shared/protocol/commands.ts';
import type { CommandOrder, CommandReply } from '#shared/protocol/commands.ts';
import { catalogueSchema, eventBatchSchema, presenceSchema, spoolEndSchema, spoolKindHeader } from '#shared/protocol/observations.ts';
import type { Catalogue, DaemonEvent, Presence, SpoolEnd } from '#shared/protocol/observations.ts';
import { decodeSampleFrame } from '#shared/protocol/sample-frame.ts';
import { subject } from '#shared/protocol/subjects.ts';

export const environment = environmentNameSchema.parse('test');
export const daemonName = daemonNameSchema.parse('MEP');
const root = resolve(import.meta.dirname, '../../..');

export async function until<T>(look: () => T | undefined | false | null | Promise<T | undefined | false | null>, what: string): Promise<T> {
  for (let attempt = 0; attempt < 800; attempt++) {
    const found = await look();
    if (found) return found;
    await wait(10);
  }
  throw new Error(`Waited in vain for ${what}.`);
}

export interface DaemonProcess {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>;
  end(signal: NodeJS.Signals): Promise<{ readonly status: number | null; readonly signal: string | null }>;
}

export function startDaemonProcess(configuration: string): DaemonProcess {
  const program = "import { runDaemon } from '#network/daemon/main.ts'; process.exitCode = await runDaemon(process.argv.slice(1));";
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', '--config', configuration], { cwd: root });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trimEnd().split('\n')));
  const ended = new Promise<{ status: number | null; signal: string | null }>((done) => {
    child.once('exit', (status, signal) => done({ status, signal }));
  });
  return {
    child,
    lines,
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

export interface Heard {
  readonly epoch: string;
  readonly sequence: number;
  readonly kind: 'events' | 'samples';
  readonly events: readonly DaemonEvent[];
}

function hear(kind: string | undefined, bytes: Uint8Array): Heard {
  if (kind === 'samples') return { ...decodeSampleFrame(bytes), kind: 'samples', events: [] };
  return { ...eventBatchSchema.parse(JSON.parse(Buffer.from(bytes).toString())), kind: 'events' };
}

/** A console's view of one daemon. */
export class Reader {
  readonly heard: Heard[] = [];
  readonly presences: Presence[] = [];
  readonly catalogues: Catalogue[] = [];
  readonly connection: NatsConnection;
  private count = 0;
  private readonly session = `session-${Math.random().toString(36).slice(2)}`;

  private constructor(connection: NatsConnection) {
    this.connection = connection;
    for (const kind of ['events', 'samples'] as const) {
      connection.subscribe(subject(environment, kind, '*'), {
        callback: (_failure, message) => void this.heard.push(hear(kind, message.data)),
      });
    }
    connection.subscribe(subject(environment, 'presence', '*'), {
      callback: (_failure, message) => void this.presences.push(presenceSchema.parse(message.json())),
    });
    connection.subscribe(subject(environment, 'catalogue', '*'), {
      callback: (_failure, message) => void this.catalogues.push(catalogueSchema.parse(message.json())),
    });
  }

  static async open(url: string): Promise<Reader> {
    const reader = new Reader(await connectToRouter({ url, name: 'reader', reconnectWait: 20 }));
    await reader.connection.flush();
    return reader;
  }

  get events(): readonly DaemonEvent[] {
    return this.heard.flatMap((each) => each.events);
  }

  async describe(): Promise<Catalogue> {
    const answer = await this.connection.request(subject(environment, 'describe', daemonName), '', { timeout: 5_000 });
    return catalogueSchema.parse(answer.json());
  }

  /** Asks until everything is answered. */
  async spooled(
    epoch: string,
    from: number,
    to: number,
  ): Promise<{ readonly records: readonly Heard[]; readonly ends: readonly SpoolEnd[] }> {
    const records: Heard[] = [];
    const ends: SpoolEnd[] = [];
    for (let next: number | null = from; next !== null;) {
      const inbox = `_INBOX.reader.${++this.count}`;
      const subscription = this.connection.subscribe(inbox);
      this.connection.publish(subject(environment, 'spool', daemonName), JSON.stringify({ epoch, from: next, to }), { reply: inbox });
      for await (const message of subscription) {
        const kind = message.headers?.get(spoolKindHeader);
        if (kind !== 'end') {
          records.push(hear(kind, message.data));
          continue;
        }
        ends.push(spoolEndSchema.parse(message.json()));
        break;
      }
      next = ends.at(-1)?.next ?? null;
    }
    return { records, ends };
  }

  /** Sends a signed order and collects its answers until the end. */
  async command(seed: string, catalogue: Catalogue, action: string, ...words: string[]): Promise<readonly CommandReply[]> {
    const order: CommandOrder = {
      version: orderVersion,
      id: commandIdSchema.parse(`command-${this.session}-${++this.count}`.slice(0, 64)),
      operator: 'alice',
      environment,
      daemon: daemonName,
      epoch: catalogue.epoch,
      bootNonce: catalogue.bootNonce,
      session: this.session,
      sequence: this.count,
      issuedAt: Date.now(),
      timeToLive: 5_000,
      order: { kind: 'execute', action, arguments: words },
    };
    const inbox = `_INBOX.reader.${++this.count}`;
    const subscription = this.connection.subscribe(inbox);
    const signed = signCommand(order, signerFromSeed(seed));
    this.connection.publish(subject(environment, 'command', daemonName), JSON.stringify(signed), { reply: inbox });
    const replies: CommandReply[] = [];
    for await (const message of subscription) {
      const reply = commandReplySchema.parse(message.json());
      replies.push(reply);
      if (reply.kind !== 'accepted') break;
    }
    return replies;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
