/// <reference lib="dom" />
/** A run's records, as the page's core streams them. */
import type { Page } from 'playwright-core';
import type { RunRecord } from '#shared/run/records.ts';

/** All records of a run that has ended. */
export function runRecords(page: Page, run: string): Promise<RunRecord[]> {
  return page.evaluate(async (wanted) => {
    const socket = new WebSocket(`ws://${location.host}/contract`);
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    const records: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('message', (event) => {
        const message = JSON.parse(String(event.data)) as { kind: string; item?: unknown[] };
        if (message.kind === 'item') {
          records.push(...(message.item ?? []));
          socket.send(JSON.stringify({ kind: 'credit', id: 1, items: 1 }));
        }
        if (message.kind === 'end') resolve();
        if (message.kind === 'failure' || message.kind === 'refused') reject(new Error(String(event.data)));
      });
      socket.send(JSON.stringify({ kind: 'listen', id: 1, stream: 'run.records', request: { run: wanted, from: 1 }, credits: 8 }));
    });
    socket.close();
    return records as never;
  }, run);
}
