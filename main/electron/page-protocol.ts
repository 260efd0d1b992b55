/** Serves the built renderer under app://console, with the same allow-list and rules as the web host. */
import { protocol } from 'electron';
import { RendererFiles } from '#main/web/renderer-files.ts';
import { securityHeaders } from '#main/web/security-headers.ts';
import { pageOrigin } from './channels.ts';

/** Must be called before the app is ready. */
export function announcePageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

export async function servePage(folder: string): Promise<void> {
  const files = await RendererFiles.open(folder);
  protocol.handle('app', async (request) => {
    const url = URL.parse(request.url);
    // The page has its own door to the core, so it connects to nothing else.
    const headers = securityHeaders('');
    const file =
      url && `${url.protocol}//${url.host}` === pageOrigin && request.method === 'GET' ? await files.find(url.pathname) : undefined;
    if (!file) return new Response('There is no such file here.', { status: 404, headers });
    return new Response(new Uint8Array(file.body), { headers: { ...headers, 'Content-Type': file.type } });
  });
}
