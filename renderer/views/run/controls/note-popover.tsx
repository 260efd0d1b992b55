/** A note of the operator, marked on the time axis and kept in the run's log. */
import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconNote } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { createActions } from '../../../stores/actions.ts';
import { useControlTip } from './use-control-tip.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';

export function NotePopover(props: { readonly enabled: boolean; readonly onNote: (text: string) => Promise<boolean> }) {
  const { registerActions } = useStores().get(createActions);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const { enabled } = props;
  const tip = useControlTip('Note on the time axis (F7)', enabled);
  useEffect(
    () =>
      registerActions([
        {
          id: 'run.note',
          title: 'Note on the time axis',
          group: 'Run',
          keys: ['Mod+Shift+N', 'F7'],
          whileTyping: true,
          enabled: () => enabled,
          perform: () => setOpen(true),
        },
      ]),
    [enabled],
  );
  const submit = async () => {
    if (text.trim() !== '' && (await props.onNote(text.trim()))) {
      setText('');
      setOpen(false);
    }
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target>
        <Tooltip label={tip}>
          <ActionIcon aria-label="Note on the time axis" disabled={!enabled} onClick={() => setOpen(!open)}>
            <IconNote size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={style['promptForm']}
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <TextInput
            aria-label="Note"
            placeholder="What did you notice?"
            value={text}
            w={280}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit">Note</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
