/** An answer that is awaited, was given up, was refused, or is there: what stands in its place. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Work } from '../../stores/asked-work.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Middle } from '../../components/page.tsx';
import { Working } from '../../components/working.tsx';

interface WorkStateProps<Asked, Answer> {
  readonly work: Work<Asked, Answer>;
  readonly what: string;
  readonly onCancel: () => void;
  readonly onAgain: () => void;
  /** `comparing`: since when (ms since 1970) something newer is awaited; null: this is the answer. */
  readonly children: (answer: Answer, asking: number | null) => ReactNode;
}

export function WorkState<Asked, Answer>({ work, what, onCancel, onAgain, children }: WorkStateProps<Asked, Answer>) {
  switch (work.kind) {
    case 'nothing':
      return null;
    case 'asking':
      if (work.before) return children(work.before.answer, work.since);
      return (
        <Middle>
          <Working what={what} since={work.since} onCancel={onCancel} />
        </Middle>
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
