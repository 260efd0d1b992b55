/** The rail on the left: the views. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import { keyText } from '../../components/key-label.tsx';
import { createActions } from '../../stores/actions.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { useSession } from '../../stores/session.ts';
import style from './shell.module.css';
import { isUsable, views } from './views.tsx';
import { useStores } from '../../stores/context.ts';

export function Rail() {
  const { performAction } = useStores().get(createActions);
  const shown = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const runShown = useRunSession((state) => state.run !== null);
  return (
    <nav className={style['rail']} aria-label="Views">
      {views.map((view) => {
        const { name, title, keys, icon: Icon } = view;
        const usable = isUsable(view, opened, runShown);
        return (
          <Tooltip key={name} label={`${title} (${keyText(keys)})`} position="right">
            <UnstyledButton
              className={style['railButton']}
              aria-current={usable && shown === name ? 'page' : undefined}
              disabled={!usable}
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
