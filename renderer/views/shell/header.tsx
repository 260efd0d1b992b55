/** What is open, at a glance: workspace and commit, environment and release, operator; why it is not live; the palette. */
import { ActionIcon, Button, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconFolder, IconHelp, IconMoon, IconSearch, IconServer2, IconSun, IconTag, IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { keyText } from '../../components/key-label.tsx';
import { absenceOf } from '../../stores/absent-daemons.ts';
import { createActions } from '../../stores/actions.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { useSession } from '../../stores/session.ts';
import { useTrust } from '../../stores/trust.ts';
import { useOpening } from '../../stores/workspace.ts';
import { NotLiveBanner } from './not-live-banner.tsx';
import style from './shell.module.css';
import { useStores } from '../../stores/context.ts';

interface FactProps {
  readonly icon: ReactNode;
  /** What it is, for those who do not see the icon. */
  readonly name: string;
  readonly label: string;
  readonly action: string;
  readonly children: ReactNode;
}

/** One fact; pressing it changes it. */
function Fact({ icon, name, label, action, children }: FactProps) {
  const { performAction } = useStores().get(createActions);
  return (
    <Tooltip label={label}>
      <UnstyledButton className={style['fact']} onClick={() => performAction(action)}>
        {icon}
        <VisuallyHidden>{name} </VisuallyHidden>
        <span className="clipped">{children}</span>
      </UnstyledButton>
    </Tooltip>
  );
}

const iconSize = 14;

function WorkspaceFact() {
  const workspace = useSession((state) => state.workspace);
  const restricted = useTrust((state) => state.standing === 'restricted');
  if (!workspace) return null;
  const standing = restricted ? 'restricted' : (workspace.commit && `commit ${workspace.commit}`) || 'not a repository';
  const commit = workspace.commit?.replace(/^([0-9a-f]{8})[0-9a-f]+/, '$1') ?? null;
  return (
    <Fact
      icon={<IconFolder size={iconSize} aria-hidden />}
      name="Workspace"
      label={`Workspace ${workspace.folder}, ${standing}. Open another`}
      action="workspace.open"
    >
      {workspace.name}
      {commit && <span className="code muted"> {commit}</span>}
    </Fact>
  );
}

/** How the chosen environment stands, in a few words. */
function environmentState(environment: EnvironmentStatus | null, coreLost: boolean): { readonly word: string; readonly kind: string } {
  if (coreLost) return { word: 'unknown', kind: 'not-live' };
  if (environment === null) return { word: 'connecting', kind: 'muted' };
  if (!environment.connected) return { word: 'not connected', kind: 'not-live' };
  const absence = absenceOf(environment);
  return absence === null ? { word: 'connected', kind: 'ok' } : { word: absence, kind: 'not-live' };
}

/** While a run of the past is shown, its environment and release stand where those of the present do. */
function ReplayedFacts() {
  const started = useRunSession((state) => state.state.started);
  if (!started) return null;
  return (
    <>
      <Tooltip label="Environment of the replayed run">
        <span className={style['plainFact']} data-replayed>
          <IconServer2 size={iconSize} aria-hidden />
          <span className="clipped">{started.environment}</span>
        </span>
      </Tooltip>
      <Tooltip label="Release candidate of the replayed run">
        <span className={style['plainFact']} data-replayed>
          <IconTag size={iconSize} aria-hidden />
          <span className="clipped">{started.release}</span>
        </span>
      </Tooltip>
    </>
  );
}

function EnvironmentFacts() {
  const workspace = useSession((state) => state.workspace);
  const file = useSession((state) => state.environmentFile);
  const environment = useSession((state) => state.environment);
  const coreLost = useSession((state) => state.connection.kind === 'lost');
  const starts = useOpening((state) => state.opening?.startsEnvironment === true);
  if (!workspace) return null;
  const name = environment?.environment ?? workspace.environments.find((each) => each.file === file)?.name;
  const state = environmentState(environment, coreLost);
  return (
    <>
      <Fact
        icon={<IconServer2 size={iconSize} aria-hidden />}
        name="Environment"
        label={
          name ? `Environment ${name}, ${state.word}. Switch to another` : starts ? 'Environment starting …' : 'No environment. Choose one'
        }
        action="environment.switch"
      >
        {name ?? (starts ? 'Environment starting …' : 'No environment')}
        {name && ' '}
        {name && (
          <span className={style['state']} data-kind={state.kind}>
            {state.word}
          </span>
        )}
      </Fact>
      {environment && (
        <Tooltip label="Release candidate under test">
          <span className={style['plainFact']}>
            <IconTag size={iconSize} aria-hidden />
            <span className="clipped">{environment.release}</span>
          </span>
        </Tooltip>
      )}
    </>
  );
}

export function Header() {
  const { performAction } = useStores().get(createActions);
  const theme = useSession((state) => state.theme);
  const view = useSession((state) => state.view);
  const replaying = useRunSession((state) => state.archived && state.run !== null);
  const replayed = replaying && (view === 'run' || view === 'environment');
  const operator = useSession((state) => state.operator ?? state.information?.operator ?? null);
  return (
    <header className={style['header']}>
      <div className={style['facts']}>
        <WorkspaceFact />
        {replayed ? <ReplayedFacts /> : <EnvironmentFacts />}
      </div>
      <NotLiveBanner />
      <div className={style['headerEnd']}>
        {operator && (
          <Tooltip label="Operator: commands are signed with this operator's key">
            <span className={style['plainFact']}>
              <IconUser size={iconSize} aria-hidden />
              <VisuallyHidden>Operator </VisuallyHidden>
              <span className="clipped">{operator}</span>
            </span>
          </Tooltip>
        )}
        <Button leftSection={<IconSearch size={iconSize} />} onClick={() => performAction('palette.open')} className={style['find']}>
          Find an action <kbd className={style['keyHint']}>{keyText('Mod+P')}</kbd>
        </Button>
        <Tooltip label={theme === 'dark' ? 'Light theme' : 'Dark theme'}>
          <ActionIcon aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'} onClick={() => performAction('theme.toggle')}>
            {theme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="All keys (?)">
          <ActionIcon aria-label="All keys" onClick={() => performAction('keys.list')}>
            <IconHelp size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
    </header>
  );
}
