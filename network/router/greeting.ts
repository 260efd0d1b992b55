/** How a connection starts: INFO with a nonce from the router, CONNECT with a signature from the client. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { verifier } from '#platform/keys.ts';

export interface Greeting {
  readonly clientId: number;
  /** What the client signs; random for each connection. */
  readonly nonce: string;
}

export interface RouterIdentity {
  readonly serverId: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly maximumPayload: number;
  readonly authenticationRequired: boolean;
}

export function newGreeting(clientId: number): Greeting {
  return { clientId, nonce: randomBytes(16).toString('base64url') };
}

/** The INFO line. `tls`: the client must go on in TLS after it. */
export function infoLine(
  identity: RouterIdentity,
  greeting: Greeting,
  connection: { readonly address: string; readonly tls: boolean; readonly mutual: boolean },
): string {
  const info = {
    server_id: identity.serverId,
    server_name: identity.name,
    // Clients read from this which features of the protocol they may use.
    version: '2.9.0',
    proto: 1,
    host: identity.host,
    port: identity.port,
    headers: true,
    max_payload: identity.maximumPayload,
    client_id: greeting.clientId,
    client_ip: connection.address,
    ...(identity.authenticationRequired && { auth_required: true, nonce: greeting.nonce }),
    ...(connection.tls && { tls_required: true, ...(connection.mutual && { tls_verify: true }) }),
  };
  return `INFO ${JSON.stringify(info)}\r\n`;
}

const short = z.string().max(512);
const connectSchema = z.object({
  verbose: z.boolean().default(false),
  pedantic: z.boolean().default(false),
  echo: z.boolean().default(true),
  headers: z.boolean().default(false),
  no_responders: z.boolean().default(false),
  name: short.default(''),
  nkey: short.default(''),
  sig: short.default(''),
});

export interface ConnectOptions {
  readonly verbose: boolean;
  readonly pedantic: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly noResponders: boolean;
  /** Printable, for logs. */
  readonly name: string;
  readonly key: string;
  readonly signature: string;
}

/** The argument of CONNECT, or undefined if it is none. */
export function readConnect(argument: string): ConnectOptions | undefined {
  try {
    const { no_responders, nkey, sig, name, ...rest } = connectSchema.parse(JSON.parse(argument));
    const printable = name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64);
    return { ...rest, name: printable, noResponders: no_responders, key: nkey, signature: sig };
  } catch {
    return undefined;
  }
}

/** Whether the client signed this connection's nonce with the key that it names. */
export function isProofOfKey(options: ConnectOptions, greeting: Greeting): boolean {
  const signature = Buffer.from(options.signature, 'base64url');
  return verifier(options.key, Buffer.from(greeting.nonce), signature);
}
