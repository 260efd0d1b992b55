/**
 * What a user of the router may publish and hear. Roles become lists of allowed and denied patterns, with the same
 * meaning as in a nats-server, so that the same users can move there.
 */
import type { EnvironmentName } from '#shared/identifiers.ts';
import { askedKinds, inboxPrefix, publishedKinds, requestKinds, subjectRoot } from '#shared/protocol/subjects.ts';
import { covers } from './subject-matching.ts';
import { RecentMap } from '#shared/recent-map.ts';

export type Role = 'daemon' | 'operator' | 'viewer';
export const roles: readonly Role[] = ['daemon', 'operator', 'viewer'];

export interface SubjectRules {
  /** Undefined: everything; empty: nothing. */
  readonly allow?: readonly string[];
  /** Wins over `allow`. */
  readonly deny?: readonly string[];
}

export interface Permissions {
  readonly publish?: SubjectRules;
  readonly subscribe?: SubjectRules;
  /** Lets a user answer the requests that it received, whatever their reply subject outside the monitoring network. */
  readonly allowResponses?: {
    /** Messages per request; negative: any number. */
    readonly maximum: number;
    /** ms after the request; negative: for ever. */
    readonly expires: number;
  };
}

/** Answers to a command come until it ends, those to a spool request in any number. */
const daemonResponses = { maximum: -1, expires: 24 * 60 * 60_000 };

/** The core answers a worker once. */
const operatorResponses = { maximum: 1, expires: 60_000 };

/** What a role may do in one environment; for a daemon `user` is the daemon's name. */
export function permissionsFor(role: Role, environment: EnvironmentName, user: string): Permissions {
  const root = `testops.${environment}`;
  const inbox = `${inboxPrefix(user)}.>`;
  const observed = publishedKinds.map((kind) => `${root}.${kind}.*`);
  switch (role) {
    case 'daemon':
      return {
        publish: { allow: [...publishedKinds, ...askedKinds].map((kind) => `${root}.${kind}.${user}`) },
        subscribe: { allow: [...requestKinds.map((kind) => `${root}.${kind}.${user}`), inbox] },
        allowResponses: daemonResponses,
      };
    case 'operator':
      return {
        publish: { allow: requestKinds.map((kind) => `${root}.${kind}.*`) },
        // Not what others ask of daemons: whoever hears a request may answer it, and would answer in a daemon's name.
        subscribe: { allow: [...observed, ...askedKinds.map((kind) => `${root}.${kind}.*`), inbox] },
        allowResponses: operatorResponses,
      };
    case 'viewer':
      return {
        publish: { allow: [`${root}.describe.*`, `${root}.spool.*`] },
        subscribe: { allow: [...observed, inbox] },
      };
  }
}

/** The same in several environments at once. */
export function permissionsForAll(role: Role, environments: readonly EnvironmentName[], user: string): Permissions {
  const each = environments.map((environment) => permissionsFor(role, environment, user));
  const together = (lists: readonly (readonly string[] | undefined)[]): string[] => [...new Set(lists.flatMap((list) => list ?? []))];
  const responses = each[0]?.allowResponses;
  return {
    publish: { allow: together(each.map(({ publish }) => publish?.allow)) },
    subscribe: { allow: together(each.map(({ subscribe }) => subscribe?.allow)) },
    ...(responses && { allowResponses: responses }),
  };
}

type Patterns = readonly (readonly string[])[];

function split(patterns: readonly string[]): Patterns {
  return patterns.map((pattern) => pattern.split('.'));
}

function anyCovers(patterns: Patterns, subject: readonly string[]): boolean {
  return patterns.some((pattern) => covers(pattern, subject));
}

function isOurs(subject: string): boolean {
  return subject === subjectRoot || subject.startsWith(`${subjectRoot}.`);
}

/** Subjects of which it is remembered whether they may be published on. */
const rememberedLimit = 1_024;
/** Requests whose answers are still allowed; beyond this many the oldest can no longer be answered. */
const answerableLimit = 16_384;

/** Decides for one connection. */
export class Gatekeeper {
  private readonly mayPublish: Patterns | undefined;
  private readonly mayNotPublish: Patterns;
  private readonly maySubscribe: Patterns | undefined;
  private readonly mayNotSubscribe: Patterns;
  private readonly responses: Permissions['allowResponses'];
  private readonly published = new RecentMap<string, boolean>(rememberedLimit);
  private readonly answerable = new RecentMap<string, { left: number; until: number }>(answerableLimit);
  private readonly now: () => number;
  /** Whether single messages must be looked at although their subscription was allowed. */
  readonly filtersDelivery: boolean;

  constructor(permissions: Permissions, now: () => number) {
    const { publish, subscribe, allowResponses } = permissions;
    // Who may answer requests but has no list of subjects may publish nothing else.
    const allowed = publish?.allow ?? (allowResponses ? [] : undefined);
    this.mayPublish = allowed && split(allowed);
    this.mayNotPublish = split(publish?.deny ?? []);
    this.maySubscribe = subscribe?.allow && split(subscribe.allow);
    this.mayNotSubscribe = split(subscribe?.deny ?? []);
    this.responses = allowResponses;
    this.now = now;
    this.filtersDelivery = this.mayNotSubscribe.length > 0;
  }

  canPublish(subject: string): boolean {
    let allowed = this.published.get(subject);
    if (allowed === undefined) {
      const tokens = subject.split('.');
      allowed = (!this.mayPublish || anyCovers(this.mayPublish, tokens)) && !anyCovers(this.mayNotPublish, tokens);
      this.published.set(subject, allowed);
    }
    return allowed || this.canAnswer(subject);
  }

  canSubscribe(pattern: string): boolean {
    const tokens = pattern.split('.');
    return (!this.maySubscribe || anyCovers(this.maySubscribe, tokens)) && !anyCovers(this.mayNotSubscribe, tokens);
  }

  /** Whether one message may be handed to an allowed subscription with wildcards. */
  canHear(subject: string): boolean {
    return !anyCovers(this.mayNotSubscribe, subject.split('.'));
  }

  /**
   * A request was delivered: its reply subject may be published to. Not one of the monitoring network: whoever may send
   * requests could else lend one daemon's key another daemon's subjects.
   */
  allowAnswers(reply: string): void {
    if (!this.responses || reply === '' || isOurs(reply)) return;
    const { maximum, expires } = this.responses;
    this.answerable.set(reply, {
      left: maximum < 0 ? Number.POSITIVE_INFINITY : maximum,
      until: expires < 0 ? Number.POSITIVE_INFINITY : this.now() + expires,
    });
  }

  private canAnswer(subject: string): boolean {
    const answer = this.answerable.get(subject);
    if (!answer) return false;
    if (answer.left <= 0 || this.now() > answer.until) {
      this.answerable.delete(subject);
      return false;
    }
    answer.left--;
    return true;
  }
}
