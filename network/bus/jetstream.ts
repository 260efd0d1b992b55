/**
 * The JetStream of a nats-server: streams that are made once, messages that are appended behind a known one, and read one by one. Nothing
 * here makes a consumer: who may make one can have messages delivered to any subject, so no operator has the right to.
 */
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, headers, PermissionViolationError } from '@nats-io/nats-core';
import { jetstream, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, StoredMsg, StreamConfig } from '@nats-io/jetstream';
import { ProblemError } from '#shared/problem.ts';

/** ms that an answer of the server may take before it is asked again. */
const answerPatience = 2_000;

/** What the server says was wrong, by its numbers. */
const noStream = 10_059;
const nameInUse = 10_058;
const wrongLastSequence: readonly number[] = [10_071, 10_164];
/** Tells the server behind which message of its subject one is to be appended. */
const sequenceHeader = 'Nats-Expected-Last-Subject-Sequence';

/** Streams on several servers are told to have kept what they may lose below this version. */
const safeReplication = [2, 9, 21] as const;

export type StreamSettings = Partial<StreamConfig> & { readonly name: string };

/** The code of the problem that only the administrator may make a stream. */
export const noStreamYet = 'no-stream';

export class JetStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  private readonly manager: JetStreamManager;
  /** The server, for people. */
  readonly place: string;

  private constructor(connection: NatsConnection, client: JetStreamClient, manager: JetStreamManager, place: string) {
    this.connection = connection;
    this.client = client;
    this.manager = manager;
    this.place = place;
  }

  /** `place` names the server to people. */
  static async open(connection: NatsConnection, place: string): Promise<JetStream> {
    const options = { timeout: answerPatience };
    const manager = await jetstreamManager(connection, { ...options, checkAPI: false });
    return new JetStream(connection, jetstream(connection, options), manager, place);
  }

  /** Bytes of a message at most, its headers included. */
  get longestMessage(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  /** Makes a stream where there is none of this name, and refuses one on several servers that may lose what it confirmed. */
  async ensureStream(settings: StreamSettings): Promise<void> {
    const found = await this.streamOf(settings.name);
    this.refuseUnsafe(settings.name, found?.num_replicas ?? settings.num_replicas ?? 1);
    if (found) return;
    try {
      await this.manager.streams.add(settings);
    } catch (failure) {
      // Somebody else was as quick.
      if (failure instanceof JetStreamApiError && failure.code === nameInUse) return;
      throw this.problemOf(failure, settings.name);
    }
  }

  /** Appends a message to its subject, whose last message has this sequence (0: it has none). Null: it has another. */
  async append(subject: string, after: number, bytes: Uint8Array, more: Readonly<Record<string, string>> = {}): Promise<number | null> {
    const lines = headers();
    lines.set(sequenceHeader, String(after));
    for (const [name, value] of Object.entries(more)) lines.set(name, value);
    try {
      return (await this.client.publish(subject, bytes, { headers: lines })).seq;
    } catch (failure) {
      if (failure instanceof JetStreamApiError && wrongLastSequence.includes(failure.code)) return null;
      throw failure;
    }
  }

  lastMessage(stream: string, subject: string): Promise<StoredMsg | null> {
    return this.manager.streams.getMessage(stream, { last_by_subj: subject });
  }

  /** The first message of a subject at or behind a sequence of the stream. */
  nextMessage(stream: string, subject: string, sequence: number): Promise<StoredMsg | null> {
    const query = { seq: sequence, next_by_subj: subject };
    return this.manager.streams.getMessage(stream, query);
  }

  /** Subjects of a stream that have messages, with their number. */
  async subjects(stream: string, filter: string): Promise<Readonly<Record<string, number>>> {
    const { state } = await this.manager.streams.info(stream, { subjects_filter: filter });
    return state.subjects ?? {};
  }

  /** Bytes that a stream has on the server's disk. */
  async bytes(stream: string): Promise<number> {
    return (await this.manager.streams.info(stream)).state.bytes;
  }

  async purge(stream: string, filter: string): Promise<void> {
    await this.manager.streams.purge(stream, { filter });
  }

  private async streamOf(name: string): Promise<StreamConfig | null> {
    try {
      return (await this.manager.streams.info(name)).config;
    } catch (failure) {
      if (failure instanceof JetStreamApiError && failure.code === noStream) return null;
      throw this.problemOf(failure, name);
    }
  }

  private refuseUnsafe(name: string, replicas: number): void {
    const version = this.connection.info?.version ?? '';
    if (replicas < 2 || !isBelow(version, safeReplication)) return;
    throw new ProblemError({
      code: 'unsafe-replicas',
      message: `${name} would be on ${replicas} servers of nats-server ${version}, which may lose what they confirmed.`,
      tip: `Use nats-server ${safeReplication.join('.')} or later, or keep it on one server.`,
    });
  }

  private problemOf(failure: unknown, stream: string): unknown {
    if (!isForbidden(failure)) return failure;
    return new ProblemError({
      code: noStreamYet,
      message: `${this.place} has no ${stream} yet, and this user may not make it.`,
      tip: 'Let who is administrator of "jetstream" in router.yaml call once, with an environment file of their own: testops campaign list -e environment.yaml',
    });
  }
}

/** Whether a failure may pass by itself: no answer in time, no server, no leader yet, no room. */
export function mayPass(failure: unknown): boolean {
  if (failure instanceof ProblemError || isForbidden(failure)) return false;
  return !(failure instanceof ClosedConnectionError);
}

function isForbidden(failure: unknown): boolean {
  return failure instanceof PermissionViolationError || (failure instanceof Error && failure.cause instanceof PermissionViolationError);
}

function isBelow(version: string, bound: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, least] of bound.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}
