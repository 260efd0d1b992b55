/** What is asked before a campaign is started, stopped or given another priority. */
import { Button, Checkbox, Group, Loader, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { SuiteName } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView } from '#shared/contract/campaigns.ts';
import type { Problem } from '#shared/problem.ts';
import { ConfirmationButtons } from '../../components/confirmation-buttons.tsx';
import { inertText } from '../../components/inert-text.ts';
import { createCampaignDeeds, useCampaignDeeds, type StartChoices } from '../../stores/campaigns/campaign-deeds.ts';
import { shownCampaign, useCampaigns } from '../../stores/campaigns/campaigns.ts';
import { useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useStores } from '../../stores/context.ts';
import style from './campaigns.module.css';

function Refusal({ problem }: { readonly problem: Problem }) {
  return (
    <div className={style['refusal']} role="alert">
      <p>{inertText(problem.message)}</p>
      {problem.tip !== undefined && <p className="muted">{inertText(problem.tip)}</p>}
    </div>
  );
}

function StartForm({ choices }: { readonly choices: StartChoices }) {
  const { start, close } = useStores().get(createCampaignDeeds);
  const { refusal, starting } = useCampaignDeeds();
  const { files, suites } = choices;
  const [file, setFile] = useState(files.find(({ problems }) => problems.length === 0)?.file ?? files[0]?.file ?? null);
  const [revision, setRevision] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const first = useRef<HTMLInputElement>(null);
  // What may be started is known only after the dialog has opened.
  useEffect(() => first.current?.focus(), []);
  const broken = files.find((each) => each.file === file)?.problems[0];
  const chosen = suites.filter(({ name }) => !left.has(name));
  const turn = (name: string): void =>
    setLeft((before) => new Set(before.has(name) ? [...before].filter((each) => each !== name) : [...before, name]));
  if (files.length === 0)
    return (
      <p>
        This workspace has no campaign file. Write <code>campaigns/nightly.yaml</code> with at least <code>campaign: nightly</code>, and
        suites under <code>suites/</code>.
      </p>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (file === null) return;
        // Unless some are left out, the campaign file itself says which.
        const named = left.size > 0 ? chosen.map(({ name }) => name as SuiteName) : null;
        void start(file, revision.trim(), named);
      }}
    >
      <Select
        label="Campaign"
        data={files.map((each) => ({ value: each.file, label: each.title === each.name ? each.name : `${each.name}: ${each.title}` }))}
        value={file}
        onChange={setFile}
        allowDeselect={false}
        mb="sm"
      />
      <TextInput
        ref={first}
        label="Revision under test"
        placeholder="As the environment says"
        value={revision}
        onChange={(event) => setRevision(event.currentTarget.value)}
        maxLength={128}
        spellCheck={false}
        mb="sm"
      />
      {suites.length > 1 && (
        <fieldset className={style['suites']}>
          <legend>Suites; unless you leave some out, those that the campaign names</legend>
          {suites.map(({ name, adapter }) => (
            <Checkbox
              key={name}
              size="xs"
              label={adapter === null ? name : `${name} (${adapter})`}
              checked={!left.has(name)}
              onChange={() => turn(name)}
            />
          ))}
        </fieldset>
      )}
      {broken && <Refusal problem={broken} />}
      {refusal && <Refusal problem={refusal} />}
      <Group justify="flex-end" gap="sm">
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" variant="filled" loading={starting} disabled={chosen.length === 0 && suites.length > 0}>
          Start
        </Button>
      </Group>
    </form>
  );
}

function StartDialog() {
  const { close } = useStores().get(createCampaignDeeds);
  const { dialog, choices, refusal } = useCampaignDeeds();
  return (
    <Modal opened={dialog === 'start'} onClose={close} title="Start a campaign" size={520} closeButtonProps={{ 'aria-label': 'Close' }}>
      {choices ? <StartForm choices={choices} /> : refusal ? <Refusal problem={refusal} /> : <Loader size={16} />}
    </Modal>
  );
}

function StopQuestion({ summary }: { readonly summary: CampaignSummary }) {
  const { act, close } = useStores().get(createCampaignDeeds);
  const [reason, setReason] = useState('');
  const stop = (): void => void act(summary.campaign, { kind: 'stop', reason: reason.trim() }, `${summary.name} is being stopped.`);
  return (
    <>
      <p>
        What is executed now is ended, and nothing more begins. Tests without a verdict are <em>not run</em>.
      </p>
      <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={1_000} mb="md" />
      <ConfirmationButtons safe="Let it go on" onSafe={close} risky="Stop the campaign" onRisky={stop} destructive />
    </>
  );
}

const wholeCampaign = '';

function PriorityForm({ view }: { readonly view: CampaignView }) {
  const { act, close } = useStores().get(createCampaignDeeds);
  const [suite, setSuite] = useState<string>(wholeCampaign);
  const [priority, setPriority] = useState<number | string>(10);
  const data = [
    { value: wholeCampaign, label: 'The whole campaign' },
    ...view.suites.map((each) => ({ value: each.suite, label: each.suite })),
  ];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const named = view.suites.find((each) => each.suite === suite)?.suite ?? null;
        void act(
          view.campaign,
          { kind: 'prioritise', suite: named, priority: Number(priority) },
          `${named ?? view.name} has priority ${priority} now.`,
        );
      }}
    >
      <Select label="Of" data={data} value={suite} onChange={(value) => setSuite(value ?? wholeCampaign)} allowDeselect={false} mb="sm" />
      <NumberInput
        label="Priority; higher goes first"
        min={-1_000}
        max={1_000}
        allowDecimal={false}
        value={priority}
        onChange={setPriority}
        mb="md"
        data-autofocus
      />
      <Group justify="flex-end" gap="sm">
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={priority === ''}>
          Set
        </Button>
      </Group>
    </form>
  );
}

export function DeedDialogs() {
  const { close } = useStores().get(createCampaignDeeds);
  const dialog = useCampaignDeeds((state) => state.dialog);
  const summary = useCampaigns(shownCampaign);
  const view = useLiveCampaign((state) => state.view);
  const common = { onClose: close, size: 460, closeButtonProps: { 'aria-label': 'Close' } };
  return (
    <>
      <StartDialog />
      <Modal {...common} opened={dialog === 'stop' && summary !== null} title={`Stop ${summary?.name ?? 'the campaign'}?`}>
        {summary && <StopQuestion summary={summary} />}
      </Modal>
      <Modal {...common} opened={dialog === 'priority' && view !== null} title="Priority">
        {view && <PriorityForm view={view} />}
      </Modal>
    </>
  );
}
