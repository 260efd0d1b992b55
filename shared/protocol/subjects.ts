/**
 * The subjects of the monitoring network. Daemons publish on the first four and answer requests on the last three;
 * a daemon's key lets it publish and answer only under its own name.
 */
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';

/** The first part of all of them. */
export const subjectRoot = 'testops';

/** Kinds of subject that a daemon publishes on. */
export const publishedKinds = ['catalogue', 'presence', 'samples', 'events'] as const;
/** Kinds of subject on which a daemon answers requests. */
export const requestKinds = ['describe', 'spool', 'command'] as const;
export type SubjectKind = (typeof publishedKinds)[number] | (typeof requestKinds)[number];

/** `testops.E.samples.D`; `*` in place of a daemon listens to all daemons of the environment. */
export function subject(environment: EnvironmentName, kind: SubjectKind, daemon: DaemonName | '*'): string {
  return `${subjectRoot}.${environment}.${kind}.${daemon}`;
}

/** The parts of a subject of ours, or undefined if it is none. */
export function parseSubject(text: string): { environment: string; kind: SubjectKind; daemon: string } | undefined {
  const [root, environment, kind, daemon, ...rest] = text.split('.');
  if (root !== subjectRoot || !environment || !daemon || rest.length > 0) return undefined;
  const known = [...publishedKinds, ...requestKinds].find((each) => each === kind);
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
