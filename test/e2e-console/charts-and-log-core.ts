/// <reference lib="dom" />
/** Asking the core behind a page, as the page itself does; for specs and benchmarks. */
import type { Page } from 'playwright-core';
import type { MethodRequest, MethodResponse, Method } from '#shared/contract/contract.ts';

/** A request to the page's core, over a connection of its own. */
export async function ask<M extends Method>(page: Page, method: M, request: MethodRequest<M>): Promise<MethodResponse<M>> {
  const answer = await page.evaluate(
    async ([asked, given]) => {
      const socket = new WebSocket(`ws://${location.host}/contract`);
      await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
      const answered = new Promise<string>((resolve) =>
        socket.addEventListener('message', (event) => resolve(String(event.data)), { once: true }),
      );
      socket.send(JSON.stringify({ kind: 'request', id: 1, method: asked, request: given }));
      const text = await answered;
      socket.close();
      return text;
    },
    [method, request] as const,
  );
  const message = JSON.parse(answer) as { kind: string; response?: unknown; problem?: { message: string } };
  if (message.kind !== 'response') throw new Error(message.problem?.message ?? answer);
  return message.response as MethodResponse<M>;
}
