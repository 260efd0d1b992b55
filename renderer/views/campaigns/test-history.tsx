/** The past of a test in its details: results over revisions, how its duration goes, how intermittent it is, and its quarantine. */
import { Button, Group, Modal, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { durationText } from '#shared/wording/durations.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import type { NamedTest } from '../../stores/campaigns/campaign-tests.ts';
import { createTestHistory, useTestHistory, type TestPast } from '../../stores/campaigns/test-history.ts';
import { useStores } from '../../stores/context.ts';
import { useSession } from '../../stores/session.ts';
import { burnInText, durationTrendText, flakinessTold, lookOfPast, pastLabel, quarantineTold } from './test-history-words.ts';
import style from './campaigns.module.css';

/** Campaigns that are told in words; the bars show all that are remembered. */
const mostTold = 8;
/** Days for which a test is put into quarantine unless somebody says otherwise; as many as it may be. */
const usualDays = 14;

type PastCampaign = TestPast['campaigns'][number];

/** A bar for each campaign, the latest on the right: as high as it took, told apart by colour and, where it was not passed, by its notch. */
function Bars({ campaigns }: { readonly campaigns: readonly PastCampaign[] }) {
  const longest = Math.max(1, ...campaigns.map(({ duration }) => duration));
  return (
    <div className={style['pastBars']} role="img" aria-label={pastLabel(campaigns)}>
      {campaigns.map((each) => {
        const { tone, words } = lookOfPast(each);
        return (
          <span
            key={each.campaign}
            data-tone={tone}
            style={{ height: `${Math.max(12, (100 * each.duration) / longest)}%` }}
            title={`${each.revision}, ${dateAndTime(each.startedAt)}: ${words}, ${durationText(each.duration)}`}
          />
        );
      })}
    </div>
  );
}

function ToldCampaigns({ campaigns }: { readonly campaigns: readonly PastCampaign[] }) {
  return (
    <table className={style['pastTable']} aria-label="Results over revisions">
      <tbody>
        {campaigns
          .slice(-mostTold)
          .toReversed()
          .map((each) => {
            const { tone, sign, words } = lookOfPast(each);
            return (
              <tr key={each.campaign}>
                <td className="clipped">{inertText(each.revision)}</td>
                <td className={style['toned']} data-tone={tone} title={each.cause === null ? undefined : inertText(each.cause.text)}>
                  {sign} {words}
                </td>
                <td>{durationText(each.duration)}</td>
                <td className="muted">{dateAndTime(each.startedAt)}</td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}

function Quarantine({ past }: { readonly past: TestPast | null }) {
  const { askQuarantine, changeQuarantine } = useStores().get(createTestHistory);
  const isLive = useSession((state) => state.connection.kind === 'connected');
  const entry = past?.quarantine ?? null;
  if (!entry)
    return (
      <Button disabled={!isLive} onClick={askQuarantine} title="It is executed and does not decide, for a while (Q)">
        Put into quarantine…
      </Button>
    );
  const { text, isOver } = quarantineTold(entry, Date.now());
  return (
    <>
      <p className={style['toned']} data-tone={isOver ? 'fail' : 'warn'}>
        {text}
      </p>
      <p>
        {inertText(entry.reason)} {entry.reference !== '' && <code>{inertText(entry.reference)}</code>}
      </p>
      <Group gap="xs">
        <Button
          disabled={!isLive}
          onClick={() => void changeQuarantine({ kind: 'take-out' }, 'It decides again, from the next campaign on.')}
        >
          Take out
        </Button>
        <Button
          disabled={!isLive}
          onClick={() => void changeQuarantine({ kind: 'extend', days: usualDays }, 'It stays in quarantine for longer, this once.')}
        >
          Extend once
        </Button>
      </Group>
    </>
  );
}

function Past({ past }: { readonly past: TestPast }) {
  const { tone, text } = flakinessTold(past.flakiness);
  const burnIn = burnInText(past.burnIn);
  return (
    <>
      <p>
        <span className={style['toned']} data-tone={tone}>
          {text}
        </span>
      </p>
      {burnIn !== null && <p>{burnIn}</p>}
      <p>{durationTrendText(past.duration)}</p>
      <Bars campaigns={past.campaigns} />
      <ToldCampaigns campaigns={past.campaigns} />
    </>
  );
}

function QuarantineForm({ test }: { readonly test: string }) {
  const { changeQuarantine, close } = useStores().get(createTestHistory);
  const operator = useSession((state) => state.operator ?? state.information?.operator ?? '');
  const refusal = useTestHistory((state) => state.refusal);
  const [owner, setOwner] = useState(operator);
  const [reason, setReason] = useState('');
  const [reference, setReference] = useState('');
  const [days, setDays] = useState<number | string>(usualDays);
  const isWhole = owner.trim() !== '' && reason.trim() !== '' && Number(days) >= 1;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const change = {
          kind: 'put',
          owner: owner.trim(),
          reason: reason.trim(),
          reference: reference.trim(),
          days: Number(days),
        } as const;
        if (isWhole) void changeQuarantine(change, 'It is in quarantine from the next campaign on.');
      }}
    >
      <p>
        <code>{inertText(test)}</code> is executed and does not decide, until the last day. It is written into quarantine.yaml beside the
        environment file, to be committed with the tests.
      </p>
      <TextInput
        label="Why"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={2_000}
        mb="sm"
        data-autofocus
      />
      <TextInput label="Who mends it" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} maxLength={128} mb="sm" />
      <TextInput
        label="Reference, as to a defect"
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
        maxLength={1_000}
        mb="sm"
      />
      <NumberInput label="Days" min={1} max={usualDays} allowDecimal={false} value={days} onChange={setDays} mb="md" />
      {refusal && (
        <p role="alert" className={style['toned']} data-tone="fail">
          {inertText(refusal.message)} {refusal.tip !== undefined && inertText(refusal.tip)}
        </p>
      )}
      <Group justify="flex-end" gap="sm">
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={!isWhole}>
          Put into quarantine
        </Button>
      </Group>
    </form>
  );
}

/** @param standing what changes when the test was executed again */
export function TestHistoryPart({
  test,
  view,
  standing,
}: {
  readonly test: NamedTest;
  readonly view: CampaignView;
  readonly standing: string;
}) {
  const { lookAt, close } = useStores().get(createTestHistory);
  const { past, problem, isAsked } = useTestHistory();
  useEffect(() => lookAt(test, view), [test.suite, test.test, view.campaign, view.endedAt, standing]);
  return (
    <section className={style['attempt']} aria-label="History of the test">
      <h3>History</h3>
      {past && <Past past={past} />}
      {problem && <p className="muted">{inertText(problem.message)}</p>}
      <Quarantine past={past} />
      <Modal opened={isAsked} onClose={close} title="Into quarantine" size={520} closeButtonProps={{ 'aria-label': 'Close' }}>
        <QuarantineForm test={test.test} />
      </Modal>
    </section>
  );
}
