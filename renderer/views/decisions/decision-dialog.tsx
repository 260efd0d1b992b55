/** The dialog in which runs are accepted, rejected and annotated, and in which the history of that is read. */
import { Button, Checkbox, Group, Modal, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useMemo, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { RunId } from '#shared/identifiers.ts';
import { causes, type Cause, type Decision } from '#shared/run/run-words.ts';
import { inertText } from '../../components/inert-text.ts';
import { createComparison } from '../../stores/comparison.ts';
import { useRemarks } from '../../stores/remarks.ts';
import { DecisionHistory } from './decision-history.tsx';
import { createDecisions, useDecisions, type DecisionDialog, type ToldFinding } from './decision-store.ts';
import { causeMeanings, decisionMeanings, decisionTitles, toldCause, unexplainedBeside } from './decision-words.ts';
import style from './decisions.module.css';
import { useStores } from '../../stores/context.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';

interface FormProps {
  readonly button: string;
  /** Whether there is enough to be said. */
  readonly ready?: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** Ctrl+Enter says it, also from the text. */
function Form({ button, ready = true, onSubmit, children }: FormProps) {
  const { closeDecisionDialog } = useStores().get(createDecisions);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onSubmit();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <form onSubmit={submit} onKeyDown={pressed} className={style['form']}>
      {children}
      <Group justify="flex-end" gap="sm">
        <Button onClick={closeDecisionDialog}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={!ready}>
          {button}
        </Button>
      </Group>
    </form>
  );
}

/** Runs that are named one by one. */
const shownRuns = 6;

function Runs({ runs }: { readonly runs: readonly RunId[] }) {
  return (
    <Text className={style['runs'] ?? ''} component="p">
      {listed(runs, shownRuns)}
    </Text>
  );
}

function DecisionForm({ runs, decision }: { readonly runs: readonly RunId[]; readonly decision: Decision }) {
  const { decide } = useStores().get(createDecisions);
  const [text, setText] = useState('');
  return (
    <Form button={decisionTitles[decision]} onSubmit={() => void decide(runs, decision, text)}>
      <Runs runs={runs} />
      <Text component="p">{decisionMeanings[decision]}</Text>
      <Textarea
        label="Why (may stay empty)"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={4_000}
        autosize
        minRows={2}
        maxRows={8}
        data-autofocus
      />
    </Form>
  );
}

/** Findings of the shown comparison that nobody explained yet, besides the one that is asked about. */
function useUnexplained(run: RunId | null, finding: ToldFinding | null): readonly ToldFinding[] {
  const { shownWork } = useStores().get(createComparison);
  const remarks = useRemarks(finding === null ? null : run);
  return useMemo(() => {
    const comparison = shownWork()?.comparison;
    if (finding === null || remarks === null || comparison?.candidate.run !== run) return [];
    return unexplainedBeside(comparison.findings, finding.id, remarks);
  }, [run, finding, remarks]);
}

function CauseForm({ runs, finding }: { readonly runs: readonly RunId[]; readonly finding: ToldFinding | null }) {
  const { explain } = useStores().get(createDecisions);
  const [cause, setCause] = useState<Cause | null>(null);
  const [reference, setReference] = useState('');
  const [text, setText] = useState('');
  const [withOthers, setWithOthers] = useState(false);
  const others = useUnexplained(runs[0] ?? null, finding);
  const findings = finding === null ? [] : [finding, ...(withOthers ? others : [])];
  const told = toldCause(cause, reference, text);
  return (
    <Form
      button={finding === null ? 'Annotate' : findings.length === 1 ? 'Tag the finding' : `Tag ${counted(findings.length, 'finding')}`}
      ready={told !== null}
      onSubmit={() => told && void explain(runs, findings, told)}
    >
      {finding === null ? <Runs runs={runs} /> : <Text component="p">{inertText(finding.sentence)}</Text>}
      <Select
        label="Cause"
        placeholder="Choose one"
        data={[...causes]}
        value={cause}
        allowDeselect={false}
        description={cause === null ? 'With a reference or a reason, so that others can follow it.' : causeMeanings[cause]}
        onChange={(value) => setCause(causes.find((each) => each === value) ?? cause)}
        data-autofocus
      />
      <TextInput
        label="Reference"
        placeholder="Number of the defect, address of the change"
        value={reference}
        maxLength={500}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
      <Textarea
        label="Reason (or instead of a reference)"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={4_000}
        autosize
        minRows={2}
        maxRows={8}
      />
      {others.length > 0 && (
        <Checkbox
          label={
            others.length === 1
              ? 'Also tag the other finding that is not explained yet'
              : `Also tag the ${others.length} other findings not explained yet`
          }
          checked={withOthers}
          onChange={(event) => setWithOthers(event.currentTarget.checked)}
        />
      )}
    </Form>
  );
}

function titleOf(dialog: DecisionDialog): string {
  switch (dialog.kind) {
    case 'decision':
      return `${decisionTitles[dialog.decision]} ${counted(dialog.runs.length, 'run')}`;
    case 'cause':
      return dialog.finding === null ? `Why does ${dialog.runs.length === 1 ? 'this run' : 'each of these runs'} differ?` : 'Why is it so?';
    case 'history':
      return `What was said about ${dialog.run}`;
  }
}

export function DecisionDialogs() {
  const { closeDecisionDialog } = useStores().get(createDecisions);
  const dialog = useDecisions((state) => state.dialog);
  return (
    <Modal opened={dialog !== null} onClose={closeDecisionDialog} title={dialog ? titleOf(dialog) : ''} size={520}>
      {dialog?.kind === 'decision' && <DecisionForm runs={dialog.runs} decision={dialog.decision} />}
      {dialog?.kind === 'cause' && <CauseForm runs={dialog.runs} finding={dialog.finding} />}
      {dialog?.kind === 'history' && (
        <DecisionHistory run={dialog.run} empty="Nothing was said about this run yet. Accept or reject it, or annotate it with a cause." />
      )}
    </Modal>
  );
}
