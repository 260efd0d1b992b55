/** One variable: its name, and its value to read and to change. */
import { ActionIcon, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import style from './run-controls.module.css';

export function VariableRow(props: {
  readonly name: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly onChange: (value: string) => void;
  readonly onRemove?: () => void;
}) {
  const [value, setValue] = useState(props.value);
  const commit = () => {
    if (value !== props.value) props.onChange(value);
  };
  return (
    <div className={style['variableRow']}>
      <code title={props.name}>{props.name}</code>
      <TextInput
        aria-label={`Value of ${props.name}`}
        value={value}
        readOnly={props.readOnly}
        onChange={(event) => setValue(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
      {props.onRemove ? (
        <ActionIcon aria-label={`Remove ${props.name}`} onClick={props.onRemove}>
          <IconX size={14} />
        </ActionIcon>
      ) : null}
    </div>
  );
}
