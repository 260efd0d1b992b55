/** The URL of a router, taken apart. */
import { ProblemError } from '#shared/problem.ts';

export interface RouterUrl {
  /** As the user wrote it. */
  readonly text: string;
  /** Host without brackets, as sockets want it. */
  readonly host: string;
  /** Host as it stands in a URL: `[::1]`. */
  readonly bracketedHost: string;
  readonly port: number;
  readonly webSocket: boolean;
  readonly encrypted: boolean;
  /** Path and query of a WebSocket URL. */
  readonly path: string;
}

const schemes = {
  'nats:': { webSocket: false, encrypted: false, port: 4222 },
  'tls:': { webSocket: false, encrypted: true, port: 4222 },
  'ws:': { webSocket: true, encrypted: false, port: 80 },
  'wss:': { webSocket: true, encrypted: true, port: 443 },
} as const;

const tip = 'Write nats://host:4222, tls://host:4222, ws://host:8080 or wss://host:8443.';

export function parseRouterUrl(text: string): RouterUrl {
  // The standard parser drops a default port and treats unknown schemes loosely: read the authority as http would.
  const parts = /^([a-z]+:)\/\/(.+)$/i.exec(text.trim());
  const scheme = parts && schemes[parts[1]?.toLowerCase() as keyof typeof schemes];
  if (!parts?.[2] || !scheme || !URL.canParse(`http://${parts[2]}`)) {
    throw new ProblemError({ code: 'router-url', message: `"${text}" is not the URL of a router.`, tip });
  }
  const url = new URL(`http://${parts[2]}`);
  if (url.username || url.password) {
    throw new ProblemError({
      code: 'router-url',
      message: 'The URL of a router carries no user or password.',
      tip: 'Users prove who they are with a key file.',
    });
  }
  const written = /:(\d+)(?:[/?#]|$)/.exec(parts[2].replace(/^\[[^\]]*\]/, ''))?.[1];
  return {
    text,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    bracketedHost: url.hostname,
    port: written === undefined ? scheme.port : Number(written),
    webSocket: scheme.webSocket,
    encrypted: scheme.encrypted,
    path: `${url.pathname}${url.search}`,
  };
}
