/**
 * Who may come in to the web host: requests that name this host (a foreign name means DNS rebinding), pages of this very
 * origin, and browsers that were given the one-time link.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Compares secrets in the same time wherever they differ. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

const newSecret = (): string => randomBytes(32).toString('base64url');
/** Links that wait to be used; older ones expire when there are more. */
const maximumLinks = 16;

export class Admission {
  private readonly hosts: ReadonlySet<string>;
  private readonly cookieName: string;
  private readonly cookie = newSecret();
  private links: string[] = [];

  /** `hosts`: the host names, with port, under which this host is known. Cookies ignore ports, so their name carries it. */
  constructor(hosts: readonly string[], port: number) {
    this.hosts = new Set(hosts);
    this.cookieName = `testops-console-${port}`;
  }

  /** A new one-time token for a link. */
  newToken(): string {
    const token = newSecret();
    this.links = [...this.links, token].slice(-maximumLinks);
    return token;
  }

  /** Takes a token once; the answer is the cookie that it is exchanged for, or null when it is not, or no longer, valid. */
  exchange(token: string): string | null {
    const found = this.links.find((link) => sameSecret(token, link));
    if (found === undefined) return null;
    this.links = this.links.filter((link) => link !== found);
    return `${this.cookieName}=${this.cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** The host that a request names, if it is this one. */
  host(request: IncomingMessage): string | null {
    const name = request.headers.host?.toLowerCase();
    return name !== undefined && this.hosts.has(name) ? name : null;
  }

  /** Whether the browser was let in before. */
  knows(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
    const prefix = `${this.cookieName}=`;
    return cookies.some((cookie) => cookie.startsWith(prefix) && sameSecret(cookie.slice(prefix.length), this.cookie));
  }

  /** Whether a WebSocket is opened by a page of this origin. */
  fromOwnPage(request: IncomingMessage): boolean {
    const host = this.host(request);
    return host !== null && request.headers.origin === `http://${host}`;
  }
}
