/** The bars that go across a view or a panel: with controls for all of it, or with what is to be known of it. */
import type { KeyboardEvent, ReactNode } from 'react';
import style from './toolbar.module.css';

/**
 * `view` over a whole view, `facts` over one with what is to be known of all of it, `panel` over a panel of the Run view,
 * `run` and `replay` over all of its panels, `head` with the name of a part, `line` with a line of text.
 */
export type BarKind = 'view' | 'facts' | 'panel' | 'run' | 'replay' | 'head' | 'line';

interface BarProps {
  readonly kind?: BarKind;
  /** Where what it tells changes by itself. */
  readonly role?: 'status';
  readonly children: ReactNode;
}

export function Bar({ kind = 'view', role, children }: BarProps) {
  return (
    <div className={style['bar']} data-bar={kind} role={role}>
      {children}
    </div>
  );
}

interface ToolbarProps extends Omit<BarProps, 'role'> {
  readonly label: string;
}

/**
 * Left and right, Home and End go from button to button. Each is a stop of Tab as well, since fields stand between them that
 * have these keys to themselves; and a replay has them to itself while it is shown.
 */
export function Toolbar({ label, kind = 'view', children }: ToolbarProps) {
  return (
    <div className={style['bar']} data-bar={kind} role="toolbar" aria-label={label} onKeyDown={moveBetweenButtons}>
      {children}
    </div>
  );
}

function moveBetweenButtons(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button:not([disabled], [tabindex="-1"])')];
  const next = buttons[placeAfter(event.key, buttons.indexOf(event.target as HTMLElement), buttons.length)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Where a key leads from one of so many; nowhere: -1. */
function placeAfter(key: string, current: number, count: number): number {
  if (current === -1) return -1;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, current - 1);
    case 'ArrowRight':
      return Math.min(count - 1, current + 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}
