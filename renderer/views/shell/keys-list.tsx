/** All keys, by group; made of the same list of actions as the keys themselves. */
import { Modal, Text } from '@mantine/core';
import { KeyLabel } from '../../components/key-label.tsx';
import { useActions, type Action } from '../../stores/actions.ts';
import { createShell, useShell } from './shell-store.ts';
import style from './shell.module.css';
import { useStores } from '../../stores/context.ts';

function Group({ name, actions }: { readonly name: string; readonly actions: readonly Action[] }) {
  return (
    <section className={style['keyGroup']}>
      <h3>{name}</h3>
      <dl>
        {actions.map((action) => (
          <div key={action.id}>
            <dt>{action.title}</dt>
            <dd>
              {action.keys?.map((key) => (
                <KeyLabel key={key} keys={key} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function KeysList() {
  const shell = useStores().get(createShell);
  const listed = useShell((state) => state.keysListed);
  const actions = useActions((state) => state.actions);
  const withKeys = [...actions.values()].filter((action) => (action.keys?.length ?? 0) > 0);
  const groups = [...Map.groupBy(withKeys, (action) => action.group)];
  return (
    <Modal opened={listed} onClose={() => shell.setState({ keysListed: false })} title="Keys" size={960}>
      <Text className="muted">Everything else is in the palette: press F1 and type what you want to do.</Text>
      <div className={style['keys']}>
        {groups.map(([name, members]) => (
          <Group key={name} name={name} actions={members} />
        ))}
      </div>
    </Modal>
  );
}
