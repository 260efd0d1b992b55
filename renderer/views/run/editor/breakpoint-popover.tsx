/** The small form at a breakpoint: on what condition it stops, and from which time on. */
import { Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import { createBreakpoints } from '../../../stores/breakpoints.ts';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createScenarioBackground } from '../../../stores/scenario-background.ts';
import { useSession } from '../../../stores/session.ts';
import { createBreakpointEditing, breakpointOf, judge, useBreakpointEditing, type EditedBreakpoint } from './breakpoint-editing.ts';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

export function BreakpointPopover({ onClosed }: { readonly onClosed: () => void }) {
  const breakpointEditing = useStores().get(createBreakpointEditing);
  const edited = useBreakpointEditing((state) => state.edited);
  const close = (): void => {
    breakpointEditing.setState({ edited: null });
    onClosed();
  };
  if (!edited) return null;
  return (
    <Popover opened onChange={close} onDismiss={close} position="bottom-start" offset={2} trapFocus withinPortal withRoles={false}>
      <Popover.Target>
        <div className={style['breakpointAnchor']} style={{ top: edited.top, left: edited.left }} />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={`Breakpoint at line ${edited.line + 1}`}>
        <BreakpointForm key={`${edited.scenario}:${edited.line}`} edited={edited} close={close} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** The scenario in front with what it calls, whose variables a condition may name. */
function programAround(stores: Stores, scenario: string): Program {
  const program = stores.get(createScenarioBackground).writtenProgram();
  if (program?.scenarios.has(scenario)) return program;
  return {
    root: scenario,
    scenarios: new Map([[scenario, parseScenario(scenario, stores.get(createOpenFiles).activeScenario()?.text ?? '').scenario]]),
  };
}

function BreakpointForm({ edited, close }: { readonly edited: EditedBreakpoint; readonly close: () => void }) {
  const stores = useStores();
  const { breakpointAt, setBreakpoint, removeBreakpoint } = stores.get(createBreakpoints);
  const { scenario, line } = edited;
  const before = breakpointAt(scenario, line);
  const [condition, setCondition] = useState(before?.condition ?? '');
  const [hits, setHits] = useState(before?.hits === undefined ? '' : String(before.hits));
  const catalogue = useSession((state) => state.catalogue);
  const program = useMemo(() => programAround(stores, scenario), [scenario]);
  const found = judge({ condition, hits }, scenario, program, catalogue);
  const typed = breakpointOf({ condition, hits }, edited, found);
  const wrong = found.condition?.severity === 'error' ? found.condition.message : null;
  const set = (): void => {
    if (!typed) return;
    setBreakpoint(typed);
    close();
  };
  const remove = (): void => {
    removeBreakpoint(scenario, line);
    close();
  };
  return (
    <form
      className={style['breakpointForm']}
      onSubmit={(event) => {
        event.preventDefault();
        set();
      }}
    >
      <Stack gap={8}>
        <TextInput
          size="xs"
          label={`Stop at line ${line + 1} only where`}
          placeholder="#{smoke_status} == FAIL"
          value={condition}
          error={wrong}
          onChange={(event) => setCondition(event.currentTarget.value)}
          classNames={{ input: style['breakpointCondition'] ?? '' }}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        {wrong === null && found.condition ? (
          <Text size="xs" c="var(--warn)" role="status">
            {found.condition.message}
          </Text>
        ) : null}
        <TextInput
          size="xs"
          label="From which time on"
          placeholder="1"
          inputMode="numeric"
          w={140}
          value={hits}
          error={found.hits}
          onChange={(event) => setHits(event.currentTarget.value)}
          autoComplete="off"
        />
        <Group gap={8} justify="flex-end">
          {before ? (
            <Button size="compact-xs" variant="default" onClick={remove}>
              Remove
            </Button>
          ) : null}
          <Button size="compact-xs" type="submit" disabled={typed === null}>
            Set the breakpoint
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
