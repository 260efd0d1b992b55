/** What stands where nothing is yet: what belongs here, and what to do to get it. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import style from './empty-state.module.css';

interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
}

export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div className={style['frame']}>
      {icon && (
        <div className={style['icon']} aria-hidden>
          {icon}
        </div>
      )}
      <Text size="md" fw={600} component="p">
        {title}
      </Text>
      {children}
    </div>
  );
}
