/** Keeps a failing part of the screen from taking the window with it: says what failed and offers to load it again. */
import { Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { EmptyState } from './empty-state.tsx';

interface ErrorBoundaryProps {
  /** What this part is called: `Charts`. */
  readonly name: string;
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly failure: Error | null;
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failure: null };

  static getDerivedStateFromError(failure: unknown): ErrorBoundaryState {
    return { failure: failure instanceof Error ? failure : new Error(String(failure)) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <EmptyState icon={<IconAlertTriangle />} title={`${this.props.name}: this part of the screen failed`}>
        <Text className="code">{failure.message}</Text>
        <Text>Everything else goes on, the run too. Load this part again; if it fails again, tell us the message above.</Text>
        <Button onClick={() => this.setState({ failure: null })}>Reload panel</Button>
      </EmptyState>
    );
  }
}
