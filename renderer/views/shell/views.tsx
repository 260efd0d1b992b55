/** The views of the console, in the order of the rail: a further view is one entry here and a name in `stores/session.ts`. */
import { IconArchive, IconArrowsDiff, IconListCheck, IconPlayerPlay, IconRocket, IconTopologyStar3 } from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import type { ViewName } from '../../stores/session.ts';
import { ArchiveView } from '../archive/index.tsx';
import { EnvironmentView } from '../environment/index.tsx';
import { RunView } from './run-view.tsx';

export interface ViewDefinition {
  readonly name: ViewName;
  readonly title: string;
  readonly keys: string;
  readonly icon: typeof IconArchive;
  /** Without what it cannot be shown: a workspace, a workspace or a run, nothing. */
  readonly needs: 'workspace' | 'workspace or run' | 'nothing';
  readonly component: ComponentType;
  /** Stays where it is while another view is shown: editors keep their place, charts their zoom. */
  readonly stays?: true;
}

const CompareView = lazy(async () => ({ default: (await import('../compare/index.tsx')).CompareView }));
const ReleasesView = lazy(async () => ({ default: (await import('../releases/index.tsx')).ReleasesView }));
const CampaignsView = lazy(async () => ({ default: (await import('../campaigns/index.tsx')).CampaignsView }));

export const views: readonly ViewDefinition[] = [
  { name: 'run', title: 'Run', keys: 'Mod+1', icon: IconPlayerPlay, needs: 'workspace or run', component: RunView, stays: true },
  {
    name: 'environment',
    title: 'Environment',
    keys: 'Mod+2',
    icon: IconTopologyStar3,
    needs: 'workspace or run',
    component: EnvironmentView,
  },
  { name: 'archive', title: 'Archive', keys: 'Mod+3', icon: IconArchive, needs: 'nothing', component: ArchiveView },
  { name: 'compare', title: 'Compare', keys: 'Mod+4', icon: IconArrowsDiff, needs: 'nothing', component: CompareView },
  { name: 'releases', title: 'Releases', keys: 'Mod+5', icon: IconRocket, needs: 'nothing', component: ReleasesView },
  { name: 'campaigns', title: 'Campaigns', keys: 'Mod+6', icon: IconListCheck, needs: 'nothing', component: CampaignsView },
];

/** Whether a view can be shown now. */
export function isUsable({ needs }: Pick<ViewDefinition, 'needs'>, workspaceIsOpen: boolean, runIsShown: boolean): boolean {
  return needs === 'nothing' || workspaceIsOpen || (needs === 'workspace or run' && runIsShown);
}
