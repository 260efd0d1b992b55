/** That an answer is awaited, how long already, and the way out; and what stands there when there is none. */
import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Work } from '../../stores/asked-work.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { useNow } from '../../components/use-now.ts';
import style from './releases.module.css';
import { secondsText } from '#shared/wording/durations.ts';

/** ms after which it is told how long an answer is awaited. */
const tellingFrom = 2_000;

/** `what`: `Judging`, before the dots. */
export function Working({ what, since, onCancel }: { readonly what: string; readonly since: number; readonly onCancel: () => void }) {
  const now = useNow(500);
  const elapsed = now - since;
  return (
    <span className={style['working']} role="status">
      <Loader size={14} /> {what}
      {elapsed >= tellingFrom ? `, ${secondsText(elapsed, Math.floor)}` : ''} …
      <Button className={style['small'] ?? ''} onClick={onCancel}>
        Cancel
      </Button>
    </span>
  );
}

interface WorkStateProps<Asked, Answer> {
  readonly work: Work<Asked, Answer>;
  readonly what: string;
  readonly onCancel: () => void;
  readonly onAgain: () => void;
  /** `comparing`: since when (ms since 1970) something newer is awaited; null: this is the answer. */
  readonly children: (answer: Answer, asking: number | null) => ReactNode;
}

/** An answer as it stands: awaited, given up, refused, or there. */
export function WorkState<Asked, Answer>({ work, what, onCancel, onAgain, children }: WorkStateProps<Asked, Answer>) {
  switch (work.kind) {
    case 'nothing':
      return null;
    case 'asking':
      if (work.before) return children(work.before.answer, work.since);
      return (
        <div className={style['middle']}>
          <Working what={what} since={work.since} onCancel={onCancel} />
        </div>
      );
    case 'cancelled':
      return (
        <EmptyState title="It was cancelled">
          <Button onClick={onAgain}>Ask again</Button>
        </EmptyState>
      );
    case 'failed':
      return (
        <EmptyState title="This could not be told">
          <p>{inertText(work.problem.message)}</p>
          {work.problem.tip !== undefined && <p>{inertText(work.problem.tip)}</p>}
          <Button onClick={onAgain}>Ask again</Button>
        </EmptyState>
      );
    case 'answered':
      return children(work.answer, null);
  }
}
