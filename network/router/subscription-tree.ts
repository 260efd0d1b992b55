/**
 * Who hears a subject. Subscriptions hang in a tree of tokens; what a subject matched is remembered until a change of
 * the subscriptions could have changed it.
 */
import { hasWildcard } from './subject-matching.ts';

export interface TreeMember {
  readonly pattern: string;
  /** Members of one queue group share its messages; undefined hears everything. */
  readonly queue: string | undefined;
}

export interface Matched<Member> {
  readonly plain: readonly Member[];
  /** One list per queue group. */
  readonly groups: readonly (readonly Member[])[];
}

interface Branch<Member> {
  readonly children: Map<string, Branch<Member>>;
  readonly members: Set<Member>;
}

/** Remembered subjects; beyond this many the memory starts anew, so that random subjects cannot fill it. */
const rememberedLimit = 8_192;

function newBranch<Member>(): Branch<Member> {
  return { children: new Map(), members: new Set() };
}

export class SubscriptionTree<Member extends TreeMember> {
  private readonly root: Branch<Member> = newBranch();
  private readonly remembered = new Map<string, Matched<Member>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(member: Member): void {
    let branch = this.root;
    for (const token of member.pattern.split('.')) {
      let next = branch.children.get(token);
      if (!next) branch.children.set(token, (next = newBranch()));
      branch = next;
    }
    branch.members.add(member);
    this.count++;
    this.forget(member.pattern);
  }

  remove(member: Member): void {
    const path: [Branch<Member>, string][] = [];
    let branch: Branch<Member> | undefined = this.root;
    for (const token of member.pattern.split('.')) {
      path.push([branch, token]);
      branch = branch.children.get(token);
      if (!branch) return;
    }
    if (!branch.members.delete(member)) return;
    this.count--;
    this.forget(member.pattern);
    for (const [parent, token] of path.reverse()) {
      const child = parent.children.get(token);
      if (!child || child.members.size > 0 || child.children.size > 0) return;
      parent.children.delete(token);
    }
  }

  /** Everyone who hears this literal subject. */
  match(subject: string): Matched<Member> {
    const known = this.remembered.get(subject);
    if (known) return known;
    const found: Member[] = [];
    const tokens = subject.split('.');
    if (!tokens.includes('')) collect(this.root, tokens, 0, found);
    const matched = arrange(found);
    if (this.remembered.size >= rememberedLimit) this.remembered.clear();
    this.remembered.set(subject, matched);
    return matched;
  }

  /** A literal pattern changes the answer for one subject only; inboxes come and go often. */
  private forget(pattern: string): void {
    if (hasWildcard(pattern)) this.remembered.clear();
    else this.remembered.delete(pattern);
  }
}

function collect<Member>(branch: Branch<Member>, tokens: readonly string[], depth: number, found: Member[]): void {
  const token = tokens[depth];
  if (token === undefined) {
    found.push(...branch.members);
    return;
  }
  const rest = branch.children.get('>');
  if (rest) found.push(...rest.members);
  const any = branch.children.get('*');
  if (any) collect(any, tokens, depth + 1, found);
  // A published `*` or `>` is an ordinary token, but no subscriber asked for it literally.
  const same = token === '*' || token === '>' ? undefined : branch.children.get(token);
  if (same) collect(same, tokens, depth + 1, found);
}

function arrange<Member extends TreeMember>(found: readonly Member[]): Matched<Member> {
  const groups = new Map<string, Member[]>();
  for (const member of found) {
    if (member.queue === undefined) continue;
    const group = groups.get(member.queue);
    if (group) group.push(member);
    else groups.set(member.queue, [member]);
  }
  return { plain: found.filter((member) => member.queue === undefined), groups: [...groups.values()] };
}
