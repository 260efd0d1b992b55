/** The rail on the left: the three views. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import { IconArchive, IconPlayerPlay, IconTopologyStar3 } from '@tabler/icons-react';
import { keyText } from '../../components/key-label.tsx';
import { performAction } from '../../stores/actions.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { useSession, type ViewName } from '../../stores/session.ts';
import { views } from './shell-actions.ts';
import style from './shell.module.css';

const icons: Readonly<Record<ViewName, typeof IconArchive>> = {
  run: IconPlayerPlay,
  environment: IconTopologyStar3,
  archive: IconArchive,
};

export function Rail() {
  const shown = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const runShown = useRunSession((state) => state.run !== null);
  const usable: Readonly<Record<ViewName, boolean>> = { run: opened || runShown, environment: opened, archive: true };
  return (
    <nav className={style['rail']} aria-label="Views">
      {views.map(({ name, title, keys }) => {
        const Icon = icons[name];
        return (
          <Tooltip key={name} label={`${title} (${keyText(keys)})`} position="right">
            <UnstyledButton
              className={style['railButton']}
              aria-current={usable[name] && shown === name ? 'page' : undefined}
              disabled={!usable[name]}
              onClick={() => performAction(`view.${name}`)}
            >
              <Icon size={20} stroke={1.6} aria-hidden />
              <span>{title}</span>
            </UnstyledButton>
          </Tooltip>
        );
      })}
    </nav>
  );
}
