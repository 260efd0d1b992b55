/**
 * Changes to `quarantine.yaml`, as text to text: comments, order and everything else that somebody wrote there stay. The rules are those of the file:
 * an owner and a reason, 14 days at most, and one extension by as much again.
 */
import { isMap, isSeq, parseDocument, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { ProblemError } from '#shared/problem.ts';
import { counted } from '#shared/wording/counts.ts';
import { quarantineDays } from './campaign-files.ts';

const dayLength = 24 * 3_600_000;

export interface NewEntry {
  readonly suite: string;
  readonly test: string;
  readonly owner: string;
  readonly reason: string;
  readonly reference?: string;
  /** From today on. */
  readonly days: number;
}

/** @param text of the file; empty where there is none yet */
export function withEntry(text: string, { suite, test, owner, reason, reference, days }: NewEntry, now: number): string {
  refuseTooLong(days, quarantineDays);
  const document = documentOf(text);
  const list = listOf(document);
  if (entryOf(list, suite, test))
    throw refused('quarantined-already', `${test} of ${suite} is in quarantine already.`, 'Extend it, or take it out.');
  const entry = {
    suite,
    test,
    owner,
    reason,
    ...(reference !== undefined && { reference }),
    since: dayOf(now),
    expires: dayOf(now + days * dayLength),
  };
  if (list.items.length === 0) list.flow = false;
  list.add(document.createNode(entry));
  return textOf(document);
}

/** Once, and by at most as much as it had at first. */
export function withExtension(text: string, suite: string, test: string, days: number): string {
  refuseTooLong(days, quarantineDays);
  const document = documentOf(text);
  const entry = knownEntry(document, suite, test);
  if (entry.get('extended') === true)
    throw refused('extended-already', `${test} of ${suite} was extended already.`, 'Mend the test, or take it out.');
  const [since, expires] = [timeOf(entry, 'since'), timeOf(entry, 'expires')];
  const last = since + 2 * quarantineDays * dayLength;
  entry.set('expires', dayOf(Math.min(expires + days * dayLength, last)));
  entry.set('extended', true);
  return textOf(document);
}

export function withoutEntry(text: string, suite: string, test: string): string {
  const document = documentOf(text);
  const entry = knownEntry(document, suite, test);
  const list = listOf(document);
  list.items.splice(list.items.indexOf(entry), 1);
  if (list.items.length === 0) list.flow = true;
  return textOf(document);
}

function documentOf(text: string): Document {
  const document: Document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw refused('bad-yaml', `quarantine.yaml is no YAML: ${error.message.split('\n')[0] ?? ''}`, 'Mend it first.');
  return document;
}

function listOf(document: Document): YAMLSeq {
  const found = document.contents === null ? undefined : document.get('quarantine');
  if (isSeq(found)) return found;
  const list = document.createNode([]) as unknown as YAMLSeq;
  document.set('quarantine', list);
  return list;
}

function entryOf(list: YAMLSeq, suite: string, test: string): YAMLMap | undefined {
  return list.items.find((item): item is YAMLMap => isMap(item) && item.get('suite') === suite && item.get('test') === test);
}

function knownEntry(document: Document, suite: string, test: string): YAMLMap {
  const entry = entryOf(listOf(document), suite, test);
  if (entry) return entry;
  throw refused('not-quarantined', `${test} of ${suite} is not in quarantine.`, 'testops quarantine list shows what is.');
}

function timeOf(entry: YAMLMap, key: 'since' | 'expires'): number {
  const written = entry.get(key);
  const time = written instanceof Date ? written.getTime() : typeof written === 'string' ? Date.parse(`${written}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time)) throw refused('bad-day', `The entry has no day at ${key}.`, 'Write one, as in 2026-12-24.');
  return time;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function textOf(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

function refuseTooLong(days: number, most: number): void {
  if (days > most)
    throw refused(
      'quarantine-long',
      `A test may be in quarantine for ${most} days, not ${counted(days, 'day')}.`,
      'Mend it, or extend it once when they are over.',
    );
}

function refused(code: string, message: string, tip: string): ProblemError {
  return new ProblemError({ code, message, tip });
}
