/** What was decided about a run, in word and colour. */
import { IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import type { Decision } from '#shared/run/run-words.ts';
import style from './decisions.module.css';

const icons = { accepted: IconCircleCheck, rejected: IconCircleX, undecided: IconCircleDashed } as const;

export function DecisionLabel({ decision }: { readonly decision: Decision }) {
  const Icon = icons[decision];
  return (
    <span className={style['label']} data-decision={decision}>
      <Icon size={13} aria-hidden />
      {decision}
    </span>
  );
}
