/** `testops runs accept|reject|undecide|annotate|remarks`: what people say about a run, beside it. */
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRun } from '../named-run.ts';
import { inert, type Terminal } from '../terminal.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { Remark, RemarkBody } from '#shared/run/remarks.ts';
import type { Cause, Decision } from '#shared/run/run-words.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

interface Options {
  readonly archive: string | undefined;
}

/** Decides on each of the runs; one that cannot be decided on keeps nobody from the others. */
export function decide(decision: Decision, named: readonly string[], options: Options & { readonly reason?: string }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    for (const run of await Promise.all(named.map((each) => findRun(core, each)))) {
      const told = await say(core, terminal, run, { kind: 'decision', decision, text: options.reason ?? '' });
      if (told) terminal.line(`${run} ${decision}`);
    }
  });
}

export interface AnnotateOptions extends Options {
  readonly cause?: Cause;
  readonly reference?: string;
  readonly finding?: string;
  readonly withdraw?: number;
}

/** Adds a note or, with `cause`, why the run is as it is; or takes an earlier remark back. */
export function annotate(named: string, words: readonly string[], options: AnnotateOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const remark = remarkFrom(words.join(' '), options);
    const told = await say(core, terminal, run, remark);
    if (told) terminal.line(`${run} remark ${told.number}: ${remarkWords(told)}`);
  });
}

function remarkFrom(text: string, { cause, reference, finding, withdraw }: AnnotateOptions): RemarkBody {
  if (withdraw !== undefined) return { kind: 'withdrawal', remark: withdraw };
  if (cause !== undefined) return { kind: 'cause', cause, reference: reference ?? null, text, finding: finding ?? null };
  if (reference !== undefined || finding !== undefined) {
    throw new ProblemError({ code: 'no-cause', message: 'A reference or a finding belongs to a cause.', tip: 'Say which with --cause.' });
  }
  if (text === '') throw new ProblemError({ code: 'no-text', message: 'There is nothing to note.', tip: 'Write the note after the run.' });
  return { kind: 'note', time: null, text };
}

async function say(core: Core, terminal: Terminal, run: RunId, remark: RemarkBody): Promise<Remark | null> {
  try {
    return (await core.request('runs.remark', { run, remark })).remark;
  } catch (failure) {
    terminal.problem(problemOf(failure));
    process.exitCode = exitCodes.error;
    return null;
  }
}

/** All that was said about a run, what was taken back marked as such. */
export function remarks(named: string, options: Options & { readonly json?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const said = (await core.request('runs.remarks', { run })).remarks;
    if (options.json) {
      for (const remark of said) terminal.line(JSON.stringify(remark));
      return;
    }
    if (said.length === 0) return terminal.line(`Nobody said anything about ${run}.`);
    const withdrawn = new Set(said.flatMap((remark) => (remark.kind === 'withdrawal' ? [remark.remark] : [])));
    for (const remark of said) {
      const line = `${String(remark.number).padStart(3)}  ${dateAndTimeUtc(remark.saidAt)}  ${inert(remark.author)}  ${remarkWords(remark)}`;
      terminal.line(withdrawn.has(remark.number) ? terminal.colours.strikethrough(`${line} (taken back)`) : line);
    }
  });
}

function remarkWords(remark: Remark): string {
  const behind = (text: string): string => (text === '' ? '' : `: ${inert(text)}`);
  switch (remark.kind) {
    case 'decision':
      return `${remark.decision}${behind(remark.text)}`;
    case 'cause': {
      const reference = remark.reference === null ? '' : ` ${inert(remark.reference)}`;
      return `${remark.cause}${reference}${remark.finding === null ? '' : ` (${inert(remark.finding)})`}${behind(remark.text)}`;
    }
    case 'note':
      return `note${remark.time === null ? '' : ` at ${dateAndTimeUtc(remark.time)}`}${behind(remark.text)}`;
    case 'bookmark':
      return `bookmark at ${dateAndTimeUtc(remark.time)}${behind(remark.text)}`;
    case 'withdrawal':
      return `takes remark ${remark.remark} back`;
  }
}
