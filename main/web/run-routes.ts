/**
 * The routes by which consoles send and fetch runs as files, the same on every host; who may come in was decided before.
 *
 *   POST /runs/import?name=…   the file as the body; answers with the run's id
 *   POST /runs/export?run=…    packs a run; answers with a ticket, valid once and for two minutes
 *   GET  /runs/file?ticket=…   the packed run, as a download
 *
 * A console names runs by their ids and nothing by a path.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Visitor } from '#main/core-process/core-door.ts';
import type { Owned } from '#shared/disposable.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { ProblemError, problemOf, type Problem } from '#shared/problem.ts';
import type { OutgoingFile, RunTransfer } from './run-transfer.ts';

/** ms without a byte before an upload is given up. */
const idlePatience = 30_000;
/** ms that a packed run waits to be fetched. */
const ticketLife = 120_000;
/** Packed runs that may wait; older ones are thrown away when there are more. */
const maximumTickets = 4;
/** ms that a sender may go on after a refusal, so that it can read why; then it is cut. */
const drainPatience = 2_000;

/** Longest time that a request may take, ms: a large run over a slow line. */
export const longestRequest = 2 * 3_600_000;

interface Ticket {
  readonly file: OutgoingFile;
  readonly timer: NodeJS.Timeout;
}

export class RunRoutes implements Owned {
  private readonly transfer: RunTransfer;
  private readonly tickets = new Map<string, Ticket>();

  constructor(transfer: RunTransfer) {
    this.transfer = transfer;
  }

  static isOne(path: string): boolean {
    return path.startsWith('/runs/');
  }

  /** Answers a request of somebody who was let in; never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse, target: URL, visitor: Visitor): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    try {
      await this.perform(request, response, target, visitor);
    } catch (failure) {
      refuseTransfer(request, response, problemOf(failure));
    }
  }

  async dispose(): Promise<void> {
    for (const ticket of this.tickets.keys()) await this.redeem(ticket)?.dispose();
    await this.transfer.dispose();
  }

  private async perform(request: IncomingMessage, response: ServerResponse, target: URL, visitor: Visitor): Promise<void> {
    switch (`${request.method} ${target.pathname}`) {
      case 'POST /runs/import':
        return tell(response, await this.import(request, target, visitor));
      case 'POST /runs/export':
        return tell(response, await this.export(target, visitor));
      case 'GET /runs/file':
        return this.send(response, target.searchParams.get('ticket') ?? '');
      default:
        throw new ProblemError({ code: 'no-such-route', message: 'Nothing of runs is answered here.' });
    }
  }

  private async import(request: IncomingMessage, target: URL, visitor: Visitor): Promise<unknown> {
    const name = plainName(target.searchParams.get('name') ?? '');
    const bytes = Number(/^\d{1,15}$/.exec(request.headers['content-length'] ?? '')?.[0] ?? Number.NaN);
    if (request.headers['content-type'] !== 'application/octet-stream' || Number.isNaN(bytes)) {
      throw new ProblemError({
        code: 'bad-upload',
        message: 'A run is sent as application/octet-stream, with its length said beforehand.',
      });
    }
    if (bytes === 0) throw new ProblemError({ code: 'bundle-refused', message: `${name} is empty, so it holds no run.` });
    request.setTimeout(idlePatience, () => request.destroy());
    request.once('end', () => request.setTimeout(0));
    return this.transfer.take({ name, bytes, content: request }, visitor);
  }

  private async export(target: URL, visitor: Visitor): Promise<unknown> {
    const run = runIdSchema.safeParse(target.searchParams.get('run'));
    if (!run.success) throw new ProblemError({ code: 'no-such-run', message: 'This is not the id of a run.' });
    const file = await this.transfer.give(run.data, visitor);
    const [oldest] = this.tickets.keys();
    if (this.tickets.size >= maximumTickets && oldest !== undefined) await this.redeem(oldest)?.dispose();
    const ticket = randomBytes(32).toString('base64url');
    const timer = setTimeout(() => void this.redeem(ticket)?.dispose(), ticketLife);
    timer.unref();
    this.tickets.set(ticket, { file, timer });
    return { ticket, name: file.name, bytes: file.bytes };
  }

  private async send(response: ServerResponse, ticket: string): Promise<void> {
    const file = this.redeem(ticket);
    if (!file) {
      throw new ProblemError({
        code: 'no-such-ticket',
        message: 'This download was fetched already, or has expired.',
        tip: 'Export again.',
      });
    }
    try {
      const content = await file.open();
      response.setHeader('Content-Type', 'application/octet-stream');
      response.setHeader('Content-Length', file.bytes);
      response.setHeader('Content-Disposition', `attachment; filename="${file.name}"`);
      // Whoever went away in the middle needs no answer.
      await pipeline(content, response).catch(() => response.destroy());
    } finally {
      await file.dispose();
    }
  }

  /** The file of a ticket, once. */
  private redeem(ticket: string): OutgoingFile | null {
    const found = this.tickets.get(ticket);
    if (!found) return null;
    this.tickets.delete(ticket);
    clearTimeout(found.timer);
    return found.file;
  }
}

function tell(response: ServerResponse, answer: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer));
}

const statuses: Readonly<Record<string, number>> = {
  'not-admitted': 403,
  'too-many-refusals': 429,
  'foreign-page': 403,
  'no-such-route': 404,
  'no-such-run': 404,
  'no-such-ticket': 410,
  'run-exists': 409,
  'bad-upload': 400,
  'file-too-large': 413,
  'disk-full': 507,
  'transfers-busy': 503,
};

/**
 * Refuses in one sentence. Who still sends is listened to for a moment before the answer is ended, since that may cut the
 * line, and a line that is cut with something unread loses the answer.
 */
export function refuseTransfer(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(JSON.stringify({ problem }));
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length };
  response.writeHead(statuses[problem.code] ?? 422, headers).write(body);
  if (request.complete) return void response.end();
  const cut = setTimeout(() => request.destroy(), drainPatience);
  request.once('close', () => clearTimeout(cut));
  request.once('end', () => response.end());
  request.on('error', () => undefined);
  request.resume();
}

/** A name that a sentence can quote: no path, no invisible characters, not long. */
function plainName(name: string): string {
  const plain = (name.split(/[\\/]/).at(-1) ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ').trim();
  return plain === '' ? 'The file' : plain.length > 120 ? `${plain.slice(0, 120)}…` : plain;
}
