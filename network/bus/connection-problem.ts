/** Why a connection to the router failed, in one sentence with a tip. */
import { AuthorizationError, TimeoutError, UserAuthenticationExpiredError } from '@nats-io/nats-core';
import { ProblemError } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import type { RouterUrl } from './router-url.ts';

type Reason = Omit<Problem, 'severity'>;

const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EPIPE']);
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** The router ended the connection before it was ready, and did not say why. */
export class ClosedEarlyError extends Error {
  override readonly name = 'ClosedEarlyError';
}

/** The problem behind whatever a connection attempt threw. */
export function connectionProblem(failure: unknown, url: RouterUrl): Problem {
  if (failure instanceof ProblemError) return failure.problem;
  return { severity: 'error', ...reasonOf(failure, url) };
}

function reasonOf(failure: unknown, url: RouterUrl): Reason {
  const codes = codesOf(failure);
  const message = failure instanceof Error ? failure.message : String(failure);
  if (failure instanceof AuthorizationError) {
    const holder = /^authorization violation: (.*) is connected with this key$/i.exec(message)?.[1];
    if (holder !== undefined) return keyInUse(url, holder);
  }
  if (failure instanceof AuthorizationError || failure instanceof UserAuthenticationExpiredError) return refusedKey(url);
  if (failure instanceof ClosedEarlyError) return closedEarly(url);
  if (codes.includes('ENOTFOUND') || codes.includes('EAI_AGAIN')) {
    return {
      code: 'router-name-unknown',
      message: `The router's host name "${url.host}" cannot be resolved.`,
      tip: 'Check the URL and the name service.',
    };
  }
  return tlsReason(codes, message, url) ?? reachReason(failure, codes, message, url);
}

function closedEarly(url: RouterUrl): Reason {
  return {
    code: 'router-closed',
    message: `The router at ${url.text} closed the connection before it was ready.`,
    tip: url.encrypted
      ? 'It may want a client certificate that it trusts: name "certificate" and "key".'
      : 'It may be ending, or have too many connections.',
  };
}

function refusedKey(url: RouterUrl): Reason {
  return {
    code: 'router-refused-key',
    message: `The router at ${url.text} refused the key.`,
    tip: "Add the key's public part (U…) to the router's users, or name the right key file.",
  };
}

function keyInUse(url: RouterUrl, holder: string): Reason {
  return {
    code: 'router-key-in-use',
    message: `The router at ${url.text} has another connection with this key, of ${holder}, and refused this one.`,
    tip: 'Stop the other daemon, or give this one a name, a key and a state folder of its own; a cloned host brings those of its original.',
  };
}

function reachReason(failure: unknown, codes: readonly string[], message: string, url: RouterUrl): Reason {
  if (failure instanceof TimeoutError || codes.includes('ETIMEDOUT')) {
    return {
      code: 'router-silent',
      message: `The router at ${url.text} did not answer in time.`,
      tip: 'Check that a router listens there and that no firewall swallows the traffic.',
    };
  }
  if (url.encrypted && codes.some((code) => code === 'ECONNRESET' || code === 'EPIPE')) return closedEarly(url);
  if (codes.some((code) => unreachable.has(code)) || /connection refused|undefined error|socket hang up/.test(message)) {
    return {
      code: 'router-unreachable',
      message: `No router answers at ${url.text}.`,
      tip: 'Start one with "testops router", or check host and port.',
    };
  }
  if (/unexpected response from server|Unexpected server response|Parse Error|JSON/i.test(message)) {
    return { code: 'not-a-router', message: `What listens at ${url.text} is not a router.`, tip: 'Check scheme and port of the URL.' };
  }
  return {
    code: 'router-connection',
    message: `Connecting to the router at ${url.text} failed: ${message.replace(/[.\s]+$/, '')}.`,
    tip: 'Check the URL and whether the router runs.',
  };
}

function tlsReason(codes: readonly string[], message: string, url: RouterUrl): Reason | undefined {
  if (codes.some((code) => untrusted.has(code))) {
    return {
      code: 'router-untrusted',
      message: `The certificate of the router at ${url.text} is not trusted.`,
      tip: 'Name the certificate authority that signed it in "ca".',
    };
  }
  if (codes.includes('ERR_TLS_CERT_ALTNAME_INVALID')) {
    return {
      code: 'router-untrusted',
      message: `The certificate of the router is not for "${url.host}".`,
      tip: 'Use a host name that the certificate lists.',
    };
  }
  if (codes.includes('CERT_HAS_EXPIRED') || codes.includes('CERT_NOT_YET_VALID')) {
    return {
      code: 'router-untrusted',
      message: `The certificate of the router at ${url.text} is not valid now.`,
      tip: 'Renew it, or set the clock right.',
    };
  }
  if (/certificate required|bad certificate|unknown ca|handshake failure/i.test(message)) {
    return {
      code: 'router-wants-certificate',
      message: `The router at ${url.text} wants a client certificate that it trusts.`,
      tip: 'Name "certificate" and "key", signed by an authority that the router knows.',
    };
  }
  if (/is not available on this server|does not support .?(secure|tls)|tls.*not available/i.test(message)) {
    return {
      code: 'router-without-tls',
      message: `The router at ${url.text} does not offer TLS.`,
      tip: 'Use nats:// (or ws://), or configure TLS at the router.',
    };
  }
  if (codes.some((code) => code.startsWith('ERR_SSL_') || code === 'EPROTO')) {
    return { code: 'not-a-router', message: `What listens at ${url.text} does not speak TLS.`, tip: 'Check scheme and port of the URL.' };
  }
  return undefined;
}

/** System and TLS codes of an error and of what caused it. */
function codesOf(failure: unknown): string[] {
  const codes: string[] = [];
  for (let each = failure, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if ('code' in each && typeof each.code === 'string') codes.push(each.code);
    if (each instanceof AggregateError) codes.push(...each.errors.flatMap(codesOf));
  }
  return codes;
}
