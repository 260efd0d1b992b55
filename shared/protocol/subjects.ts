/**
 * The subjects of the monitoring network. Daemons publish on the first four, answer requests on the next three, and those that are workers
 * ask on the last three, which the core answers; a daemon's key lets it publish, ask and answer only under its own name.
 */
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';

/** The first part of all of them. */
export const subjectRoot = 'testops';

/** Kinds of subject that a daemon publishes on. */
export const publishedKinds = ['catalogue', 'presence', 'samples', 'events'] as const;
/** Kinds of subject on which a daemon answers requests. */
export const requestKinds = ['describe', 'spool', 'command'] as const;
/** Kinds of subject on which a worker asks: for work, for stretches of packages, to have its evidence kept. */
export const askedKinds = ['work', 'fetch', 'store'] as const;
const kinds = [...publishedKinds, ...requestKinds, ...askedKinds] as const;
export type SubjectKind = (typeof kinds)[number];

/** `testops.E.samples.D`; `*` in place of a daemon listens to all daemons of the environment. */
export function subject(environment: EnvironmentName, kind: SubjectKind, daemon: DaemonName | '*'): string {
  return `${subjectRoot}.${environment}.${kind}.${daemon}`;
}

/** The parts of a subject of ours, or undefined if it is none. */
export function parseSubject(text: string): { environment: string; kind: SubjectKind; daemon: string } | undefined {
  const [root, environment, kind, daemon, ...rest] = text.split('.');
  if (root !== subjectRoot || !environment || !daemon || rest.length > 0) return undefined;
  const known = kinds.find((each) => each === kind);
  return known && { environment, kind: known, daemon };
}

/** Whether replies may be sent there: to an inbox, never to a subject on which others speak. */
export function isInbox(reply: string): boolean {
  return reply.startsWith('_INBOX');
}

/** Where replies to one user's requests arrive: `_INBOX_alice`. Users may listen only under their own prefix. */
export function inboxPrefix(user: string): string {
  return `_INBOX_${user}`;
}
