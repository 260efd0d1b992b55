/** Debian's Chromium, driven over its debugging protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

export type Parameters = Record<string, unknown>;
interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}
export type ProtocolEvent = { readonly method: string; readonly params: Parameters };

export class Browser {
  readonly folder = mkdtempSync(join(tmpdir(), 'testops-stand-in-'));
  /** Where another debugger (Playwright) may join. */
  url = '';
  private readonly process: ChildProcess;
  private socket: WebSocket | undefined;
  private lastId = 0;
  private readonly awaited = new Map<number, PromiseWithResolvers<Parameters>>();
  private readonly sessions = new Map<string, (event: ProtocolEvent) => void>();

  constructor(executable: string) {
    const switches = ['--headless=new', '--no-sandbox', '--no-first-run', '--no-startup-window', '--disable-dev-shm-usage'];
    this.process = spawn(executable, [...switches, '--remote-debugging-port=0', `--user-data-dir=${this.folder}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its helpers are ended with it, and write nothing afterwards.
      detached: true,
    });
  }

  async connect(): Promise<void> {
    this.url = await new Promise((resolve, reject) => {
      let printed = '';
      this.process.once('exit', () => reject(new Error(`Chromium ended: ${printed}`)));
      this.process.stderr?.on('data', (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-4_000);
        const url = /^DevTools listening on (ws:\/\/\S+)$/m.exec(printed)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    const socket = new WebSocket(this.url, { perMessageDeflate: false, maxPayload: 256_000_000 });
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.take(JSON.parse(data.toString()) as Message));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
  }

  send(method: string, params: Parameters = {}, sessionId?: string): Promise<Parameters> {
    const id = ++this.lastId;
    const answer = Promise.withResolvers<Parameters>();
    this.awaited.set(id, answer);
    this.socket?.send(JSON.stringify({ id, method, params, sessionId }));
    return answer.promise;
  }

  onSession(sessionId: string, listener: (event: ProtocolEvent) => void): void {
    this.sessions.set(sessionId, listener);
  }

  end(): void {
    try {
      if (this.process.pid !== undefined) process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  private take({ id, sessionId, method, params = {}, result = {}, error }: Message): void {
    if (id !== undefined) {
      const answer = this.awaited.get(id);
      this.awaited.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    } else if (sessionId !== undefined && method !== undefined) {
      this.sessions.get(sessionId)?.({ method, params });
    }
  }
}
