/** A file of the built renderer as an answer: whole, or that the browser has it already. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServedFile } from './renderer-files.ts';

export function sendFile(file: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', file.type);
  response.setHeader('ETag', file.etag);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Cache-Control', file.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache');
  if (request.headers['if-none-match'] === file.etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  if (file.encoding !== 'identity') response.setHeader('Content-Encoding', file.encoding);
  response.setHeader('Content-Length', file.body.length);
  response.end(request.method === 'HEAD' ? undefined : file.body);
}
