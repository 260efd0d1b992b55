/** The Compare view. */
import { EmptyState } from '../../components/empty-state.tsx';

export function CompareView() {
  return <EmptyState title="Compare" />;
}
