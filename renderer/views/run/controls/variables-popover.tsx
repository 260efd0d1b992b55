/** Variables: of the run while one goes on (to watch and change), of the next run before it starts. */
import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconVariable } from '@tabler/icons-react';
import { useState } from 'react';
import { entriesOf } from '#shared/run/run-state.ts';
import { createRunOptions, useRunOptions } from '../../../stores/run-options.ts';
import { hasControl, useRunConsoles } from '../../../stores/run-consoles.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import { VariableRow } from './variable-row.tsx';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';

export function VariablesPopover() {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={360} trapFocus>
      <Popover.Target>
        <Tooltip label="Variables">
          <ActionIcon aria-label="Variables" onClick={() => setOpen(!open)}>
            <IconVariable size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Variables />
      </Popover.Dropdown>
    </Popover>
  );
}

function Variables() {
  const stores = useStores();
  const { act } = stores.get(createRunSession);
  const runOptions = stores.get(createRunOptions);
  const { state, live } = useRunSession();
  const chosen = useRunOptions((options) => options.variables);
  const control = useRunConsoles(hasControl);
  const active = live && (state.status === 'running' || state.status === 'paused');
  const fixed = state.status === 'finished' || (active && !control);
  const shown = active || state.status === 'finished' ? entriesOf(state.variables) : Object.entries(chosen);
  const change = (name: string, value: string) => {
    if (active) void act({ kind: 'set-variable', name, value });
    else runOptions.setState({ variables: { ...chosen, [name]: value } });
  };
  const remove = (name: string) => {
    const { [name]: _, ...rest } = chosen;
    runOptions.setState({ variables: rest });
  };
  return (
    <div>
      <p className={style['variablesWhat']}>
        {active
          ? 'Variables of this run; a change is recorded.'
          : state.status === 'finished'
            ? 'Variables when the run ended.'
            : 'Variables and parameters of the next run.'}
      </p>
      {shown.map(([name, value]) => (
        <VariableRow
          key={`${name} ${value}`}
          name={name}
          value={value}
          readOnly={fixed}
          onChange={(next) => change(name, next)}
          {...(!active && state.status !== 'finished' && { onRemove: () => remove(name) })}
        />
      ))}
      {shown.length === 0 ? <p className={style['variablesWhat']}>None yet.</p> : null}
      {fixed ? null : <NewVariable onAdd={change} />}
    </div>
  );
}

function NewVariable({ onAdd }: { readonly onAdd: (name: string, value: string) => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const valid = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return (
    <form
      className={style['variableRow']}
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        onAdd(name, value);
        setName('');
        setValue('');
      }}
    >
      <TextInput
        aria-label="Name of a new variable"
        placeholder="name"
        value={name}
        error={name !== '' && !valid}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        aria-label="Value of the new variable"
        placeholder="value"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!valid}>
        Set
      </Button>
    </form>
  );
}
