/**
 * The answers to a question about something dangerous or that cannot be taken back. The safe one has the focus, so that Enter and Escape
 * both mean no: what a dialog asks is never answered with yes by a key that was on its way already.
 */
import { Button, Group, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import style from './confirmation-buttons.module.css';

export interface ConfirmationButtonsProps {
  /** `Cancel`, `Keep it`. */
  readonly safe: string;
  readonly onSafe: () => void;
  /** What is done: `Start the run`, `Delete`. */
  readonly risky: string;
  readonly onRisky: () => void;
  /** Whether it destroys or kills, and is painted so. */
  readonly destructive?: boolean;
  readonly loading?: boolean;
  readonly size?: NonNullable<ButtonProps['size']>;
  /** Other answers, between the two; they never have the focus. */
  readonly children?: ReactNode;
}

export function ConfirmationButtons({ safe, onSafe, risky, onRisky, destructive, loading, size, children }: ConfirmationButtonsProps) {
  const common = { ...(size !== undefined && { size }) };
  return (
    <Group justify="flex-end" gap="sm">
      {/* In a window the focus trap looks for the attribute; where there is none, the browser for the property. */}
      <Button {...common} variant="default" onClick={onSafe} data-autofocus autoFocus>
        {safe}
      </Button>
      {children}
      <Button
        {...common}
        variant="filled"
        loading={loading ?? false}
        className={(destructive && style['destructive']) || ''}
        onClick={onRisky}
      >
        {risky}
      </Button>
    </Group>
  );
}
