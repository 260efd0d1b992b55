/** A question to the core that a view shows: being asked, given up, refused or answered; what was shown before stays until the answer comes. */
import { problemOf, type Problem } from '#shared/problem.ts';

/** `since`: ms since 1970. */
export type Work<Asked, Answer> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'asking'; readonly asked: Asked; readonly since: number; readonly before: Answered<Asked, Answer> | null }
  | { readonly kind: 'cancelled'; readonly asked: Asked }
  | { readonly kind: 'failed'; readonly asked: Asked; readonly problem: Problem }
  | Answered<Asked, Answer>;

export interface Answered<Asked, Answer> {
  readonly kind: 'answered';
  readonly asked: Asked;
  readonly answer: Answer;
}

/** What is shown: the answer, or while another one is awaited the one before. */
export function shownAnswer<Asked, Answer>(work: Work<Asked, Answer>): Answered<Asked, Answer> | null {
  if (work.kind === 'answered') return work;
  return work.kind === 'asking' ? work.before : null;
}

export interface WorkPlace<Asked, Answer> {
  readonly current: () => Work<Asked, Answer>;
  readonly put: (work: Work<Asked, Answer>) => void;
}

/** Asks, and puts what comes of it into its place, unless something else was asked or it was given up meanwhile. */
export async function askWork<Asked, Answer>(
  { current, put }: WorkPlace<Asked, Answer>,
  asked: Asked,
  answering: (isWanted: () => boolean) => Promise<Answer>,
  now = Date.now,
): Promise<void> {
  const work: Work<Asked, Answer> = { kind: 'asking', asked, since: now(), before: shownAnswer(current()) };
  put(work);
  const isWanted = () => current() === work;
  try {
    const answer = await answering(isWanted);
    if (isWanted()) put({ kind: 'answered', asked, answer });
  } catch (failure) {
    if (isWanted()) put({ kind: 'failed', asked, problem: problemOf(failure) });
  }
}

/** Gives a question up: its answer is not waited for any more. */
export function giveUp<Asked, Answer>({ current, put }: WorkPlace<Asked, Answer>): void {
  const work = current();
  if (work.kind === 'asking') put({ kind: 'cancelled', asked: work.asked });
}
