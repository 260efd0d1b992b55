/** Requests of the page over IPC: answered only to the page itself, in its own frame, and only when well formed. */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { z } from 'zod';
import { pageOrigin } from './channels.ts';

/** Answers a channel until this process ends. Anything unexpected is refused before the answer is asked for. */
export function answerPage<S extends z.ZodType>(
  channel: string,
  schema: S,
  answer: (page: WebContents, payload: z.output<S>) => unknown,
): void {
  ipcMain.handle(channel, (event, ...payload: unknown[]) => {
    if (!fromOwnPage(event)) throw new Error('Refused: only the console’s own page may ask for this.');
    const decoded = schema.safeParse(payload);
    if (!decoded.success) throw new Error('Refused: this request is malformed.');
    return answer(event.sender, decoded.data);
  });
}

function fromOwnPage({ senderFrame, sender }: IpcMainInvokeEvent): boolean {
  if (!senderFrame || senderFrame !== sender.mainFrame) return false;
  return senderFrame.url === pageOrigin || senderFrame.url.startsWith(`${pageOrigin}/`);
}
