/** What a router can be started with. */
import type { TlsMaterial } from '#platform/tls-files.ts';
import type { Permissions } from './permissions.ts';

export interface RouterUser {
  readonly name: string;
  /** Public key, `U…`. */
  readonly key: string;
  readonly permissions: Permissions;
  /** Its key is connected once at the most: a daemon's. */
  readonly single?: boolean | undefined;
}

export interface RouterLogger {
  information(message: string): void;
  warning(message: string): void;
}

/** TLS of a listener: certificate and key, and with `mutual` an authority that must have signed the clients' certificates. */
export interface ListenerTls extends TlsMaterial {
  readonly mutual?: boolean | undefined;
}

export interface RouterLimits {
  /** Bytes in one message. */
  readonly maximumPayload: number;
  /** Bytes that may wait for one client before it is cut off. */
  readonly maximumPending: number;
  readonly maximumConnections: number;
  /** Per client. */
  readonly maximumSubscriptions: number;
  /** ms between pings of a client that is silent. */
  readonly pingInterval: number;
  /** ms in which a client must have proved who it is (and finished its TLS handshake). */
  readonly authenticationTimeout: number;
}

const defaultLimits: RouterLimits = {
  maximumPayload: 1_048_576,
  maximumPending: 16 * 1_048_576,
  maximumConnections: 1_024,
  maximumSubscriptions: 5_000,
  pingInterval: 30_000,
  authenticationTimeout: 2_000,
};

/** Some limits, or none. */
export type GivenLimits = { readonly [Name in keyof RouterLimits]?: RouterLimits[Name] | undefined };

/** The limits given, and the defaults for the others. */
export function completeLimits(given: GivenLimits): RouterLimits {
  return {
    maximumPayload: given.maximumPayload ?? defaultLimits.maximumPayload,
    maximumPending: given.maximumPending ?? defaultLimits.maximumPending,
    maximumConnections: given.maximumConnections ?? defaultLimits.maximumConnections,
    maximumSubscriptions: given.maximumSubscriptions ?? defaultLimits.maximumSubscriptions,
    pingInterval: given.pingInterval ?? defaultLimits.pingInterval,
    authenticationTimeout: given.authenticationTimeout ?? defaultLimits.authenticationTimeout,
  };
}

export interface RouterOptions extends GivenLimits {
  readonly host?: string | undefined;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: ListenerTls | undefined;
  readonly webSocket?:
    | {
        readonly host?: string | undefined;
        readonly port: number;
        readonly tls?: ListenerTls | undefined;
        /** Origins of web pages that may connect (`https://console.example`); programs send none and always may. */
        readonly origins?: readonly string[] | undefined;
      }
    | undefined;
  /** Without users everyone may do everything; only loopback addresses may then be listened on. */
  readonly users?: readonly RouterUser[] | undefined;
  readonly logger?: RouterLogger | undefined;
  /** ms since 1970. */
  readonly now?: (() => number) | undefined;
  /** A number in [0, 1). */
  readonly random?: (() => number) | undefined;
}
