/** Runs as files on their way to and from a core that another machine serves: by the routes of its host, with the operator's token. */
import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { problemSchema } from '#shared/problem-schema.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RemoteCore } from './remote-door.ts';
import type { IncomingFile, OutgoingFile, RunTransfer, TakenRun } from './run-transfer.ts';

/** Most bytes of an answer that is not a file. */
const maximumAnswer = 64_000;

const takenSchema = z.object({ run: runIdSchema, found: z.boolean() });
const packedSchema = z.object({ ticket: z.string().max(128), name: z.string().max(255), bytes: z.int().min(0) });
const refusedSchema = z.object({ problem: problemSchema });

export class RemoteRunTransfer implements RunTransfer {
  private readonly remote: RemoteCore;
  private readonly url: URL;
  private readonly open = new Set<ClientRequest>();

  constructor(remote: RemoteCore) {
    this.remote = remote;
    this.url = new URL(remote.url.replace(/^ws/, 'http'));
  }

  async take({ name, bytes, content }: IncomingFile): Promise<TakenRun> {
    const sending = this.begin('POST', '/runs/import', { name }, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
    const answered = this.answerOf(sending);
    // A refusal may come, and the line be cut, before all was sent; then the answer says why.
    const sent = pipeline(content, sending);
    sent.catch((failure: Error) => sending.destroy(failure));
    return decode(takenSchema, await answered);
  }

  async give(run: RunId): Promise<OutgoingFile> {
    const asking = this.begin('POST', '/runs/export', { run }, { 'Content-Length': 0 });
    asking.end();
    const { ticket, name, bytes } = decode(packedSchema, await this.answerOf(asking));
    return { name, bytes, open: () => this.fetch(ticket), dispose: () => undefined };
  }

  dispose(): void {
    for (const request of this.open) request.destroy();
  }

  private async fetch(ticket: string): Promise<Readable> {
    const fetching = this.begin('GET', '/runs/file', { ticket });
    fetching.end();
    const response = await this.responseTo(fetching);
    if (response.statusCode === 200) return response;
    throw refusal(await textOf(response));
  }

  private begin(
    method: string,
    path: string,
    parameters: Record<string, string>,
    headers: Record<string, string | number> = {},
  ): ClientRequest {
    const target = new URL(path, this.url);
    target.search = new URLSearchParams(parameters).toString();
    const { token, authority } = this.remote;
    const options = { method, headers: { ...headers, Authorization: `Bearer ${token}` }, agent: false };
    const request =
      target.protocol === 'https:'
        ? tlsRequest(target, { ...options, ...(authority !== undefined && { ca: authority }) })
        : plainRequest(target, options);
    this.open.add(request);
    request.on('close', () => this.open.delete(request));
    return request;
  }

  private responseTo(request: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', (failure: NodeJS.ErrnoException) =>
        reject(
          new ProblemError({
            code: 'core-not-reached',
            message: `The core at ${this.url.host} cannot be reached (${failure.code ?? failure.message}).`,
            tip: 'Try again when it is back.',
          }),
        ),
      );
    });
  }

  private async answerOf(request: ClientRequest): Promise<string> {
    const response = await this.responseTo(request);
    const text = await textOf(response);
    if (response.statusCode === 200) return text;
    throw refusal(text);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > maximumAnswer) break;
  }
  return text;
}

function decode<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  const decoded = schema.safeParse(parsed(text));
  if (decoded.success) return decoded.data;
  throw strange();
}

function refusal(text: string): ProblemError {
  const decoded = refusedSchema.safeParse(parsed(text));
  if (!decoded.success) return strange();
  const { code, message, tip } = decoded.data.problem;
  return new ProblemError({ code, message, ...(tip !== undefined && { tip }) });
}

function strange(): ProblemError {
  return new ProblemError({
    code: 'core-not-understood',
    message: 'The served core does not take or give runs as files.',
    tip: 'Is it of the same version as this console?',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
