/** The headers that every answer of the web host carries, and the rules for what the page may load and do. */

/**
 * What the page may load: its own scripts, workers, styles and fonts, and its own connection to the core; nothing else,
 * nothing inline but styles (which the component library sets).
 */
export function contentSecurityPolicy(connections: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `connect-src 'self' ${connections}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `connections`: further sources that the page may connect to, such as `ws://127.0.0.1:4321`. */
export function securityHeaders(connections: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(connections),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
  };
}

/** Of the radiator's page, which is given to whoever asks: its own scripts, styles and data, nothing inline, nothing else. */
export function radiatorHeaders(): Record<string, string> {
  const policy = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "font-src 'self'", 'img-src data:'];
  return {
    ...securityHeaders(''),
    'Content-Security-Policy': [...policy, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join('; '),
  };
}
