/** Any action by hand: chosen from what the environment offers, its parameters filled in by their types. */
import { Button, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { Parameter } from '#shared/protocol/observations.ts';
import { HazardLabel } from '../../components/hazard-label.tsx';
import { useSession } from '../../stores/session.ts';
import { createManualCommand } from './command-store.ts';
import { actionWords, formProblems, wordsText, type Given } from './command-words.ts';
import style from './command-dialog.module.css';
import { useStores } from '../../stores/context.ts';

type Offered = ScenarioCatalogue['commands'][number];

interface FieldProps {
  readonly parameter: Parameter;
  readonly value: string;
  readonly problem: string | null;
  readonly onChange: (value: string) => void;
}

function boundsText({ minimum, maximum }: Parameter): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maximum === undefined ? '' : `, at most ${maximum}`;
}

function Field({ parameter, value, problem, onChange }: FieldProps) {
  const { name, type, help, default: fallback } = parameter;
  const description = `${type}${boundsText(parameter)}${help ? `: ${help}` : ''}`;
  const common = { label: name, description, error: value === '' ? null : problem, required: fallback === undefined };
  const placeholder = fallback === undefined ? '' : String(fallback);
  const choices = type === 'boolean' ? ['true', 'false'] : type === 'choice' ? (parameter.choices ?? []) : null;
  if (choices) {
    return (
      <Select
        {...common}
        data={[...choices]}
        value={value || null}
        placeholder={placeholder}
        clearable={fallback !== undefined}
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  }
  return <TextInput {...common} value={value} placeholder={placeholder} onChange={(event) => onChange(event.currentTarget.value)} />;
}

function Parameters({ action }: { readonly action: Offered }) {
  const { giveCommand, closeCommand } = useStores().get(createManualCommand);
  const [given, setGiven] = useState<Given>({});
  const problems = formProblems(action.parameters, given);
  const words = actionWords(action.name, action.parameters, given);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problems.size === 0) giveCommand({ words, hazard: action.hazard, daemons: action.daemons });
      }}
    >
      <p className={style['note']}>
        {action.help} <HazardLabel hazard={action.hazard} />
      </p>
      <div className={style['fields']}>
        {action.parameters.map((parameter) => (
          <Field
            key={parameter.name}
            parameter={parameter}
            value={given[parameter.name] ?? ''}
            problem={problems.get(parameter.name) ?? null}
            onChange={(value) => setGiven({ ...given, [parameter.name]: value })}
          />
        ))}
      </div>
      <pre className={style['command']}>{wordsText(words)}</pre>
      <Group justify="flex-end" gap="sm">
        <Button onClick={closeCommand}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={problems.size > 0}>
          {action.hazard === 'none' ? 'Run' : 'Run…'}
        </Button>
      </Group>
    </form>
  );
}

export function ActionForm() {
  const commands = useSession((state) => state.catalogue?.commands) ?? [];
  const [name, setName] = useState<string | null>(commands[0]?.name ?? null);
  const action = commands.find((each) => each.name === name);
  if (commands.length === 0) {
    return <p>No daemon of this environment offers an action. Actions are written in a daemon&apos;s daemon.yaml, under `actions`.</p>;
  }
  return (
    <>
      <Select
        label="Action"
        data={commands.map((each) => ({ value: each.name, label: `${each.name} (${each.source}, ${each.daemons.join(', ') || 'core'})` }))}
        value={name}
        onChange={setName}
        searchable
        allowDeselect={false}
        openOnFocus={false}
        mb="sm"
        data-autofocus
      />
      {action && <Parameters key={action.name} action={action} />}
    </>
  );
}
